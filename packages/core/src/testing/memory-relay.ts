import type { Bytes } from '../bytes.ts';
import type { DeviceId, SnapshotId, SpaceId, StreamId, WakeId } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { RandomDep } from '../ports/random.ts';
import { verifyAuth } from '../protocol/auth.ts';
import { decodeClientMessage, encodeRelayMessage } from '../protocol/codec.ts';
import { type DeviceList, readDeviceList } from '../protocol/device-list.ts';
import { LIMITS } from '../protocol/limits.ts';
import {
	CLOSE,
	type ClientMessage,
	type ErrorCode,
	OLDEST_VERSION,
	PROTOCOL_VERSION,
	type PushSubscriptionFields,
	type RelayMessage,
	type Wake,
} from '../protocol/messages.ts';
import { putList, takeLists } from './memory-relay-lists.ts';
import {
	appendEntry,
	logBytes,
	openLog,
	passOn,
	pruneLog,
	putSnapshot,
	type RelayLog,
	type RelayScene,
	watchSpace,
} from './memory-relay-log.ts';
import { createMailboxes } from './memory-relay-pairing.ts';
import { answerService } from './memory-relay-services.ts';
import type { RelayEnd, RelayEndEvents } from './socket-pair.ts';

export type { RelayLog, RelaySnapshot } from './memory-relay-log.ts';

/** A relay in memory for core's own tests: same messages, same order, same refusals, no disk and no push. */
export interface MemoryRelay {
	/** Takes a connection; give it to `createTestNetwork`. */
	readonly accept: (url: string, end: RelayEnd) => RelayEndEvents;
	readonly spaces: ReadonlyMap<SpaceId, RelaySpace>;
	/** Answers every append with this error instead of keeping it. */
	refuseAppends: ErrorCode | undefined;
	/** Tells every connected device that a wake came due. */
	fire(space: SpaceId, id: WakeId): void;
	/** Drops the bodies of a stream's entries up to `upTo`, as far as its newest snapshot covers them (SY17). */
	prune(space: SpaceId, stream: StreamId, upTo: number): void;
	/**
	 * Replaces what is kept by an earlier `copy`, as an operator does; without a new timeline as one who copies files
	 * behind the relay's back. Connections stay open.
	 */
	restore(copy: RelayCopy, how?: { readonly keepsTimeline: true }): void;
	copy(): RelayCopy;
}

export type RelayCopy = ReadonlyMap<SpaceId, RelaySpace>;

/** What the relay keeps of one space; a test may read it and tamper with it. */
export interface RelaySpace {
	/** From version 1 on. */
	readonly lists: Bytes[];
	readonly logs: Map<StreamId, RelayLog>;
	/** Grows with every commit to any stream; `watch` asks from it. */
	change: number;
	readonly wakes: Map<WakeId, Wake>;
	readonly claims: Map<string, { readonly device: DeviceId; readonly fence: number; readonly isDone: boolean }>;
	readonly subscriptions: Map<DeviceId, PushSubscriptionFields>;
	/** When each device was connected last, ms since the epoch. */
	readonly seen: Map<DeviceId, number>;
	/** All that is left of a space that was deleted. */
	deleted: Bytes | undefined;
}

/** One authenticated connection. */
export interface Member {
	readonly space: SpaceId;
	readonly device: DeviceId | null;
	readonly follows: Set<StreamId>;
	watches: boolean;
	/** Parts of snapshots that are not whole yet. */
	readonly uploads: Map<SnapshotId, Bytes[]>;
	send(message: RelayMessage): void;
	close(code: number): void;
}

