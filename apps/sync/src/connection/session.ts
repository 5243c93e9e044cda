import type { Bytes } from '@pocketeer/core/bytes';
import type { DeviceId, EntryId, StreamId } from '@pocketeer/core/ids';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import type { LogDep } from '@pocketeer/core/ports/log';
import { encodeRelayMessage } from '@pocketeer/core/protocol/codec';
import { CLOSE, type ClientMessage, type ErrorCode, type RelayMessage } from '@pocketeer/core/protocol/messages';
import type { MetricsDep } from '../metrics.ts';
import type { LogStoreDep } from '../store/log-store.ts';
import type { AppendEnd, Appender, CommittedRun, Refused } from './appender.ts';
import { createFollowing, type Following } from './following.ts';
import type { Member } from './hub.ts';
import type { Peer } from './peer.ts';
import { type Asker, type ServiceDeps, type ServiceRequest, serve } from './services.ts';
import { createTokenBucket, type TokenBucket } from './token-bucket.ts';
import { createUploads, type Uploads } from './uploads.ts';
import { createWatching, type Watching } from './watching.ts';

/** What an authenticated connection does, message by message. */
export interface Session extends Disposable {
	/** Resolves when the message was handled wholly; an append when it has its place in the queue. */
	handle(message: SessionMessage): Promise<void>;
}

/** Pairing is another's. */
type SessionMessage = LogMessage | ServiceRequest;
type LogMessage = Extract<
	ClientMessage,
	{ readonly type: 'open' | 'shut' | 'append' | 'watch' | 'snapshot-put' | 'ephemeral' }
>;
type Append = Extract<ClientMessage, { readonly type: 'append' }>;

export type SessionDeps = ServiceDeps &
	ClockDep &
	LogDep &
	MetricsDep &
	LogStoreDep & { readonly appender: Appender; readonly defer: (run: () => void) => void };

/** The connection under a session. */
export interface Line {
	readonly peer: Peer;
	send(message: RelayMessage): void;
	hangUp(code: number, reason: string): void;
	/** Our own bug, or a disk that cannot be read. */
	fail(error: unknown): void;
}

/** Entries of one connection on their way to the disk, in bytes; beyond, it waits. */
const APPENDING_BYTES = 8 * 1024 * 1024;
/** Beyond this many unsent bytes a peer has better things to read than ephemera. */
const EPHEMERAL_UNSENT_BYTES = 64 * 1024;
/** A model that types and a cursor that moves; what is faster than this is lost. */
const EPHEMERAL_PACE = { burst: 100, perSecond: 50 } as const;

const REFUSALS: Readonly<Record<Refused['type'], { readonly code: ErrorCode; readonly message: string }>> = {
	'too-large': { code: 'too-large', message: 'A change is larger than this relay takes.' },
	'stale-epoch': { code: 'stale-epoch', message: 'A change is sealed under a key that is no longer used.' },
	quota: { code: 'quota', message: 'This space has used up its room on the relay.' },
	deleted: { code: 'deleted', message: 'The space was deleted.' },
	failed: { code: 'internal', message: 'The relay could not write to its disk.' },
};

/** Joins the space's members until disposed. */
export function createSession(deps: SessionDeps, of: { readonly line: Line; readonly asker: Asker }): Session {
	return new MemberSession(deps, of.line, of.asker);
}

/** A class for the memory's sake: thousands of idle connections have one each. */
class MemberSession implements Session, Member {
	readonly #deps: SessionDeps;
	readonly #line: Line;
	readonly asker: Asker;
	readonly #following: Following;
	readonly #watching: Watching;
	/** All appends so far; requests that come after them wait for them. */
	#appends: Promise<void> | undefined = undefined;
	#appendingBytes = 0;
	// Made when they are needed first: most connections never do.
	#tests: Promise<void> | undefined = undefined;
	#uploads: Uploads | undefined = undefined;
	#ephemera: TokenBucket | undefined = undefined;

	constructor(deps: SessionDeps, line: Line, asker: Asker) {
		const { hub, logStore, metrics, defer } = deps;
		const { peer } = line;
		const { space } = asker;
		const onStuck = (error: unknown) => line.fail(error);
		const onCaughtUp = () => this.#watching.caughtUp();
		const following = createFollowing({ logStore, metrics, peer, onStuck, onCaughtUp }, { space });
		this.#deps = deps;
		this.#line = line;
		this.asker = asker;
		this.#following = following;
		this.#watching = createWatching({ logStore, peer, following, defer, onStuck }, { space });
		hub.join(space, this);
	}

	get device(): DeviceId | null {
		return this.asker.device;
	}

	send(message: RelayMessage): void {
		this.#line.send(message);
	}

