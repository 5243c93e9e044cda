import * as Y from 'yjs';
import { type Bytes, equalBytes } from '../bytes.ts';
import { LARGEST_UPDATE, sealSnapshot } from '../crypto/snapshot.ts';
import type { SpaceSecrets } from '../crypto/space-secrets.ts';
import type { SnapshotId, StreamId, StreamName } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import { newId, type RandomDep } from '../ports/random.ts';
import type { CoveredDoc, StoreDep, StoredDoc, StreamPosition } from '../ports/store.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { ClientMessage, ErrorCode } from '../protocol/messages.ts';
import { docOf } from './log-aside.ts';
import { isWorthSnapshot, type LogSizes } from './snapshot-policy.ts';

/** Makes snapshots of one stream when its log got long (SY12). */
export interface SnapshotMaker {
	/** The relay says what it keeps. If that was asked for, it is decided upon now. */
	head(sizes: LogSizes): Promise<void>;
	/** Entries of so many bytes came behind it. */
	grew(bytes: number): void;
	/** Nothing waits to be sent. */
	calm(): void;
	kept(id: SnapshotId): void;
	refused(code: ErrorCode): void;
	/** Whether `about` is the id of the snapshot being put. */
	isPutting(about: string): boolean;
	/** Whether one is intended, made or put. */
	readonly isBusy: boolean;
	/** The session is over, and all that was begun in it. */
	reset(): void;
}

export type SnapshotMakerDeps = StoreDep &
	ClockDep &
	RandomDep & {
		readonly secrets: SpaceSecrets;
		send(message: ClientMessage): void;
		bufferedBytes(): number;
	};

/** What the maker asks of the link it belongs to. */
export interface SnapshotOccasion {
	/** Whether everything up to the cursor was taken: nothing is put aside (R1). */
	isWhole(): boolean;
	/** Where the stream stands, if all of it is read and nothing of ours waits. */
	place(): StreamPosition | undefined;
	/** Asks the relay for a new `head`. */
	look(): void;
}

/** Devices wait so long, each its own time, so that one of them does the work of all. */
const JITTER_MS = { least: 5_000, most: 60_000 };
/** Bytes on their way that are enough for any network; more would only delay what is said next. */
const SEND_AHEAD_BYTES = 1024 * 1024;
const BUSY_RETRY_MS = 250;

/** `due`: waited for, and put off until nothing of ours waits. */
type Phase = 'idle' | 'waiting' | 'due' | 'looking' | 'making' | 'putting';

interface Made {
	readonly id: SnapshotId;
	readonly covers: number;
	readonly chain: Bytes;
	readonly sealed: Bytes;
}

