import { wordsOfRoot } from '@pocketeer/core/crypto/recovery-words';
import { createSpaceSecrets } from '@pocketeer/core/crypto/space-secrets';
import type { StreamName } from '@pocketeer/core/ids';
import { foundSpace } from '@pocketeer/core/members/space-identity';
import { createSystemClock, createSystemRandom } from '@pocketeer/core/system';
import { createMemoryStore } from '@pocketeer/core/testing/memory-store';
import * as Y from 'yjs';
import { startRelayProcess } from '../e2e/support/relay-process.ts';
import { until } from '../tests/support.ts';
import { type Figure, spread } from './figure.ts';
import { joinSpace, type NodeDevice, startDevice } from './node-device.ts';
import type { BenchOptions } from './options.ts';
import { openSealedLog } from './sealed-log.ts';
import { elapse } from './wait.ts';

const STREAMS = 5_000;
const FEW_STREAMS = 1_000;
/** After that nothing more comes. */
const QUIET_MS = 2_000;

/** A device that knows thousands of streams comes back, and nothing happened meanwhile. */
export async function benchKnownStreams({ isFull }: BenchOptions): Promise<readonly Figure[]> {
	await using relay = await startRelayProcess();
	const streams = isFull ? STREAMS : FEW_STREAMS;
	const founded = await foundSpace({ clock: createSystemClock(), random: createSystemRandom() });
	const names = Array.from({ length: streams }, (_, index) => `file/known-${index}` as StreamName);
	const log = await openSealedLog(relay.url, founded, createSpaceSecrets(founded.keyRing, founded.spaceId));
	for (const name of names) await log.append(name, someText());
	await log.settled();
	log.close();

	const identity = await joinSpace(relay.url, (await wordsOfRoot(founded.root)).join(' '));
	const store = createMemoryStore();
	const first = startDevice(relay.url, identity, store);
	const firstStarted = performance.now();
	for (const name of names) first.sync.follow(name);
	await inSync(first, 0);
	const firstMs = performance.now() - firstStarted;
	await first[Symbol.asyncDispose]();

	const runs: { readonly ms: number; readonly received: number; readonly sent: number }[] = [];
	while (runs.length < (isFull ? 9 : 5)) {
		await using device = startDevice(relay.url, identity, store);
		const since = device.sync.status.lastSyncedAt ?? Date.now();
		const started = performance.now();
		await inSync(device, since);
		const ms = performance.now() - started;
		await elapse(QUIET_MS);
		runs.push({ ms, received: device.traffic.received, sent: device.traffic.sent });
	}
	const note = `${streams} streams known, none moved`;
	return [
		{
			name: 'back, nothing happened',
			...spread(runs.map(({ ms }) => ms)),
			...{ unit: 'ms', floor: firstMs },
			note: `${note}: from starting the client until it says that all is as the relay has it; floor: its first time, when it read them all`,
		},
		{
			name: 'back, received',
			...spread(runs.map(({ received }) => received)),
			...{ unit: 'B', note: `${QUIET_MS / 1000} s later still` },
		},
		{ name: 'back, sent', ...spread(runs.map(({ sent }) => sent)), unit: 'B', note: 'the same' },
	];
}

/** Resolves when the device says that it is online and was as the relay has it at a moment after `since`. */
function inSync({ sync }: NodeDevice, since: number): Promise<void> {
	return until(sync, () => {
		const { connection, lastSyncedAt } = sync.status;
		return connection.type === 'online' && lastSyncedAt !== undefined && lastSyncedAt > since;
	});
}

function someText(): Uint8Array {
	const doc = new Y.Doc();
	doc.getText('text').insert(0, 'Some words that a file begins with.');
	return Y.encodeStateAsUpdate(doc);
}
