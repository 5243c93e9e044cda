import type { SpaceSecrets } from '../crypto/space-secrets.ts';
import type { StreamId, StreamName } from '../ids.ts';
import type { LogDep } from '../ports/log.ts';
import type { StoreDep } from '../ports/store.ts';
import type { ClientMessage, RelayMessage } from '../protocol/messages.ts';
import { createStepQueue } from './step-queue.ts';

/** Knows which streams moved at the relay while this device did not follow them, and has them opened (SY11). */
export interface Watching {
	/** A session began. */
	ready(timeline: string): void;
	lost(): void;
	received(message: RelayMessage & { type: 'heads' | 'moved' }): void;
	/** An entry came of a stream that was let go a moment before. */
	strayed(stream: StreamId, seq: number): void;
	/** Somebody wants these here, whether looked at or not: opened if they never were. */
	want(streams: readonly StreamName[]): void;
	/** Notes on disk, before they are opened, which of these were never read to their end. */
	begins(streams: readonly StreamName[]): Promise<void>;
	/** A stream has to be read anew; its mark is on disk with what said so. */
	reread(stream: StreamName): void;
	settled(stream: StreamName): void;
	/** Every open stream was looked at. Answers whether all is worked off: what is known here is as the relay has it. */
	looked(isAtRest: boolean): boolean;
}

export interface WatchingOptions {
	send(message: ClientMessage): void;
	/** Whether a stream is open, so that what moves in it arrives by itself. */
	isLive(stream: StreamName): boolean;
	openLater(streams: readonly StreamName[]): void;
	/** Every stream ever opened on this device, read or not. */
	followed(): Promise<readonly StreamName[]>;
}

/** Kept on disk: up to where all that moved was worked off, by the count of this log of the relay. */
interface Kept {
	readonly timeline: string;
	readonly change: number;
}

/** Keys of the store. */
const CHANGE_KEY = 'sync/change';
/** One for each stream read in part: the count says nothing of what they still lack. Two leaders do not undo each other's. */
export const UNREAD_PREFIX = 'sync/unread/';
const POSITIONS_AT_ONCE = 500;

