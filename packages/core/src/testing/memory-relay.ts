import { type Bytes, equalBytes, toBase64Url } from '../bytes.ts';
import type { DeviceId, EntryId, SpaceId, StreamId, WakeId } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { RandomDep } from '../ports/random.ts';
import { verifyAuth } from '../protocol/auth.ts';
import { emptyChain, nextChain } from '../protocol/chain.ts';
import { decodeClientMessage, encodeRelayMessage } from '../protocol/codec.ts';
import { readDeviceList, verifyDeviceList } from '../protocol/device-list.ts';
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
import type { RelayEnd, RelayEndEvents } from './socket-pair.ts';

/** A relay in memory for core's own tests: same messages, same order, same refusals, no disk and no push. */
export interface MemoryRelay {
	/** Takes a connection; give it to `createTestNetwork`. */
	readonly accept: (url: string, end: RelayEnd) => RelayEndEvents;
	readonly spaces: ReadonlyMap<SpaceId, RelaySpace>;
	/** Answers every append with this error instead of keeping it. */
	refuseAppends: ErrorCode | undefined;
	/** Tells every connected device that a wake came due. */
	fire(space: SpaceId, id: WakeId): void;
	/** Replaces what is kept by an earlier `copy`. */
	restore(copy: RelayCopy): void;
	copy(): RelayCopy;
}

export type RelayCopy = ReadonlyMap<SpaceId, RelaySpace>;

/** What the relay keeps of one space; a test may read it and tamper with it. */
export interface RelaySpace {
	readonly lists: Bytes[];
	readonly logs: Map<StreamId, RelayLog>;
	readonly wakes: Map<WakeId, Wake>;
	readonly claims: Map<string, { readonly device: DeviceId; readonly fence: number; readonly isDone: boolean }>;
	readonly subscriptions: Map<DeviceId, PushSubscriptionFields>;
}

export interface RelayLog {
	readonly entries: { readonly id: EntryId; readonly entry: Bytes }[];
	/** Chain behind each entry; index 0 is the empty log. */
	readonly chains: Bytes[];
}

interface Member {
	readonly space: SpaceId;
	readonly device: DeviceId | null;
	readonly follows: Set<StreamId>;
	send(message: RelayMessage): void;
}

/** Makes an empty relay. */
export function createMemoryRelay(deps: ClockDep & RandomDep): MemoryRelay {
	let spaces = new Map<SpaceId, RelaySpace>();
	const members = new Set<Member>();
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
			for (const member of members)
				if (member.space === space) member.send({ type: 'fired', id, due: deps.clock.now() });
		},
		copy: () => copySpaces(spaces),
		restore(copy) {
			spaces = copySpaces(copy);
			timeline++;
		},
	};
	return relay;

	function accept(_url: string, end: RelayEnd): RelayEndEvents {
		const nonce = deps.random.bytes(32);
		let isOpen = true;
		let member: Member | undefined;
		const send = (message: RelayMessage) => {
			if (isOpen) end.send(encodeRelayMessage(message));
		};
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
				if (member) members.delete(member);
			},
		};

		async function handle(message: ClientMessage): Promise<void> {
			if (!isOpen) return;
			if (member) return serve(member, message);
			if (message.type !== 'auth') return end.close(CLOSE.unauthorized, 'not yet');
			const refusal = await authenticate(message, challenge);
			if (refusal) {
				send({ type: 'error', code: refusal, about: '', message: `The relay says ${refusal}.` });
				return end.close(CLOSE.unauthorized, refusal);
			}
			if (!isOpen) return;
			member = { space: message.space, device: message.device, follows: new Set(), send };
			members.add(member);
			send({ type: 'ready', listVersion: spaceOf(member).lists.length, now: deps.clock.now(), vapidKey: 'vapid' });
		}
	}

	async function authenticate(
		auth: ClientMessage & { type: 'auth' },
		challenge: { readonly nonce: Bytes; readonly timeline: string },
	): Promise<ErrorCode | undefined> {
		const known = spaces.get(auth.space);
		// A list of a newer form stands for a newer relay: it let the device in by what this one cannot read.
		const newest = known?.lists.findLast((bytes) => readDeviceList(bytes).ok) ?? auth.list;
		if (!newest) return 'unknown-space';
		if (!known) {
			const founding = await verifyDeviceList({ bytes: newest });
			if (!founding.ok || founding.value.space !== auth.space) return 'bad-signature';
		}
		const list = readDeviceList(newest);
		if (!list.ok) return 'malformed';
		const { listKey, devices } = list.value;
		const key = auth.device === null ? listKey : devices.find(({ id }) => id === auth.device)?.signKey;
		if (key === undefined) return 'not-a-device';
		const claim = { ...challenge, space: auth.space, device: auth.device };
		if (!(await verifyAuth(claim, key, auth.signature))) return 'bad-signature';
		if (!known) spaces.set(auth.space, emptySpace(newest));
		return undefined;
	}

	async function serve(member: Member, message: ClientMessage): Promise<void> {
		const space = spaceOf(member);
		switch (message.type) {
			case 'ping':
				return member.send({ type: 'pong' });
			case 'list-get':
				return member.send({ type: 'lists', lists: space.lists.slice(message.after) });
			case 'list-put':
				return putList(member, space, message.list);
			case 'open':
				return open(member, space, message);
			case 'shut':
				return void member.follows.delete(message.stream);
			case 'append':
				return append(member, space, message);
			default:
				return serveServices(member, space, message);
		}
	}

	async function putList(member: Member, space: RelaySpace, bytes: Bytes): Promise<void> {
		const list = await verifyDeviceList({ bytes, previous: space.lists.at(-1) });
		if (list.ok) {
			space.lists.push(bytes);
			return member.send({ type: 'list-kept', version: list.value.version });
		}
		const isLate = list.error.type === 'WrongVersion' || list.error.type === 'BrokenListChain';
		refuse(member, isLate ? 'list-conflict' : 'bad-signature', '');
	}

	function open(member: Member, space: RelaySpace, message: ClientMessage & { type: 'open' }): void {
		const { stream, cursor } = message;
		const log = logOf(space, stream);
		const chain = log.chains[cursor];
		if (!chain || !equalBytes(chain, message.chain)) {
			refuse(member, 'forked', stream);
			return;
		}
		member.follows.add(stream);
		// Small batches, so that tests meet their borders.
		for (let from = cursor; from < log.entries.length; from += 3) {
			const entries = log.entries.slice(from, from + 3).map(({ entry }) => entry);
			member.send({ type: 'entries', stream, from: from + 1, entries });
		}
		member.send({ type: 'head', stream, seq: log.entries.length, chain: log.chains.at(-1) ?? emptyChain() });
	}

	async function append(member: Member, space: RelaySpace, message: ClientMessage & { type: 'append' }): Promise<void> {
		const { stream, id, entry } = message;
		if (relay.refuseAppends) return refuse(member, relay.refuseAppends, id);
		const log = logOf(space, stream);
		const present = log.entries.findIndex((row) => row.id === id);
		if (present >= 0) return member.send({ type: 'echo', stream, id, seq: present + 1 });
		const chain = await nextChain(log.chains.at(-1) ?? emptyChain(), entry);
		const seq = log.entries.push({ id, entry });
		log.chains.push(chain);
		for (const other of members) {
			if (other === member) other.send({ type: 'echo', stream, id, seq });
			else if (other.space === member.space && other.follows.has(stream)) {
				other.send({ type: 'entries', stream, from: seq, entries: [entry] });
			}
		}
	}

	function serveServices(member: Member, space: RelaySpace, message: ClientMessage): void {
		const answer = member.device === null ? undefined : answerService(space, member.device, message);
		if (answer) member.send(answer);
		else refuse(member, message.type === 'push-put' ? 'bad-endpoint' : 'not-a-device', '');
	}

	function refuse(member: Member, code: ErrorCode, about: string): void {
		member.send({ type: 'error', code, about, message: `The relay says ${code}.` });
	}

	function spaceOf(member: Member): RelaySpace {
		const space = spaces.get(member.space);
		if (!space) throw new Error('a member of no space');
		return space;
	}
}