	committed(run: CommittedRun): void {
		this.#following.committed(run.stream, run.items, run.frame);
		if (!this.#following.follows(run.stream)) this.#watching.moved(run);
	}

	ephemeral(stream: StreamId, frame: Uint8Array): boolean {
		const { peer } = this.#line;
		if (!this.#following.follows(stream) || peer.bufferedBytes > EPHEMERAL_UNSENT_BYTES) return false;
		peer.send(frame);
		return true;
	}

	remove(): void {
		this.send(error('not-a-device', '', 'This device was removed from the space.'));
		this.#line.hangUp(CLOSE.removed, 'removed');
	}

	deleted(statement: Bytes): void {
		this.send({ type: 'space-deleted', statement });
		this.#line.hangUp(CLOSE.deleted, 'deleted');
	}

	async handle(message: SessionMessage): Promise<void> {
		if (this.device !== null) {
			if (message.type === 'ephemeral') return this.#passOn(message);
			if (message.type === 'append') return this.#take(message);
		}
		if (this.#appends) await this.#appends;
		if (isLogMessage(message)) {
			if (this.device === null) return this.send(error('not-a-device', '', 'Only a listed device may do this.'));
			return this.#handleLog(message);
		}
		if (message.type === 'push-test') return this.#test(message);
		this.send(await serve(this.#deps, this.asker, message));
	}

	[Symbol.dispose](): void {
		this.#deps.hub.leave(this.asker.space, this);
		this.#following.end();
		this.#uploads?.end();
	}

	async #handleLog(message: LogMessage): Promise<void> {
		switch (message.type) {
			case 'open':
				return this.#open(message);
			case 'shut':
				return this.#following.shut(message.stream);
			case 'watch':
				return this.#watching.watch(message.since);
			case 'snapshot-put':
				this.#uploads ??= createUploads({ ...this.#deps, send: (answer) => this.send(answer) }, this.asker);
				return this.#uploads.put(message);
			default:
				// Handled before those in front of it are on disk.
				return;
		}
	}

	async #open({ stream, cursor, chain }: Extract<ClientMessage, { type: 'open' }>): Promise<void> {
		this.#deps.appender.reopen(this, stream);
		if (await this.#following.open(stream, cursor, chain)) return;
		this.send(error('forked', stream, 'The relay does not have the history that this device has seen.'));
	}

	#passOn({ stream, sealed }: Extract<ClientMessage, { type: 'ephemeral' }>): void {
		const { hub, metrics } = this.#deps;
		this.#ephemera ??= createTokenBucket(this.#deps, EPHEMERAL_PACE);
		if (!this.#ephemera.tryTake()) return;
		const frame = encodeRelayMessage({ type: 'ephemeral', stream, sealed });
		for (const other of hub.members(this.asker.space)) {
			if (other.device === this.device || other.device === null) continue;
			if (other.ephemeral(stream, frame)) metrics.count('ephemera_total');
		}
	}

	/** A push service may take its time; syncing does not wait for it. */
	#test(message: Extract<ServiceRequest, { type: 'push-test' }>): void {
		const before = this.#tests ?? Promise.resolve();
		this.#tests = before
			.then(() => serve(this.#deps, this.asker, message))
			.then(
				(answer) => this.send(answer),
				(error: unknown) => this.#line.fail(error),
			);
	}

	async #take(message: Append): Promise<void> {
		if (this.#appendingBytes > APPENDING_BYTES) await this.#appends;
		this.#appends = this.#append(message).catch((error: unknown) => this.#line.fail(error));
	}

	async #append({ stream, id, entry }: Append): Promise<void> {
		const { space } = this.asker;
		this.#following.offered(stream, id);
		const before = this.#appends;
		this.#appendingBytes += entry.length;
		const end = await this.#deps.appender.append({ space, stream, id, entry }, this);
		this.#appendingBytes -= entry.length;
		// One after the other, so that answers keep the order of the requests.
		await before;
		this.#answer(stream, id, end);
	}

	#answer(stream: StreamId, id: EntryId, end: AppendEnd): void {
		if (end.type === 'kept') return;
		if (end.type === 'repeated') {
			this.#following.repeated(stream, id, end.seq);
			return;
		}
		this.#following.refused(stream, id);
		this.send(error(REFUSALS[end.type].code, id, REFUSALS[end.type].message));
	}
}

const LOG_TYPES: ReadonlySet<string> = new Set<LogMessage['type']>([
	'open',
	'shut',
	'append',
	'watch',
	'snapshot-put',
	'ephemeral',
]);

function isLogMessage(message: SessionMessage): message is LogMessage {
	return LOG_TYPES.has(message.type);
}

function error(code: ErrorCode, about: string, message: string): RelayMessage {
	return { type: 'error', code, about, message };
}
