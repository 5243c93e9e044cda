import { type Bytes, equalBytes, toBase64Url } from '../bytes.ts';
import { sha256 } from '../crypto/derive.ts';
import { openEntry, readEntryHeader } from '../crypto/entry.ts';
import type { SpaceSecrets } from '../crypto/space-secrets.ts';
import type { StreamId, StreamName } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { StoreDep, StreamPosition, WriterTail } from '../ports/store.ts';
import { nextChain } from '../protocol/chain.ts';
import { followsTail, isUpdate, type ReadError } from './inbox.ts';

/** Entries of a stream that could not be taken in three sessions and were put aside, so that the others go on (SY14). */
export interface Quarantine {
	/** How many entries are put aside. */
	readonly count: number;
	/** Whether it is known that there is none. */
	readonly isClean: boolean;
	/** A session began: what cannot be taken in it counts once more. */
	begin(): void;
	/** Reads what earlier starts put aside, once; not at all where `isEmpty` was found out already. */
	load(isEmpty: boolean): Promise<readonly AsideEntry[]>;
	/**
	 * Notes that an entry cannot be taken. Answers what puts it aside, once that is due; until then the cursor stays in
	 * front of it (R4).
	 */
	failed(entry: Bytes, problem: ReadError, from: StreamPosition): Promise<PutAside | undefined>;
	/** These were put aside, or are no longer: it is on disk. */
	changed(values: Readonly<Record<string, unknown>>): void;
	/** What takes out of quarantine everything up to a place that a snapshot stands for: it was made of all of that. */
	valuesUpTo(seq: number): Readonly<Record<string, undefined>>;
}

/** The advance that puts an entry aside; `values` hold the entry. */
export interface PutAside {
	readonly position: StreamPosition;
	readonly values: Readonly<Record<string, unknown>>;
}

/** An entry put aside that opens now. */
export interface AsideEntry {
	readonly entry: Bytes;
	readonly payload: Bytes;
	/** What takes it out of quarantine. */
	readonly values: Readonly<Record<string, undefined>>;
}

/** Keys of the store; behind it the stream and the number of the entry. Its value is a `QuarantinedEntry`. */
export const QUARANTINE_PREFIX = 'sync/quarantine/';
const TRIES_PREFIX = 'sync/tries/';
/** Sessions in which an entry must fail: a relay or a disk that was out of order for an hour loses nothing. */
const MOST_TRIES = 3;

interface QuarantinedEntry {
	readonly entry: Bytes;
	readonly reason: string;
	/** When it was put aside, ms since the epoch. */
	readonly at: number;
}

/** By number of the entry: how often it could not be taken, if it was this one. */
type Tries = Readonly<Record<string, { readonly hash: string; readonly tries: number }>>;