/** Makes the maker of a stream. */
export function createSnapshotMaker(
	deps: SnapshotMakerDeps,
	stream: { readonly name: StreamName; readonly id: StreamId },
	occasion: SnapshotOccasion,
): SnapshotMaker {
	let phase: Phase = 'idle';
	let sizes: LogSizes | undefined;
	let putting: Made | undefined;
	/** Bytes that came since the snapshot being put was made. */
	let since = 0;
	/** The relay has no room: not again in this session. */
	let isGivenUp = false;
	let timer: Disposable | undefined;
	/** Counts sessions. */
	let session = 0;

	return {
		async head(said) {
			sizes = said;
			if (phase === 'looking' || phase === 'due') await decide();
			else consider();
		},
		grew(bytes) {
			since += bytes;
			if (sizes) sizes = { ...sizes, tailBytes: sizes.tailBytes + bytes };
			consider();
		},
		calm() {
			if (phase === 'due') look();
		},
		kept(id) {
			if (!putting || putting.id !== id) return;
			sizes = { covered: putting.covers, snapshotBytes: putting.sealed.length, tailBytes: since };
			end();
		},
		refused(code) {
			// Somebody was faster, or it is not the time for it: the log is as good without.
			if (code === 'quota' || code === 'too-large') isGivenUp = true;
			end();
		},
		isPutting: (about) => putting?.id === about,
		get isBusy() {
			return phase !== 'idle';
		},
		reset() {
			session++;
			end();
			sizes = undefined;
			isGivenUp = false;
		},
	};

	function consider(): void {
		if (phase !== 'idle' || !isWorth()) return;
		phase = 'waiting';
		const delayMs = JITTER_MS.least + deps.random.fraction() * (JITTER_MS.most - JITTER_MS.least);
		timer = deps.clock.setTimer(delayMs, look);
	}

	/** Another device may have done it meanwhile. */
	function look(): void {
		if (!isWorth()) {
			end();
			return;
		}
		phase = occasion.place() ? 'looking' : 'due';
		if (phase === 'looking') occasion.look();
	}

	async function decide(): Promise<void> {
		if (!isWorth()) return end();
		phase = 'making';
		const mine = session;
		const made = await make();
		if (mine !== session) return;
		if (made === 'later') phase = 'due';
		else if (typeof made === 'object') put(made);
		else end();
	}

	function isWorth(): boolean {
		if (isGivenUp || !sizes || !occasion.isWhole()) return false;
		return isWorthSnapshot(stream.name, sizes, deps.clock.now());
	}

	async function make(): Promise<Made | 'later' | 'never' | undefined> {
		if (!occasion.place()) return 'later';
		since = 0;
		const covered = await deps.store.coveredDoc(stream.name);
		if (!covered.ok) return undefined;
		if (!isCoverable(covered.value, occasion.place())) return 'later';
		const { doc, position } = covered.value;
		const made = await sealWhole(deps, stream.id, { doc, position });
		if (made === 'never') isGivenUp = true;
		return made;
	}

	function put(made: Made): void {
		phase = 'putting';
		putting = made;
		sendFrom(made, 0);
	}

	/** The parts from `index` on, as fast as the network takes them. */
	function sendFrom(made: Made, index: number): void {
		const count = Math.ceil(made.sealed.length / LIMITS.snapshotPart);
		const { id, covers, chain } = made;
		for (let next = index; next < count; next++) {
			if (deps.bufferedBytes() > SEND_AHEAD_BYTES) {
				timer = deps.clock.setTimer(BUSY_RETRY_MS, () => sendFrom(made, next));
				return;
			}
			const part = made.sealed.slice(next * LIMITS.snapshotPart, (next + 1) * LIMITS.snapshotPart);
			deps.send({ type: 'snapshot-put', stream: stream.id, id, covers, chain, index: next, count, part });
		}
	}

	function end(): void {
		timer?.[Symbol.dispose]();
		timer = undefined;
		phase = 'idle';
		putting = undefined;
	}
}

/** R1: whether the document is exactly what the log holds up to its place, and that place is the one we stand at. */
function isCoverable({ position, hasRows }: CoveredDoc, here: StreamPosition | undefined): boolean {
	if (hasRows) return false;
	return here !== undefined && position.seq === here.seq && equalBytes(position.chain, here.chain);
}

/** undefined where no snapshot can be made of the document as it is now; `never` where it is too large for one. */
async function sealWhole(
	deps: SnapshotMakerDeps,
	stream: StreamId,
	{ doc, position }: { readonly doc: StoredDoc; readonly position: StreamPosition },
): Promise<Made | 'never' | undefined> {
	// Its readers could not check what follows for a writer whose newest entry nobody here could read.
	if (Object.values(position.tails).some(({ isTorn }) => isTorn)) return undefined;
	const update = encodeWhole(doc);
	if (!update) return undefined;
	if (update.length > LARGEST_UPDATE) return 'never';
	const { epoch } = deps.secrets;
	const key = await deps.secrets.streamKey(stream, epoch);
	if (!key) throw new Error('the newest epoch has no key');
	const id = newId<SnapshotId>(deps);
	const { seq: covers, chain, tails } = position;
	const place = { space: deps.secrets.space, stream };
	const sealed = await sealSnapshot(deps, { place, key, header: { epoch, id, covers, chain }, tails, update });
	return sealed.length > LIMITS.snapshot ? 'never' : { id, covers, chain, sealed };
}

/** The document without what was deleted, V2 encoding; undefined while it waits for changes it depends on. */
function encodeWhole(stored: StoredDoc): Bytes | undefined {
	const doc = docOf(stored);
	const isWhole = !doc.store.pendingStructs && !doc.store.pendingDs;
	return isWhole ? new Uint8Array(Y.encodeStateAsUpdateV2(doc)) : undefined;
}
