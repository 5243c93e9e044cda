import { err, ok, type Result, unreachable } from '../result.ts';
import { LIMITS } from './limits.ts';
import type { ClientMessage, ErrorCode, RelayMessage, SnapshotPart } from './messages.ts';
import { readWake, writeWake } from './wake-wire.ts';
import { createFrameReader, createFrameWriter, type FrameReader, type FrameWriter, MalformedFrame } from './wire.ts';

/** The bytes are no message of this protocol; `reason` is for a log, not for a person. */
export interface Malformed {
	readonly type: 'Malformed';
	readonly reason: string;
}

/** A message of a later version, whatever it says. */
export interface UnknownType {
	readonly type: 'UnknownType';
	/** Its number on the wire. */
	readonly number: number;
}

/** Types of client frames: 100–149. A number is never given to another message. */
const CLIENT_TYPE = {
	auth: 100,
	'list-get': 101,
	'list-put': 102,
	open: 103,
	shut: 104,
	append: 105,
	'wake-put': 106,
	'wake-drop': 107,
	'wake-list': 108,
	'push-put': 109,
	'push-test': 110,
	claim: 111,
	'claim-done': 112,
	ping: 113,
	watch: 114,
	'snapshot-put': 115,
	ephemeral: 116,
	'space-get': 117,
	'space-delete': 118,
	'pair-open': 119,
	'pair-join': 120,
	'pair-say': 121,
	'pair-shut': 122,
} as const satisfies Record<ClientMessage['type'], number>;

/** Types of relay frames: 150–199. */
const RELAY_TYPE = {
	challenge: 150,
	ready: 151,
	lists: 152,
	'list-kept': 153,
	entries: 154,
	echo: 155,
	head: 156,
	wakes: 157,
	'wake-kept': 158,
	'push-kept': 159,
	'push-tested': 160,
	fired: 161,
	claimed: 162,
	error: 163,
	pong: 164,
	listed: 165,
	heads: 166,
	moved: 167,
	snapshot: 168,
	'snapshot-kept': 169,
	ephemeral: 170,
	'space-state': 171,
	'space-deleted': 172,
	'pair-opened': 173,
	'pair-joined': 174,
	'pair-said': 175,
	'pair-ended': 176,
} as const satisfies Record<RelayMessage['type'], number>;

/** Below it are y-websocket's types. */
const FIRST_CLIENT_TYPE = 100;
const FIRST_RELAY_TYPE = 150;

const ERROR_CODES: readonly string[] = [
	'malformed',
	'too-old',
	'unknown-space',
	'not-a-device',
	'bad-signature',
	'invite-required',
	'list-conflict',
	'too-large',
	'quota',
	'forked',
	'stale-snapshot',
	'stale-epoch',
	'deleted',
	'no-mailbox',
	'bad-wake',
	'bad-endpoint',
	'rate',
	'internal',
] satisfies readonly ErrorCode[];

/** Most bytes of the small fields; what a person or a platform writes there is far shorter. */
const MAX = { text: 1024, url: 2048, name: 64, statement: 4096 } as const;
const NONCE_BYTES = 32;
const SIGNATURE_BYTES = 64;
const HASH_BYTES = 32;
const OCCURRENCE_BYTES = 16;