/** Makes the watch of one tab that leads. */
export function createWatching(
	deps: StoreDep & LogDep & { readonly secrets: SpaceSecrets },
	options: WatchingOptions,
): Watching {
	const { store, secrets } = deps;
	const namesById = new Map<StreamId, StreamName>();
	const known = new Set<StreamName>();
	/** Known, and not in `namesById` yet. */
	const unnamed = new Set<StreamName>();
	/** What this device has read, up to where it stood when it last saw it at rest. */
	const read = new Set<StreamName>();
	const wanted = new Set<StreamName>();
	/** Read in part, in this session or before. */
	const unread = new Set<StreamName>();
	/** Those whose mark is on disk. */
	const marked = new Set<StreamName>();
	/** They moved, and are not settled since. */
	const behind = new Set<StreamName>();
	let kept: Kept | undefined;
	let isLoaded: Promise<void> | undefined;
	let session = 0;
	let timeline = '';
	let since = 0;
	/** The count behind all that was worked off or is in `behind`; undefined until `heads` were wholly there. */
	let reached: number | undefined;
	/** One after the other, so that a count is reached only behind all that came before it. */
	const steps = createStepQueue((error) => {
		// A bug: the count is not reached in this session, so nothing is passed over.
		deps.log.warn('sync.watch-failed', { error: error instanceof Error ? error.name : 'unknown' });
		reached = undefined;
	});

	return {
		ready(named) {
			const mine = ++session;
			timeline = named;
			reached = undefined;
			behind.clear();
			steps.add(() => begin(mine));
		},
		lost() {
			session++;
			reached = undefined;
		},
		received(message) {
			const mine = session;
			const heads = message.type === 'moved' ? [message] : message.heads;
			// 0 in all but the last; a space in which nothing was written has but one, and it is empty.
			const isLast = message.change > 0 || heads.length === 0;
			steps.add(() => moved(mine, heads, isLast ? message.change : undefined));
		},
		strayed(stream, seq) {
			const mine = session;
			steps.add(() => moved(mine, [{ stream, seq }], undefined));
		},
		want(streams) {
			for (const stream of streams) know(stream);
			for (const stream of streams) wanted.add(stream);
			steps.add(async () => {
				await load();
				const never = streams.filter((stream) => !read.has(stream) && !options.isLive(stream));
				if (never.length > 0) options.openLater(never);
			});
		},
		begins,
		reread(stream) {
			know(stream);
			read.delete(stream);
			unread.add(stream);
			marked.add(stream);
		},
		settled(stream) {
			behind.delete(stream);
			unread.delete(stream);
			read.add(stream);
		},
		looked(isAtRest) {
			const isDone = isAtRest && reached !== undefined && behind.size === 0 && unread.size === 0 && steps.length === 0;
			if (!isDone || reached === undefined) return false;
			const isNews = kept?.change !== reached || kept.timeline !== timeline || marked.size > 0;
			if (isNews) void keep({ timeline, change: reached });
			return true;
		},
	};

	async function begins(streams: readonly StreamName[]): Promise<void> {
		await load();
		for (const stream of streams) know(stream);
		const fresh = streams.filter((stream) => !read.has(stream) && !unread.has(stream));
		for (const stream of fresh) unread.add(stream);
		// Without a count on disk everything is looked at anyway.
		if (fresh.length > 0 && kept) await mark(fresh);
	}

	async function begin(mine: number): Promise<void> {
		await load();
		if (mine !== session) return;
		const isSame = kept !== undefined && kept.timeline === timeline;
		since = isSame && kept ? kept.change : 0;
		options.send({ type: 'watch', since });
		const followed = await options.followed();
		if (mine !== session) return;
		for (const stream of followed) know(stream);
		options.openLater([...unread, ...[...wanted, ...followed].filter((stream) => !read.has(stream))]);
		if (!isSame) await openAllRead(mine);
	}

	async function moved(
		mine: number,
		heads: readonly { readonly stream: StreamId; readonly seq: number }[],
		change: number | undefined,
	): Promise<void> {
		if (mine !== session) return;
		if (change !== undefined && change < since) return setBack(mine);
		await nameAll(heads);
		const seqs = new Map<StreamName, number>();
		for (const { stream, seq } of heads) {
			const name = namesById.get(stream);
			if (name !== undefined && !options.isLive(name)) seqs.set(name, seq);
		}
		await openThose([...seqs.keys()], (name, position) => (position?.seq ?? 0) < (seqs.get(name) ?? 0));
		if (mine === session && change !== undefined) reached = change;
	}

	/** The relay counts less than it did: it is an older copy, whatever it calls itself. */
	async function setBack(mine: number): Promise<void> {
		deps.log.warn('sync.set-back', { since });
		kept = undefined;
		const forgotten = await store.putValues({ [CHANGE_KEY]: undefined });
		if (!forgotten.ok || mine !== session) return;
		since = 0;
		options.send({ type: 'watch', since });
		await openAllRead(mine);
	}

	/** So that the relay compares what was read with what it has. */
	async function openAllRead(mine: number): Promise<void> {
		const names = [...read].filter((name) => !options.isLive(name));
		for (let from = 0; from < names.length && mine === session; from += POSITIONS_AT_ONCE) {
			const some = names.slice(from, from + POSITIONS_AT_ONCE);
			await openThose(some, (_, position) => !position || position.seq > 0 || position.republish === true);
		}
	}

	async function openThose(
		names: readonly StreamName[],
		isMeant: (name: StreamName, position: { readonly seq: number; readonly republish?: true } | undefined) => boolean,
	): Promise<void> {
		if (names.length === 0) return;
		const positions = await store.positions(names);
		const meant = positions.ok ? names.filter((name) => isMeant(name, positions.value.get(name))) : names;
		for (const name of meant) behind.add(name);
		options.openLater(meant);
	}

	function know(stream: StreamName): void {
		if (!known.has(stream)) unnamed.add(stream);
		known.add(stream);
	}

	/** Ids cost a hash each: only when somebody asks for one that is not known. */
	async function nameAll(heads: readonly { readonly stream: StreamId }[]): Promise<void> {
		if (unnamed.size === 0 || heads.every(({ stream }) => namesById.has(stream))) return;
		const names = [...unnamed];
		unnamed.clear();
		const ids = await Promise.all(names.map((name) => secrets.streamId(name)));
		for (const [index, name] of names.entries()) {
			const id = ids[index];
			if (id !== undefined) namesById.set(id, name);
		}
	}

	function load(): Promise<void> {
		isLoaded ??= loadOnce();
		return isLoaded;
	}

	async function loadOnce(): Promise<void> {
		const [stored, marks, streams] = await Promise.all([
			store.value(CHANGE_KEY),
			store.values(UNREAD_PREFIX),
			store.streams(),
		]);
		// Without a list of them every stream that somebody follows is opened.
		for (const stream of streams.ok ? streams.value : []) {
			know(stream);
			read.add(stream);
		}
		for (const key of marks.ok ? marks.value.keys() : []) {
			const stream = key.slice(UNREAD_PREFIX.length) as StreamName;
			marked.add(stream);
			unread.add(stream);
			read.delete(stream);
		}
		if (stored.ok && marks.ok && streams.ok && isKept(stored.value)) kept = stored.value;
	}

	async function mark(streams: readonly StreamName[]): Promise<void> {
		for (const stream of streams) marked.add(stream);
		await store.putValues(Object.fromEntries(streams.map((stream) => [UNREAD_PREFIX + stream, true])));
	}

	async function keep(next: Kept): Promise<void> {
		const before = kept;
		const done = [...marked];
		kept = next;
		marked.clear();
		const unmarked = done.map((stream) => [UNREAD_PREFIX + stream, undefined]);
		const written = await store.putValues({ [CHANGE_KEY]: next, ...Object.fromEntries(unmarked) });
		if (written.ok) return;
		for (const stream of done) marked.add(stream);
		if (kept === next) kept = before;
	}
}

function isKept(value: unknown): value is Kept {
	if (typeof value !== 'object' || value === null) return false;
	if (!('timeline' in value) || !('change' in value)) return false;
	return typeof value.timeline === 'string' && Number.isSafeInteger(value.change);
}
