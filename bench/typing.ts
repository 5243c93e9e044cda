import { wordsOfRoot } from '@pocketeer/core/crypto/recovery-words';
import type { StreamName } from '@pocketeer/core/ids';
import { foundSpace, type SpaceIdentity } from '@pocketeer/core/members/space-identity';
import { createSystemClock, createSystemRandom } from '@pocketeer/core/system';
import { createMemoryStore } from '@pocketeer/core/testing/memory-store';
import type * as Y from 'yjs';
import { startRelayProcess } from '../e2e/support/relay-process.ts';
import { expectOk } from '../tests/support.ts';
import { type Figure, spread } from './figure.ts';
import { joinSpace, type NodeDevice, online, startDevice, type Traffic } from './node-device.ts';
import type { BenchOptions } from './options.ts';
import { elapse } from './wait.ts';

const STREAM = 'file/typed-on-two-devices' as StreamName;
/** Target of issue 3, the window in which keystrokes are gathered included. */
const P95_MS = 1_500;
/** Longer than that window: each stroke goes out by itself. */
const APART_MS = 700;
/** Somebody who types 60 words a minute. */
const TYPING_MS = 200;

/** From a keystroke on one device to the same letter in the document of another, and what it weighs on the way. */
export async function benchTyping({ isFull }: BenchOptions): Promise<readonly Figure[]> {
	await using relay = await startRelayProcess();
	const deps = { clock: createSystemClock(), random: createSystemRandom() };
	const founded = await foundSpace(deps);
	await using writer = startDevice(relay.url, founded, createMemoryStore());
	await online(writer);
	const joined: SpaceIdentity = await joinSpace(relay.url, (await wordsOfRoot(founded.root)).join(' '));
	await using reader = startDevice(relay.url, joined, createMemoryStore());
	const [from, to] = [await openText(writer), await openText(reader)];

	await type(from, to, { strokes: 3, everyMs: APART_MS, traffic: writer.traffic });
	const single = await type(from, to, { strokes: isFull ? 60 : 10, everyMs: APART_MS, traffic: writer.traffic });
	const flow = await type(from, to, { strokes: isFull ? 300 : 50, everyMs: TYPING_MS, traffic: writer.traffic });
	return [
		...figuresOf('a keystroke', single, `by itself, each ${APART_MS} ms`),
		...figuresOf('a letter of typing', flow, `without a pause, a letter each ${TYPING_MS} ms`),
	];
}

interface Typed {
	readonly latencies: readonly number[];
	readonly bytes: number;
}

function figuresOf(name: string, { latencies, bytes }: Typed, note: string): readonly Figure[] {
	const sorted = latencies.toSorted((a, b) => a - b);
	const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
	const { min, max } = spread(latencies);
	return [
		{ name: `${name} to the other device, p50`, value: at(0.5), min, max, unit: 'ms', note },
		{ name: `${name} to the other device, p95`, value: at(0.95), unit: 'ms', limit: P95_MS, note: 'the same' },
		{
			name: `${name} on the wire`,
			value: bytes / latencies.length,
			unit: 'B',
			note: `sent by the writer, sealed and padded, per letter; ${latencies.length} letters`,
		},
	];
}

/** Resolves with the text once both sides follow it. */
async function openText(device: NodeDevice): Promise<Y.Text> {
	await online(device);
	const { doc } = expectOk(await device.sync.open(STREAM));
	await device.sync.caughtUp(STREAM);
	return doc.getText('text');
}

/** Types letter after letter, and waits until the last is there. */
async function type(
	from: Y.Text,
	to: Y.Text,
	how: { readonly strokes: number; readonly everyMs: number; readonly traffic: Traffic },
): Promise<Typed> {
	const sentBefore = how.traffic.sent;
	const start = from.length;
	const typedAt: number[] = [];
	const latencies: number[] = [];
	const { promise, resolve } = Promise.withResolvers<void>();
	const look = () => {
		const now = performance.now();
		while (latencies.length < to.length - start) latencies.push(now - (typedAt[latencies.length] ?? now));
		if (latencies.length === how.strokes) resolve();
	};
	to.observe(look);
	for (let stroke = 0; stroke < how.strokes; stroke++) {
		typedAt.push(performance.now());
		from.insert(from.length, String.fromCharCode(97 + (stroke % 26)));
		await elapse(how.everyMs);
	}
	await promise;
	to.unobserve(look);
	return { latencies, bytes: how.traffic.sent - sentBefore };
}