/** One frame holding the message; throws on a message that breaks its own type (an id that is none). */
export function encodeClientMessage(message: ClientMessage): Uint8Array<ArrayBuffer> {
	const to = createFrameWriter();
	to.uint(CLIENT_TYPE[message.type]);
	switch (message.type) {
		case 'auth':
			to.uint(message.version);
			to.id(message.space);
			to.flag(message.device !== null);
			if (message.device !== null) to.id(message.device);
			to.fixed(message.signature, SIGNATURE_BYTES);
			to.text(message.origin);
			to.uint(message.lists.length);
			for (const list of message.lists) to.bytes(list);
			to.text(message.invite);
			break;
		case 'list-get':
			to.uint(message.after);
			break;
		case 'list-put':
			to.bytes(message.list);
			break;
		case 'open':
			to.id(message.stream);
			to.uint(message.cursor);
			to.fixed(message.chain, HASH_BYTES);
			break;
		case 'shut':
			to.id(message.stream);
			break;
		case 'append':
			to.id(message.stream);
			to.id(message.id);
			to.bytes(message.entry);
			break;
		case 'wake-put':
			writeWake(to, message.wake);
			break;
		case 'wake-drop':
			to.id(message.id);
			to.uint(message.revision);
			break;
		case 'push-put':
			to.text(message.subscription.endpoint);
			to.text(message.subscription.p256dh);
			to.text(message.subscription.auth);
			to.text(message.subscription.appUrl);
			break;
		case 'claim':
			to.fixed(message.occurrence, OCCURRENCE_BYTES);
			to.uint(message.leaseMs);
			break;
		case 'claim-done':
			to.fixed(message.occurrence, OCCURRENCE_BYTES);
			to.uint(message.fence);
			break;
		case 'watch':
			to.uint(message.since);
			break;
		case 'snapshot-put':
			writeSnapshotPart(to, message);
			break;
		case 'ephemeral':
			to.id(message.stream);
			to.bytes(message.sealed);
			break;
		case 'space-delete':
			to.bytes(message.statement);
			break;
		case 'pair-open':
			to.id(message.mailbox);
			to.uint(message.ttlMs);
			break;
		case 'pair-join':
		case 'pair-shut':
			to.id(message.mailbox);
			break;
		case 'pair-say':
			to.id(message.mailbox);
			to.bytes(message.bytes);
			break;
		case 'wake-list':
		case 'push-test':
		case 'space-get':
		case 'ping':
			break;
		default:
			unreachable(message);
	}
	return to.finish();
}

/** The message in a frame; never throws, whatever the bytes. */
export function decodeClientMessage(frame: Uint8Array): Result<ClientMessage, Malformed | UnknownType> {
	return decode(frame, FIRST_CLIENT_TYPE, readClientMessage);
}

/** undefined: no type of a client. */
function readClientMessage(type: number, from: FrameReader): ClientMessage | undefined {
	switch (type) {
		case CLIENT_TYPE.auth:
			return {
				type: 'auth',
				version: from.uint(),
				space: from.id(),
				device: from.flag() ? from.id() : null,
				signature: from.fixed(SIGNATURE_BYTES),
				origin: from.text(MAX.text),
				lists: readMany(from, () => from.bytes(LIMITS.deviceList)),
				invite: from.text(MAX.text),
			};
		case CLIENT_TYPE['list-get']:
			return { type: 'list-get', after: from.uint() };
		case CLIENT_TYPE['list-put']:
			return { type: 'list-put', list: from.bytes(LIMITS.deviceList) };
		case CLIENT_TYPE.open:
			return { type: 'open', stream: from.id(), cursor: from.uint(), chain: from.fixed(HASH_BYTES) };
		case CLIENT_TYPE.shut:
			return { type: 'shut', stream: from.id() };
		case CLIENT_TYPE.append:
			return { type: 'append', stream: from.id(), id: from.id(), entry: from.bytes(LIMITS.frame) };
		case CLIENT_TYPE['wake-put']:
			return { type: 'wake-put', wake: readWake(from) };
		case CLIENT_TYPE['wake-drop']:
			return { type: 'wake-drop', id: from.id(), revision: from.uint() };
		case CLIENT_TYPE['wake-list']:
			return { type: 'wake-list' };
		case CLIENT_TYPE['push-put']:
			return {
				type: 'push-put',
				subscription: {
					endpoint: from.text(MAX.url),
					p256dh: from.text(MAX.text),
					auth: from.text(MAX.text),
					appUrl: from.text(MAX.url),
				},
			};
		case CLIENT_TYPE['push-test']:
			return { type: 'push-test' };
		case CLIENT_TYPE.claim:
			return { type: 'claim', occurrence: from.fixed(OCCURRENCE_BYTES), leaseMs: from.uint() };
		case CLIENT_TYPE['claim-done']:
			return { type: 'claim-done', occurrence: from.fixed(OCCURRENCE_BYTES), fence: from.uint() };
		case CLIENT_TYPE.ping:
			return { type: 'ping' };
		case CLIENT_TYPE.watch:
			return { type: 'watch', since: from.uint() };
		case CLIENT_TYPE['snapshot-put']:
			return { type: 'snapshot-put', ...readSnapshotPart(from) };
		case CLIENT_TYPE.ephemeral:
			return { type: 'ephemeral', stream: from.id(), sealed: from.bytes(LIMITS.ephemeral) };
		case CLIENT_TYPE['space-get']:
			return { type: 'space-get' };
		case CLIENT_TYPE['space-delete']:
			return { type: 'space-delete', statement: from.bytes(MAX.statement) };
		case CLIENT_TYPE['pair-open']:
			return { type: 'pair-open', mailbox: from.id(), ttlMs: from.uint() };
		case CLIENT_TYPE['pair-join']:
			return { type: 'pair-join', mailbox: from.id() };
		case CLIENT_TYPE['pair-say']:
			return { type: 'pair-say', mailbox: from.id(), bytes: from.bytes(LIMITS.pairing) };
		case CLIENT_TYPE['pair-shut']:
			return { type: 'pair-shut', mailbox: from.id() };
		default:
			return undefined;
	}
}