/** undefined refuses. */
function answerService(space: RelaySpace, device: DeviceId, message: ClientMessage): RelayMessage | undefined {
	switch (message.type) {
		case 'wake-put': {
			const { wake } = message;
			const present = space.wakes.get(wake.id);
			if (!present || present.revision <= wake.revision) space.wakes.set(wake.id, wake);
			return { type: 'wake-kept', id: wake.id, revision: Math.max(present?.revision ?? 0, wake.revision) };
		}
		case 'wake-drop':
			space.wakes.delete(message.id);
			return { type: 'wake-kept', id: message.id, revision: message.revision };
		case 'wake-list':
			return {
				type: 'wakes',
				wakes: [...space.wakes.values()].map(({ id, revision }) => ({ id, revision, next: 1 })),
			};
		case 'push-put':
			if (message.subscription.endpoint.startsWith('http:')) return undefined;
			space.subscriptions.set(device, message.subscription);
			return { type: 'push-kept' };
		case 'push-test':
			return { type: 'push-tested', status: space.subscriptions.has(device) ? 201 : 0 };
		case 'claim':
		case 'claim-done': {
			const key = toBase64Url(message.occurrence);
			const fence = message.type === 'claim' ? claim(space, key, device) : finish(space, key, message.fence);
			return { type: 'claimed', occurrence: message.occurrence, fence };
		}
		default:
			return undefined;
	}
}

function claim(space: RelaySpace, key: string, device: DeviceId): number {
	const present = space.claims.get(key);
	if (present && (present.isDone || present.device !== device)) return 0;
	const fence = present?.fence ?? 1;
	space.claims.set(key, { device, fence, isDone: false });
	return fence;
}

function finish(space: RelaySpace, key: string, fence: number): number {
	const present = space.claims.get(key);
	if (present?.fence !== fence) return 0;
	space.claims.set(key, { ...present, isDone: true });
	return fence;
}

function logOf(space: RelaySpace, stream: StreamId): RelayLog {
	const log = space.logs.get(stream) ?? { entries: [], chains: [emptyChain()] };
	space.logs.set(stream, log);
	return log;
}

function emptySpace(list: Bytes): RelaySpace {
	return { lists: [list], logs: new Map(), wakes: new Map(), claims: new Map(), subscriptions: new Map() };
}

function copySpaces(spaces: RelayCopy): Map<SpaceId, RelaySpace> {
	return structuredClone(new Map(spaces));
}
