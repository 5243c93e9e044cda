import type { EntryId, StreamId } from '@pocketeer/core/ids';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import { CLOSE, type ClientMessage, type ErrorCode, type RelayMessage } from '@pocketeer/core/protocol/messages';
import type { MetricsDep } from '../metrics.ts';
import type { LogStoreDep } from '../store/log-store.ts';
import type { AppendEnd, Appender, Refused } from './appender.ts';
import { createFollowing } from './following.ts';
import type { Peer } from './peer.ts';
import { type Asker, type ServiceDeps, serve } from './services.ts';

/** What an authenticated connection does, message by message. */
export interface Session extends Disposable {
	/** Resolves when the message was handled wholly; an append when it has its place in the queue. */
	handle(message: Exclude<ClientMessage, { readonly type: 'auth' }>): Promise<void>;
}

export type SessionDeps = ServiceDeps & ClockDep & MetricsDep & LogStoreDep & { readonly appender: Appender };

interface Line {
	readonly peer: Peer;
	readonly send: (message: RelayMessage) => void;
	readonly hangUp: (code: number, reason: string) => void;
	readonly fail: (error: unknown) => void;
}

/** Entries of one connection on their way to the disk, in bytes; beyond, it waits. */
const APPENDING_BYTES = 8 * 1024 * 1024;

const REFUSALS: Readonly<Record<Refused['type'], { readonly code: ErrorCode; readonly message: string }>> = {
	'too-large': { code: 'too-large', message: 'A change is larger than this relay takes.' },
	quota: { code: 'quota', message: 'This space has used up its room on the relay.' },
	failed: { code: 'internal', message: 'The relay could not write to its disk.' },
};

/** Joins the space's members until disposed. */
export function createSession(deps: SessionDeps & Line, asker: Asker): Session {
	const { appender, send } = deps;
	const { space, device } = asker;
	const lane = {};
	const following = createFollowing({ ...deps, onStuck: deps.fail }, { space });
	// All appends so far; requests that come after them wait for them.
	let appends: Promise<unknown> = Promise.resolve();
	let appendingBytes = 0;
	let tests: Promise<unknown> = Promise.resolve();

	const membership = deps.hub.join(space, {
		device,
		send,
		committed: ({ stream, items }) => following.committed(stream, items),
		remove() {
			send(error('not-a-device', '', 'This device was removed from the space.'));
			deps.hangUp(CLOSE.removed, 'removed');
		},
	});

	return {
		async handle(message) {
			if (message.type === 'append' && device !== null) {
				if (appendingBytes > APPENDING_BYTES) await appends;
				appends = append(message.stream, message.id, message.entry).catch(deps.fail);
				return;
			}
			await appends;
			switch (message.type) {
				case 'open':
				case 'shut':
				case 'append':
					if (device === null) return send(error('not-a-device', '', 'Only a listed device may do this.'));
					if (message.type === 'shut') return following.shut(message.stream);
					if (message.type === 'open') await open(message);
					return;
				case 'push-test':
					// A push service may take its time; syncing does not wait for it.
					tests = tests.then(() => serve(deps, asker, message)).then(send, deps.fail);
					return;
				default:
					send(await serve(deps, asker, message));
			}
		},
		[Symbol.dispose]() {
			membership[Symbol.dispose]();
			following.end();
		},
	};

	async function open(message: Extract<ClientMessage, { type: 'open' }>): Promise<void> {
		const { stream, cursor, chain } = message;
		appender.reopen(lane, stream);
		if (await following.open(stream, cursor, chain)) return;
		send(error('forked', stream, 'The relay does not have the history that this device has seen.'));
	}

	async function append(stream: StreamId, id: EntryId, entry: Uint8Array<ArrayBuffer>): Promise<void> {
		following.offered(stream, id);
		const before = appends;
		appendingBytes += entry.length;
		const end = await appender.append({ space, stream, id, entry }, lane);
		appendingBytes -= entry.length;
		// One after the other, so that answers keep the order of the requests.
		await before;
		answer(stream, id, end);
	}

	function answer(stream: StreamId, id: EntryId, end: AppendEnd): void {
		if (end.type === 'kept') return;
		if (end.type === 'repeated') {
			following.repeated(stream, id, end.seq);
			return;
		}
		following.refused(stream, id);
		send(error(REFUSALS[end.type].code, id, REFUSALS[end.type].message));
	}
}

function error(code: ErrorCode, about: string, message: string): RelayMessage {
	return { type: 'error', code, about, message };
}