/** A length on the wire takes no more, for anything that fits a frame. */
const LENGTH_BYTES = 5;
/** All fields of `entries` or `snapshot` besides the sealed bytes take less. */
const ENVELOPE_BYTES = 160;

/** One frame holding the message; throws on a message that breaks its own type. */
export function encodeRelayMessage(message: RelayMessage): Uint8Array<ArrayBuffer> {
	const to = createFrameWriter(roomFor(message));
	to.uint(RELAY_TYPE[message.type]);
	switch (message.type) {
		case 'challenge':
			to.uint(message.version);
			to.uint(message.oldest);
			to.fixed(message.nonce, NONCE_BYTES);
			to.text(message.timeline);
			break;
		case 'ready':
			to.uint(message.listVersion);
			to.uint(message.now);
			to.text(message.vapidKey);
			break;
		case 'lists':
			to.uint(message.lists.length);
			for (const list of message.lists) to.bytes(list);
			break;
		case 'list-kept':
			to.uint(message.version);
			break;
		case 'entries':
			to.id(message.stream);
			to.uint(message.from);
			to.uint(message.entries.length);
			for (const entry of message.entries) to.bytes(entry);
			break;
		case 'echo':
			to.id(message.stream);
			to.id(message.id);
			to.uint(message.seq);
			break;
		case 'head':
			to.id(message.stream);
			to.uint(message.seq);
			to.fixed(message.chain, HASH_BYTES);
			to.uint(message.covered);
			to.uint(message.snapshotBytes);
			to.uint(message.tailBytes);
			break;
		case 'wakes':
			to.uint(message.wakes.length);
			for (const wake of message.wakes) {
				to.id(wake.id);
				to.uint(wake.revision);
				to.uint(wake.next);
			}
			break;
		case 'wake-kept':
			to.id(message.id);
			to.uint(message.revision);
			break;
		case 'push-tested':
			to.uint(message.status);
			break;
		case 'fired':
			to.id(message.id);
			to.uint(message.due);
			break;
		case 'claimed':
			to.fixed(message.occurrence, OCCURRENCE_BYTES);
			to.uint(message.fence);
			break;
		case 'error':
			to.text(message.code);
			to.text(message.about);
			to.text(message.message);
			break;
		case 'listed':
			to.uint(message.version);
			break;
		case 'heads':
			to.uint(message.change);
			to.uint(message.heads.length);
			for (const head of message.heads) {
				to.id(head.stream);
				to.uint(head.seq);
			}
			break;
		case 'moved':
			to.id(message.stream);
			to.uint(message.seq);
			to.uint(message.change);
			break;
		case 'snapshot':
			writeSnapshotPart(to, message);
			break;
		case 'snapshot-kept':
			to.id(message.stream);
			to.id(message.id);
			to.uint(message.covers);
			break;
		case 'ephemeral':
			to.id(message.stream);
			to.bytes(message.sealed);
			break;
		case 'space-state':
			to.uint(message.usedBytes);
			to.uint(message.limitBytes);
			to.uint(message.devices.length);
			for (const device of message.devices) {
				to.id(device.id);
				to.uint(device.seen);
			}
			break;
		case 'space-deleted':
			to.bytes(message.statement);
			break;
		case 'pair-opened':
		case 'pair-joined':
			to.id(message.mailbox);
			break;
		case 'pair-said':
			to.id(message.mailbox);
			to.bytes(message.bytes);
			break;
		case 'pair-ended':
			to.id(message.mailbox);
			to.flag(message.reason === 'expired');
			break;
		case 'push-kept':
		case 'pong':
			break;
		default:
			unreachable(message);
	}
	return to.finish();
}