/** Makes the quarantine of a stream. */
export function createQuarantine(
	deps: StoreDep & ClockDep & { readonly secrets: SpaceSecrets },
	stream: { readonly name: StreamName; readonly id: StreamId },
): Quarantine {
	const prefix = `${QUARANTINE_PREFIX}${stream.name}/`;
	const triesKey = TRIES_PREFIX + stream.name;
	const seqs = new Set<number>();
	const triedNow = new Set<number>();
	let isLoaded = false;

	return {
		get count() {
			return seqs.size;
		},
		get isClean() {
			return isLoaded && seqs.size === 0;
		},
		begin: () => triedNow.clear(),
		load,
		failed,
		changed(values) {
			for (const [key, value] of Object.entries(values)) {
				if (!key.startsWith(prefix)) continue;
				if (value === undefined) seqs.delete(seqOf(key));
				else seqs.add(seqOf(key));
			}
		},
		valuesUpTo: (seq) =>
			Object.fromEntries([...seqs].filter((one) => one <= seq).map((one) => [prefix + one, undefined])),
	};

	async function load(isEmpty: boolean): Promise<readonly AsideEntry[]> {
		if (isLoaded) return [];
		const found = isEmpty ? undefined : await deps.store.values(prefix);
		if (found && !found.ok) return [];
		isLoaded = true;
		const readable: AsideEntry[] = [];
		for (const [key, value] of found?.value ?? []) {
			// The prefix of one stream may be that of another, too.
			if (!Number.isSafeInteger(seqOf(key))) continue;
			seqs.add(seqOf(key));
			const payload = isQuarantined(value) ? await open(value.entry) : undefined;
			if (payload && isQuarantined(value)) readable.push({ entry: value.entry, payload, values: { [key]: undefined } });
		}
		return readable;
	}

	async function open(entry: Bytes): Promise<Bytes | undefined> {
		const place = { space: deps.secrets.space, stream: stream.id };
		const keyOf = (epoch: number) => deps.secrets.streamKey(stream.id, epoch);
		const opened = await openEntry(entry, { place, keyOf });
		return opened.ok && isUpdate(opened.value.payload) ? opened.value.payload : undefined;
	}

	async function failed(entry: Bytes, problem: ReadError, from: StreamPosition): Promise<PutAside | undefined> {
		// The others wait: for keys, for an update of the app, or for a person.
		if (problem.type !== 'Unreadable' && problem.type !== 'NoUpdate') return undefined;
		const seq = from.seq + 1;
		const stored = await deps.store.value(triesKey);
		if (!stored.ok) return undefined;
		const all = isTries(stored.value) ? stored.value : {};
		const hash = toBase64Url(await sha256(entry));
		const before = all[seq]?.hash === hash ? all[seq].tries : 0;
		const tries = triedNow.has(seq) ? before : before + 1;
		triedNow.add(seq);
		if (tries < MOST_TRIES) {
			await deps.store.putValues({ [triesKey]: { ...all, [seq]: { hash, tries } } });
			return undefined;
		}
		const kept: QuarantinedEntry = { entry, reason: problem.type, at: deps.clock.now() };
		const position = await passedOver(entry, from);
		return { position, values: { [prefix + seq]: kept, [triesKey]: without(all, seq) } };
	}

	function seqOf(key: string): number {
		const text = key.slice(prefix.length);
		return /^\d+$/.test(text) ? Number(text) : Number.NaN;
	}
}

/**
 * Behind an entry that nobody here could read. Whose chain is torn by it, only its header says, and that may be what is
 * wrong with it: where it does not continue any chain, each may be the one.
 */
async function passedOver(entry: Bytes, from: StreamPosition): Promise<StreamPosition> {
	const header = readEntryHeader(entry);
	const isIts = header.ok && followsTail(header.value, from);
	const torn = isIts ? [header.value.writer] : Object.keys(from.tails);
	const tails: Record<string, WriterTail> = { ...from.tails };
	for (const writer of torn) {
		const { seq, hash } = tails[writer] ?? { seq: 0, hash: new Uint8Array(32) };
		tails[writer] = { seq, hash, isTorn: true };
	}
	return { seq: from.seq + 1, chain: await nextChain(from.chain, entry), tails };
}

/** The place with a tail mended by an entry that was put aside, if nothing of its writer came after it. */
export async function mendedBy(entry: Bytes, position: StreamPosition): Promise<StreamPosition> {
	const header = readEntryHeader(entry);
	if (!header.ok) return position;
	const { writer, writerSeq, previous } = header.value;
	const tail = position.tails[writer];
	const isNext = tail?.isTorn && writerSeq === tail.seq + 1 && equalBytes(previous, tail.hash);
	if (!isNext) return position;
	return { ...position, tails: { ...position.tails, [writer]: { seq: writerSeq, hash: await sha256(entry) } } };
}

function without(all: Tries, seq: number): Tries | undefined {
	const left = Object.entries(all).filter(([key]) => key !== `${seq}`);
	return left.length > 0 ? Object.fromEntries(left) : undefined;
}

function isQuarantined(value: unknown): value is QuarantinedEntry {
	return typeof value === 'object' && value !== null && 'entry' in value && isBytes(value.entry);
}

function isBytes(value: unknown): value is Bytes {
	return value instanceof Uint8Array && value.buffer instanceof ArrayBuffer;
}

function isTries(value: unknown): value is Tries {
	if (typeof value !== 'object' || value === null) return false;
	return Object.values(value).every(
		(one: unknown) =>
			typeof one === 'object' &&
			one !== null &&
			'hash' in one &&
			typeof one.hash === 'string' &&
			'tries' in one &&
			Number.isSafeInteger(one.tries),
	);
}