/** Makes an empty relay. */
export function createMemoryRelay(deps: ClockDep & RandomDep): MemoryRelay {
	let spaces = new Map<SpaceId, RelaySpace>();
	const members = new Set<Member>();
	const mailboxes = createMailboxes(deps);
	// One after the other over all connections, as one SQLite would.
	let queue = Promise.resolve();
	let timeline = 1;

	const relay: MemoryRelay = {
		accept,
		get spaces() {
			return spaces;
		},
		refuseAppends: undefined,
		fire(space, id) {
			for (const member of membersOf(space)) member.send({ type: 'fired', id, due: deps.clock.now() });
		},
		prune(space, stream, upTo) {
			const log = spaces.get(space)?.logs.get(stream);
			if (log) pruneLog(log, upTo);
		},
		copy: () => copySpaces(spaces),
		restore(copy, how) {
			spaces = copySpaces(copy);
			if (!how?.keepsTimeline) timeline++;
		},
	};
	return relay;

	function accept(url: string, end: RelayEnd): RelayEndEvents {
		const nonce = deps.random.bytes(32);
		let isOpen = true;
		let member: Member | undefined;
		let isGuest = false;
		const side = { send, close: (code: number) => end.close(code, 'closed') };
		const challenge = { nonce, timeline: `timeline-${timeline}` };
		send({ type: 'challenge', version: PROTOCOL_VERSION, oldest: OLDEST_VERSION, ...challenge });
		return {
			received(frame) {
				const message = decodeClientMessage(frame);
				if (!message.ok) return end.close(CLOSE.malformed, 'malformed');
				queue = queue.then(() => handle(message.value));
			},
			closed() {
				isOpen = false;
				mailboxes.left(member ?? side);
				if (member) members.delete(member);
			},
		};

		function send(message: RelayMessage): void {
			if (isOpen) end.send(encodeRelayMessage(message));
		}

		async function handle(message: ClientMessage): Promise<void> {
			if (!isOpen) return;
			if (member) return serve(member, message);
			if (isGuest) return serveGuest(message);
			if (message.type === 'pair-join') {
				isGuest = mailboxes.join(side, message.mailbox);
				if (!isGuest) dismiss('no-mailbox');
				return;
			}
			if (message.type !== 'auth') return end.close(CLOSE.unauthorized, 'not yet');
			const isHere = new URL(message.origin).host === new URL(url).host;
			const refusal = isHere ? await authenticate(message, challenge) : 'bad-signature';
			if (refusal) return dismiss(refusal, message.space);
			if (isOpen) welcome(message);
		}

		function welcome({ space, device }: ClientMessage & { type: 'auth' }): void {
			member = { space, device, follows: new Set(), watches: false, uploads: new Map(), ...side };
			members.add(member);
			const { lists, seen } = spaceOf(member);
			if (device !== null) seen.set(device, deps.clock.now());
			send({ type: 'ready', listVersion: lists.length, now: deps.clock.now(), vapidKey: 'vapid' });
		}

		function serveGuest(message: ClientMessage): void {
			const isMail = message.type === 'pair-say' || message.type === 'pair-shut';
			const refusal = isMail ? mailboxes.serve(side, message) : 'not-a-device';
			if (message.type === 'ping') send({ type: 'pong' });
			else if (refusal) dismiss(refusal);
		}

		function dismiss(code: ErrorCode, space?: SpaceId): void {
			const statement = space && spaces.get(space)?.deleted;
			if (statement) send({ type: 'space-deleted', statement });
			send({ type: 'error', code, about: '', message: `The relay says ${code}.` });
			const closes: Partial<Record<ErrorCode, number>> = { deleted: CLOSE.deleted, 'not-a-device': CLOSE.removed };
			end.close(closes[code] ?? CLOSE.unauthorized, code);
		}
	}

	async function authenticate(
		auth: ClientMessage & { type: 'auth' },
		challenge: { readonly nonce: Bytes; readonly timeline: string },
	): Promise<ErrorCode | undefined> {
		const known = spaces.get(auth.space);
		if (known?.deleted) return 'deleted';
		if (!known && auth.lists.length === 0) return 'unknown-space';
		const space = known ?? emptySpace();
		const offered = await takeLists(space, auth, (list) => told(auth.space, list));
		if (offered) return offered;
		// A list of a newer form stands for a newer relay: it let the device in by what this one cannot read.
		const newest = space.lists.findLast((bytes) => readDeviceList(bytes).ok);
		const list = newest && readDeviceList(newest);
		if (!list?.ok) return 'malformed';
		const { listKey, devices } = list.value;
		const key = auth.device === null ? listKey : devices.find(({ id }) => id === auth.device)?.signKey;
		if (key === undefined) return 'not-a-device';
		const claim = { ...challenge, origin: auth.origin, space: auth.space, device: auth.device };
		if (!(await verifyAuth(claim, key, auth.signature))) return 'bad-signature';
		if (!known) spaces.set(auth.space, space);
		return undefined;
	}

	async function serve(member: Member, message: ClientMessage): Promise<void> {
		const space = spaceOf(member);
		const scene: RelayScene = {
			member,
			space,
			members: membersOf(member.space),
			refuse: (code, about) => refuse(member, code, about),
		};
		switch (message.type) {
			case 'ping':
				return member.send({ type: 'pong' });
			case 'list-get':
				return member.send({ type: 'lists', lists: space.lists.slice(message.after) });
			case 'list-put':
				return putList(scene, message.list, (list) => told(member.space, list, member));
			case 'open':
				return openLog(scene, message);
			case 'shut':
				return void member.follows.delete(message.stream);
			case 'append':
				return relay.refuseAppends ? scene.refuse(relay.refuseAppends, message.id) : appendEntry(scene, message);
			case 'snapshot-put':
				return putSnapshot(scene, message);
			case 'watch':
				return watchSpace(scene, message.since);
			case 'ephemeral':
				return passOn(scene, message);
			case 'space-get':
				return member.send(stateOf(space));
			case 'space-delete':
				return deleteSpace(scene, message.statement);
			default:
				return serveServices(scene, message);
		}
	}

	/** The others hear of a new list, and who is not in it is sent away. */
	function told(space: SpaceId, { version, devices }: DeviceList, by?: Member): void {
		for (const member of membersOf(space)) {
			const isListed = member.device === null || devices.some(({ id }) => id === member.device);
			if (member !== by && isListed) member.send({ type: 'listed', version });
			if (isListed) continue;
			refuse(member, 'not-a-device', '');
			members.delete(member);
			member.close(CLOSE.removed);
		}
	}

	/** Whether the statement holds is for those it is shown to; the real relay verifies it, too. */
	function deleteSpace({ space, members: all }: RelayScene, statement: Bytes): void {
		for (const kept of [space.logs, space.wakes, space.claims, space.subscriptions, space.seen]) kept.clear();
		space.lists.length = 0;
		space.deleted = statement;
		for (const member of all) {
			member.send({ type: 'space-deleted', statement });
			members.delete(member);
			member.close(CLOSE.deleted);
		}
	}

	function serveServices({ member, space }: RelayScene, message: ClientMessage): void {
		if (message.type === 'pair-open' || message.type === 'pair-say' || message.type === 'pair-shut') {
			const refusal = mailboxes.serve(member, message);
			if (refusal) refuse(member, refusal, message.mailbox);
			return;
		}
		const answer = member.device === null ? undefined : answerService(space, member.device, message);
		if (answer) member.send(answer);
		else refuse(member, message.type === 'push-put' ? 'bad-endpoint' : 'not-a-device', '');
	}

	function refuse(member: Member, code: ErrorCode, about: string): void {
		member.send({ type: 'error', code, about, message: `The relay says ${code}.` });
	}

	function membersOf(space: SpaceId): readonly Member[] {
		return [...members].filter((member) => member.space === space);
	}

	function spaceOf(member: Member): RelaySpace {
		const space = spaces.get(member.space);
		if (!space) throw new Error('a member of no space');
		return space;
	}
}

function stateOf(space: RelaySpace): RelayMessage {
	const usedBytes = [...space.logs.values()].reduce((sum, log) => sum + logBytes(log), 0);
	const devices = [...space.seen].map(([id, seen]) => ({ id, seen }));
	return { type: 'space-state', usedBytes, limitBytes: LIMITS.spaceBytes, devices };
}

function emptySpace(): RelaySpace {
	return {
		lists: [],
		logs: new Map(),
		change: 0,
		wakes: new Map(),
		claims: new Map(),
		subscriptions: new Map(),
		seen: new Map(),
		deleted: undefined,
	};
}

function copySpaces(spaces: RelayCopy): Map<SpaceId, RelaySpace> {
	return structuredClone(new Map(spaces));
}