/** The message in a frame; never throws, whatever the bytes. */
export function decodeRelayMessage(frame: Uint8Array): Result<RelayMessage, Malformed | UnknownType> {
	return decode(frame, FIRST_RELAY_TYPE, readRelayMessage);
}

/** undefined: no type of a relay. */
function readRelayMessage(type: number, from: FrameReader): RelayMessage | undefined {
	switch (type) {
		case RELAY_TYPE.challenge:
			return readChallenge(from);
		case RELAY_TYPE.ready:
			return { type: 'ready', listVersion: from.uint(), now: from.uint(), vapidKey: from.text(MAX.text) };
		case RELAY_TYPE.lists:
			return { type: 'lists', lists: readMany(from, () => from.bytes(LIMITS.deviceList)) };
		case RELAY_TYPE['list-kept']:
			return { type: 'list-kept', version: from.uint() };
		case RELAY_TYPE.entries:
			return {
				type: 'entries',
				stream: from.id(),
				from: from.uint(),
				entries: readMany(from, () => from.bytes(LIMITS.entry)),
			};
		case RELAY_TYPE.echo:
			return { type: 'echo', stream: from.id(), id: from.id(), seq: from.uint() };
		case RELAY_TYPE.head:
			return {
				type: 'head',
				stream: from.id(),
				seq: from.uint(),
				chain: from.fixed(HASH_BYTES),
				covered: from.uint(),
				snapshotBytes: from.uint(),
				tailBytes: from.uint(),
			};
		case RELAY_TYPE.wakes:
			return {
				type: 'wakes',
				wakes: readMany(from, () => ({ id: from.id(), revision: from.uint(), next: from.uint() })),
			};
		case RELAY_TYPE['wake-kept']:
			return { type: 'wake-kept', id: from.id(), revision: from.uint() };
		case RELAY_TYPE['push-kept']:
			return { type: 'push-kept' };
		case RELAY_TYPE['push-tested']:
			return { type: 'push-tested', status: from.uint() };
		case RELAY_TYPE.fired:
			return { type: 'fired', id: from.id(), due: from.uint() };
		case RELAY_TYPE.claimed:
			return { type: 'claimed', occurrence: from.fixed(OCCURRENCE_BYTES), fence: from.uint() };
		case RELAY_TYPE.error:
			return {
				type: 'error',
				code: readErrorCode(from),
				about: from.text(MAX.text),
				message: from.text(MAX.text),
			};
		case RELAY_TYPE.pong:
			return { type: 'pong' };
		case RELAY_TYPE.listed:
			return { type: 'listed', version: from.uint() };
		case RELAY_TYPE.heads:
			return {
				type: 'heads',
				change: from.uint(),
				heads: readMany(from, () => ({ stream: from.id(), seq: from.uint() })),
			};
		case RELAY_TYPE.moved:
			return { type: 'moved', stream: from.id(), seq: from.uint(), change: from.uint() };
		case RELAY_TYPE.snapshot:
			return { type: 'snapshot', ...readSnapshotPart(from) };
		case RELAY_TYPE['snapshot-kept']:
			return { type: 'snapshot-kept', stream: from.id(), id: from.id(), covers: from.uint() };
		case RELAY_TYPE.ephemeral:
			return { type: 'ephemeral', stream: from.id(), sealed: from.bytes(LIMITS.ephemeral) };
		default:
			return readMembersMessage(type, from);
	}
}

