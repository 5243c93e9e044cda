import type { StreamId, StreamName } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { RelayMessage } from '../protocol/messages.ts';
import type { StreamLinkDeps, StreamMessage } from './link-state.ts';
import { QUARANTINE_PREFIX } from './quarantine.ts';
import { createStreamLink, type StreamLink } from './stream-link.ts';
import type { SyncStatus } from './sync.ts';

/** The streams that are open at the relay, each by its link; those that nobody wants any more are let go. */
export interface Links extends Disposable {
	/** Opens a stream at once. */
	open(stream: StreamName): Promise<StreamLink | undefined>;
	/** Opens streams with a few looks into the store, instead of some for each. */
	openMany(streams: readonly StreamName[]): Promise<void>;
	get(stream: StreamName): StreamLink | undefined;
	/** Hands a message to its link; the stream's name, undefined when there is none. */
	received(message: StreamMessage): StreamName | undefined;
	/** The same of an error about a stream or something of it that is under way. */
	refused(error: RelayMessage & { type: 'error' }): StreamName | undefined;
	nameOf(id: StreamId): StreamName | undefined;
	all(): readonly StreamLink[];
	/** Somebody may want a stream no longer. */
	lookSoon(): void;
	/** The session is gone. Forgets those that stood well; the next session opens what it needs. */
	disconnect(): void;
	/** Resolves when it is known what earlier starts put aside. */
	readonly loaded: Promise<void>;
	readonly stuck: SyncStatus['stuck'];
	readonly quarantined: SyncStatus['quarantined'];
}

export interface LinksOptions {
	isOnline(): boolean;
	/** Whether a stream stays open although nothing moves. */
	isWanted(stream: StreamName): boolean;
	/** Resolves when it is noted that these are not read to their end. */
	begins(streams: readonly StreamName[]): Promise<void>;
	/** A stream holds all the relay had. */
	caughtUp(stream: StreamName): void;
	/** All of a stream came in and went out. */
	settled(stream: StreamName): void;
	/** Every link was looked at: whether all are settled. */
	looked(isAtRest: boolean): void;
	/** A field of some link, or the list of them, changed. */
	changed(): void;
	/** When a log turned out to be another than the one read here (SY13). */
	republished(stream: StreamName, at: number): void;
}

export type LinksDeps = Omit<StreamLinkDeps, 'changed'> & ClockDep;

/** Links say when they change, not when they come to rest: looked after so long, and again while something moves. */
const LOOK_AFTER_MS = 200;
const LOOK_AGAIN_MS = 2_000;
/** Streams that another device just wrote to will move again. */
const RELEASE_AFTER_MS = 5_000;

