import { wordsOfRoot } from '@pocketeer/core/crypto/recovery-words';
import { createSpaceSecrets } from '@pocketeer/core/crypto/space-secrets';
import type { PersonId, StreamName } from '@pocketeer/core/ids';
import { foundSpace } from '@pocketeer/core/members/space-identity';
import type { Clock } from '@pocketeer/core/ports/clock';
import type { Log } from '@pocketeer/core/ports/log';
import { createSpace } from '@pocketeer/core/space/create-space';
import type { Docs } from '@pocketeer/core/space/space';
import { isWorthSnapshot } from '@pocketeer/core/sync/snapshot-policy';
import { createSystemClock, createSystemRandom } from '@pocketeer/core/system';
import { createMemoryDocs } from '@pocketeer/core/testing/memory-docs';
import { createSeededRandom } from '@pocketeer/core/testing/seeded-random';
import * as Y from 'yjs';
import { expectOk } from '../tests/support.ts';
import { createProse, pathOf } from './big-space.ts';
import { openSealedLog, type SealedLog } from './sealed-log.ts';
import { createSpeaker, NEWEST } from './speaker.ts';

/** A space after a year of use, at a relay; its device is gone. */
export interface Year {
	/** The words that open it. */
	readonly words: string;
	readonly messages: number;
	readonly files: number;
	/** Text of the newest message. */
	readonly newest: string;
	/** A path that is in its tree. */
	readonly path: string;
	readonly entries: number;
	/** Puts the snapshots that devices would have made by now (SY12); answers how many. */
	addSnapshots(): Promise<number>;
	close(): void;
}

const MONTHS = 12;
const log: Log = { info() {}, warn() {} };
const random = createSystemRandom();

/**
 * Makes a year through the real workspace, on documents that go nowhere; what each message and each answer changed
 * becomes one entry a document, as it would between two devices.
 */
export async function makeYear(options: {
	readonly relay: string;
	readonly messagesPerMonth: number;
	readonly files: number;
}): Promise<Year> {
	const { relay, messagesPerMonth, files } = options;
	const clock = createSetClock();
	const founded = await foundSpace({ clock, random });
	const secrets = createSpaceSecrets(founded.keyRing, founded.spaceId);
	const sealed = await openSealedLog(relay, founded, secrets);
	const docs = recordDocs();
	const keep = async () => {
		for (const [stream, update] of docs.take()) await sealed.append(stream, update);
	};

	const turns = Math.floor(messagesPerMonth / 2);
	const prose = createProse(createSeededRandom(1));
	const self = { device: founded.identity.id, person: 'me' as PersonId };
	const deps = { docs, clock, random, log, self };
	clock.set(monthAt(clock.real(), 0));
	const space = expectOk(await createSpace(deps));
	const me = { type: 'person', ...self } as const;
	for (let file = 0; file < files; file++) {
		expectOk(await space.files.write({ path: pathOf(file), text: prose.page() }, me));
		await keep();
	}

	const speaker = createSpeaker({ prose, self, turns: turns * MONTHS });
	const line = expectOk(await space.lines.ensure('Chat')).id;
	for (let month = 0; month < MONTHS; month++) {
		const [from, to] = [monthAt(clock.real(), month), Math.min(monthAt(clock.real(), month + 1), clock.real())];
		// Each month anew, as an app that is started now and then: older months are not in memory.
		const chat = expectOk(await space.lines.open(line));
		for (let turn = 0; turn < turns; turn++) {
			clock.set(Math.floor(from + ((to - from) * (turn + 0.5)) / turns));
			const { question, answer, run } = speaker.turn(clock.now(), line);
			expectOk(await chat.append(question));
			await keep();
			expectOk(await chat.append(answer));
			expectOk(await space.runs.append(run));
			await keep();
		}
		chat[Symbol.dispose]();
	}
	await space.flush();
	await keep();
	await sealed.settled();
	return {
		words: (await wordsOfRoot(founded.root)).join(' '),
		...{ messages: turns * 2 * MONTHS, files, newest: NEWEST, path: pathOf(0) },
		entries: [...sealed.sizes().values()].reduce((sum, { entries }) => sum + entries, 0),
		addSnapshots: () => addSnapshots(sealed, docs, clock.real()),
		close: () => sealed.close(),
	};
}

async function addSnapshots(sealed: SealedLog, docs: RecordedDocs, now: number): Promise<number> {
	let count = 0;
	for (const [stream, { bytes }] of sealed.sizes()) {
		if (!isWorthSnapshot(stream, { covered: 0, snapshotBytes: 0, tailBytes: bytes }, now)) continue;
		await sealed.snapshot(stream, docs.encode(stream));
		count++;
	}
	await sealed.settled();
	return count;
}

/** Start of the so-manieth of the twelve months that end with the present one, by UTC. */
function monthAt(now: number, month: number): number {
	const today = new Date(now);
	return Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - (MONTHS - 1) + month, 1);
}

interface SetClock extends Clock {
	set(now: number): void;
	/** What the system says. */
	real(): number;
}

/** The system's clock with its hands where they are set; timers run as they do. */
function createSetClock(): SetClock {
	const system = createSystemClock();
	let now = system.now();
	return {
		...system,
		now: () => now,
		set(to) {
			now = to;
		},
		real: () => system.now(),
	};
}

interface RecordedDocs extends Docs {
	/** What changed since it was asked last, one update a document. */
	take(): ReadonlyMap<StreamName, Uint8Array>;
	/** The whole of a document, in the V2 encoding. */
	encode(stream: StreamName): Uint8Array;
}

/** Documents in memory that note each change; they stay open. */
function recordDocs(): RecordedDocs {
	const docs = createMemoryDocs();
	const opened = new Map<StreamName, Y.Doc>();
	let changed = new Map<StreamName, Uint8Array[]>();
	return {
		async open(stream) {
			const handle = await docs.open(stream);
			if (!handle.ok || opened.has(stream)) return handle;
			// One handle is kept for good, so that the document stays the one that is listened to.
			const own = await docs.open(stream);
			if (own.ok) opened.set(stream, own.value.doc);
			handle.value.doc.on('update', (update: Uint8Array) => {
				const updates = changed.get(stream) ?? [];
				updates.push(update);
				changed.set(stream, updates);
			});
			return handle;
		},
		follow: (stream) => docs.follow(stream),
		caughtUp: (stream) => docs.caughtUp(stream),
		onArrival: (listener) => docs.onArrival(listener),
		take() {
			const taken = new Map([...changed].map(([stream, updates]) => [stream, Y.mergeUpdates(updates)]));
			changed = new Map();
			return taken;
		},
		encode(stream) {
			const doc = opened.get(stream);
			if (!doc) throw new Error(`${stream} was never opened`);
			return Y.encodeStateAsUpdateV2(doc);
		},
	};
}