/** Answers about the space as a whole and about pairing. */
function readMembersMessage(type: number, from: FrameReader): RelayMessage | undefined {
	switch (type) {
		case RELAY_TYPE['space-state']:
			return {
				type: 'space-state',
				usedBytes: from.uint(),
				limitBytes: from.uint(),
				devices: readMany(from, () => ({ id: from.id(), seen: from.uint() })),
			};
		case RELAY_TYPE['space-deleted']:
			return { type: 'space-deleted', statement: from.bytes(MAX.statement) };
		case RELAY_TYPE['pair-opened']:
			return { type: 'pair-opened', mailbox: from.id() };
		case RELAY_TYPE['pair-joined']:
			return { type: 'pair-joined', mailbox: from.id() };
		case RELAY_TYPE['pair-said']:
			return { type: 'pair-said', mailbox: from.id(), bytes: from.bytes(LIMITS.pairing) };
		case RELAY_TYPE['pair-ended']:
			return { type: 'pair-ended', mailbox: from.id(), reason: from.flag() ? 'expired' : 'left' };
		default:
			return undefined;
	}
}

/** Bytes that frames of some size need at most; 0 for the others. A stream to a new device is megabytes of them. */
function roomFor(message: RelayMessage): number {
	if (message.type === 'snapshot') return ENVELOPE_BYTES + message.part.length;
	if (message.type !== 'entries') return 0;
	return message.entries.reduce((sum, entry) => sum + LENGTH_BYTES + entry.length, ENVELOPE_BYTES);
}

function writeSnapshotPart(to: FrameWriter, part: SnapshotPart): void {
	to.id(part.stream);
	to.id(part.id);
	to.uint(part.covers);
	to.fixed(part.chain, HASH_BYTES);
	to.uint(part.index);
	to.uint(part.count);
	to.bytes(part.part);
}

function readSnapshotPart(from: FrameReader): SnapshotPart {
	return {
		stream: from.id(),
		id: from.id(),
		covers: from.uint(),
		chain: from.fixed(HASH_BYTES),
		index: from.uint(),
		count: from.uint(),
		part: from.bytes(LIMITS.snapshotPart),
	};
}

function readChallenge(from: FrameReader): RelayMessage {
	const version = from.uint();
	const oldest = from.uint();
	const nonce = from.fixed(NONCE_BYTES);
	const timeline = from.text(MAX.name);
	// The one message sent before the versions are known: a later relay may say more in it.
	from.skip();
	return { type: 'challenge', version, oldest, nonce, timeline };
}

function decode<T>(
	frame: Uint8Array,
	firstType: number,
	read: (type: number, from: FrameReader) => T | undefined,
): Result<T, Malformed | UnknownType> {
	const from = createFrameReader(frame);
	try {
		const type = from.uint();
		if (type < firstType) throw new MalformedFrame(`type ${type} is none of this side`);
		const message = read(type, from);
		if (message === undefined) return err({ type: 'UnknownType', number: type });
		from.end();
		return ok(message);
	} catch (error) {
		if (error instanceof MalformedFrame) return err({ type: 'Malformed', reason: error.message });
		throw error;
	}
}

function readMany<T>(from: FrameReader, read: () => T): readonly T[] {
	// The count is not trusted with memory: a frame that lies runs out of bytes at the first missing item.
	const count = from.uint();
	const items: T[] = [];
	for (let index = 0; index < count; index++) items.push(read());
	return items;
}

function readErrorCode(from: FrameReader): ErrorCode {
	const code = from.text(MAX.name);
	// A later relay's: its sentence says what is the matter.
	return isErrorCode(code) ? code : 'internal';
}

function isErrorCode(code: string): code is ErrorCode {
	return ERROR_CODES.includes(code);
}