/** Makes the registry of a leader. */
export function createLinks(deps: LinksDeps, options: LinksOptions): Links {
	const { store, secrets, clock } = deps;
	const links = new Map<StreamName, StreamLink>();
	const namesById = new Map<StreamId, StreamName>();
	const stuck = new Map<StreamName, string>();
	const quarantined = new Map<StreamName, number>();
	/** Since when a link is settled and nobody wants it, by a clock that only counts. */
	const restingSince = new Map<StreamName, number>();
	let areQuarantinedKnown = false;
	const loadingQuarantined = loadQuarantined();
	let looking: Disposable | undefined;
	let isOver = false;

	return {
		async open(name) {
			const link = await make(name);
			if (!link || link.isConnected || !options.isOnline()) return link;
			const position = await store.position(name);
			await options.begins([name]);
			if (options.isOnline() && !link.isConnected && links.get(name) === link) {
				link.connect({ position: position.ok ? position.value : undefined, hasRows: true, ...quarantineOf(name) });
			}
			return link;
		},
		openMany,
		get: (name) => links.get(name),
		received(message) {
			const link = linkOf(message.stream);
			link?.received(message);
			return link?.name;
		},
		refused(error) {
			const link = [...links.values()].find(({ id, isSending }) => id === error.about || isSending(error.about));
			link?.refused(error);
			return link?.name;
		},
		nameOf: (id) => namesById.get(id),
		all: () => [...links.values()],
		lookSoon: () => lookIn(LOOK_AFTER_MS),
		disconnect() {
			restingSince.clear();
			for (const link of links.values()) {
				link.disconnect();
				if (link.stuck === undefined && !options.isWanted(link.name)) drop(link);
			}
		},
		loaded: loadingQuarantined,
		get stuck() {
			return [...stuck].map(([stream, reason]) => ({ stream, reason }));
		},
		get quarantined() {
			return [...quarantined].map(([stream, count]) => ({ stream, count }));
		},
		[Symbol.dispose]() {
			isOver = true;
			looking?.[Symbol.dispose]();
			for (const link of links.values()) link[Symbol.dispose]();
		},
	};

	async function openMany(streams: readonly StreamName[]): Promise<void> {
		const names = streams.filter((name) => !links.get(name)?.isConnected);
		const [places, waiting, made] = await Promise.all([
			store.positions(names),
			store.pendingStreams(),
			Promise.all(names.map(make)),
			loadingQuarantined,
		]);
		await options.begins(names);
		const withRows = waiting.ok ? new Set(waiting.value) : undefined;
		for (const link of made) {
			if (!options.isOnline() || !link || link.isConnected || links.get(link.name) !== link) continue;
			const position = places.ok ? places.value.get(link.name) : undefined;
			link.connect({ position, hasRows: withRows?.has(link.name) ?? true, ...quarantineOf(link.name) });
		}
	}

	async function make(name: StreamName): Promise<StreamLink | undefined> {
		const present = links.get(name);
		if (present) return present;
		const id = await secrets.streamId(name);
		const meanwhile = links.get(name);
		if (meanwhile || isOver) return meanwhile;
		const link = createStreamLink(
			{
				...deps,
				changed: () => changed(link),
				arrived(stream, updates) {
					deps.arrived(stream, updates);
					moved(stream);
				},
				settled(stream) {
					deps.settled(stream);
					moved(stream);
				},
			},
			{ name, id },
		);
		links.set(name, link);
		namesById.set(id, name);
		return link;
	}

	function changed(link: StreamLink): void {
		const { name } = link;
		if (link.stuck === undefined) stuck.delete(name);
		else stuck.set(name, link.stuck);
		if (link.quarantined > 0) quarantined.set(name, link.quarantined);
		// Before it was opened, what earlier starts put aside is not counted yet.
		else if (link.isCaughtUp) quarantined.delete(name);
		if (link.republishedAt !== undefined) options.republished(name, link.republishedAt);
		if (link.isCaughtUp) options.caughtUp(name);
		moved(name);
		options.changed();
	}

	function moved(name: StreamName): void {
		restingSince.delete(name);
		lookIn(LOOK_AFTER_MS);
	}

	function lookIn(ms: number): void {
		if (!isOver) looking ??= clock.setTimer(ms, look);
	}

	function look(): void {
		looking = undefined;
		let isAtRest = true;
		let mustLookAgain = false;
		for (const link of [...links.values()]) {
			if (!link.isConnected) continue;
			if (link.isSettled) {
				options.settled(link.name);
				mustLookAgain = !letGo(link) || mustLookAgain;
			} else {
				isAtRest = false;
				// One that stands still says so when it goes on.
				mustLookAgain ||= link.stuck === undefined;
			}
		}
		if (mustLookAgain) lookIn(LOOK_AGAIN_MS);
		options.looked(isAtRest);
	}

	/** False when it is to be looked at once more. */
	function letGo(link: StreamLink): boolean {
		if (options.isWanted(link.name)) {
			restingSince.delete(link.name);
			return true;
		}
		const since = restingSince.get(link.name) ?? clock.now();
		restingSince.set(link.name, since);
		// A wall clock that was set back lets go at once: that costs one `open`.
		const rested = Math.abs(clock.now() - since);
		if (rested < RELEASE_AFTER_MS || !link.release()) return false;
		drop(link);
		return true;
	}

	function drop(link: StreamLink): void {
		link[Symbol.dispose]();
		links.delete(link.name);
		namesById.delete(link.id);
		restingSince.delete(link.name);
	}

	function linkOf(id: StreamId): StreamLink | undefined {
		const name = namesById.get(id);
		return name === undefined ? undefined : links.get(name);
	}

	function quarantineOf(name: StreamName): { readonly hasQuarantined?: boolean } {
		return areQuarantinedKnown ? { hasQuarantined: quarantined.has(name) } : {};
	}

	async function loadQuarantined(): Promise<void> {
		const found = await store.values(QUARANTINE_PREFIX);
		if (!found.ok) return;
		for (const key of found.value.keys()) {
			const name = key.slice(QUARANTINE_PREFIX.length, key.lastIndexOf('/')) as StreamName;
			quarantined.set(name, (quarantined.get(name) ?? 0) + 1);
		}
		areQuarantinedKnown = true;
		if (quarantined.size > 0) options.changed();
	}
}
