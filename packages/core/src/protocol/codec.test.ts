import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toBase64Url, utf8 } from '../bytes.ts';
import type { DeviceId, EntryId, MailboxId, SnapshotId, SpaceId, StreamId, WakeId } from '../ids.ts';
import { decodeClientMessage, decodeRelayMessage, encodeClientMessage, encodeRelayMessage } from './codec.ts';
import { LIMITS } from './limits.ts';
import type { ClientMessage, ErrorCode, RelayMessage } from './messages.ts';
import type { Recurrence } from './recurrence.ts';

const fixed = (length: number) =>
	fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => new Uint8Array(bytes));
const someBytes = fc.uint8Array({ maxLength: 300 }).map((bytes) => new Uint8Array(bytes));
const id = <Id extends string>() => fixed(16).map((bytes) => toBase64Url(bytes) as Id);
const uint = fc.maxSafeNat();
const text = fc.string({ unit: 'binary', maxLength: 60 });
const nullable = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });

const recurrence: fc.Arbitrary<Recurrence> = fc.oneof(
	fc.record({ type: fc.constant('once' as const), at: uint }),
	fc.record({
		type: fc.constant('cron' as const),
		cron: text,
		zone: fc.string({ maxLength: 64 }),
		until: nullable(uint),
	}),
	fc.record({ type: fc.constant('interval' as const), intervalMs: uint, anchor: uint, until: nullable(uint) }),
);
const wake = fc.record({ id: id<WakeId>(), revision: uint, recurrence, ttlMs: uint, payload: someBytes });
const stream = id<StreamId>();
const mailbox = id<MailboxId>();
const snapshotPart = {
	stream,
	id: id<SnapshotId>(),
	covers: uint,
	chain: fixed(32),
	index: uint,
	count: uint,
	part: someBytes,
};

const clientMessage: fc.Arbitrary<ClientMessage> = fc.oneof(
	fc.record({
		type: fc.constant('auth' as const),
		version: uint,
		space: id<SpaceId>(),
		device: nullable(id<DeviceId>()),
		signature: fixed(64),
		origin: text,
		lists: fc.array(someBytes, { maxLength: 5 }),
		invite: text,
	}),
	fc.record({ type: fc.constant('list-get' as const), after: uint }),
	fc.record({ type: fc.constant('list-put' as const), list: someBytes }),
	fc.record({ type: fc.constant('open' as const), stream, cursor: uint, chain: fixed(32) }),
	fc.record({ type: fc.constant('shut' as const), stream }),
	fc.record({ type: fc.constant('append' as const), stream, id: id<EntryId>(), entry: someBytes }),
	fc.record({ type: fc.constant('wake-put' as const), wake }),
	fc.record({ type: fc.constant('wake-drop' as const), id: id<WakeId>(), revision: uint }),
	fc.record({ type: fc.constant('wake-list' as const) }),
	fc.record({
		type: fc.constant('push-put' as const),
		subscription: fc.record({ endpoint: text, p256dh: text, auth: text, appUrl: text }),
	}),
	fc.record({ type: fc.constant('push-test' as const) }),
	fc.record({ type: fc.constant('claim' as const), occurrence: fixed(16), leaseMs: uint }),
	fc.record({ type: fc.constant('claim-done' as const), occurrence: fixed(16), fence: uint }),
	fc.record({ type: fc.constant('ping' as const) }),
	fc.record({ type: fc.constant('watch' as const), since: uint }),
	fc.record({ type: fc.constant('snapshot-put' as const), ...snapshotPart }),
	fc.record({ type: fc.constant('ephemeral' as const), stream, sealed: someBytes }),
	fc.record({ type: fc.constant('space-get' as const) }),
	fc.record({ type: fc.constant('space-delete' as const), statement: someBytes }),
	fc.record({ type: fc.constant('pair-open' as const), mailbox, ttlMs: uint }),
	fc.record({ type: fc.constant('pair-join' as const), mailbox }),
	fc.record({ type: fc.constant('pair-say' as const), mailbox, bytes: someBytes }),
	fc.record({ type: fc.constant('pair-shut' as const), mailbox }),
);

const relayMessage: fc.Arbitrary<RelayMessage> = fc.oneof(
	fc.record({
		type: fc.constant('challenge' as const),
		version: uint,
		oldest: uint,
		nonce: fixed(32),
		timeline: fc.string({ maxLength: 64 }),
	}),
	fc.record({ type: fc.constant('ready' as const), listVersion: uint, now: uint, vapidKey: text }),
	fc.record({ type: fc.constant('lists' as const), lists: fc.array(someBytes, { maxLength: 5 }) }),
	fc.record({ type: fc.constant('list-kept' as const), version: uint }),
	fc.record({
		type: fc.constant('entries' as const),
		stream,
		from: uint,
		entries: fc.array(someBytes, { maxLength: 5 }),
	}),
	fc.record({ type: fc.constant('echo' as const), stream, id: id<EntryId>(), seq: uint }),
	fc.record({
		type: fc.constant('head' as const),
		stream,
		seq: uint,
		chain: fixed(32),
		covered: uint,
		snapshotBytes: uint,
		tailBytes: uint,
	}),
	fc.record({
		type: fc.constant('wakes' as const),
		wakes: fc.array(fc.record({ id: id<WakeId>(), revision: uint, next: uint }), { maxLength: 5 }),
	}),
	fc.record({ type: fc.constant('wake-kept' as const), id: id<WakeId>(), revision: uint }),
	fc.record({ type: fc.constant('push-kept' as const) }),
	fc.record({ type: fc.constant('push-tested' as const), status: uint }),
	fc.record({ type: fc.constant('fired' as const), id: id<WakeId>(), due: uint }),
	fc.record({ type: fc.constant('claimed' as const), occurrence: fixed(16), fence: uint }),
	fc.record({
		type: fc.constant('error' as const),
		code: fc.constantFrom<ErrorCode>(
			'malformed',
			'forked',
			'stale-snapshot',
			'stale-epoch',
			'deleted',
			'no-mailbox',
			'rate',
			'internal',
		),
		about: text,
		message: text,
	}),
	fc.record({ type: fc.constant('pong' as const) }),
	fc.record({ type: fc.constant('listed' as const), version: uint }),
	fc.record({
		type: fc.constant('heads' as const),
		change: uint,
		heads: fc.array(fc.record({ stream, seq: uint }), { maxLength: 5 }),
	}),
	fc.record({ type: fc.constant('moved' as const), stream, seq: uint, change: uint }),
	fc.record({ type: fc.constant('snapshot' as const), ...snapshotPart }),
	fc.record({ type: fc.constant('snapshot-kept' as const), stream, id: id<SnapshotId>(), covers: uint }),
	fc.record({ type: fc.constant('ephemeral' as const), stream, sealed: someBytes }),
	fc.record({
		type: fc.constant('space-state' as const),
		usedBytes: uint,
		limitBytes: uint,
		devices: fc.array(fc.record({ id: id<DeviceId>(), seen: uint }), { maxLength: 5 }),
	}),
	fc.record({ type: fc.constant('space-deleted' as const), statement: someBytes }),
	fc.record({ type: fc.constant('pair-opened' as const), mailbox }),
	fc.record({ type: fc.constant('pair-joined' as const), mailbox }),
	fc.record({ type: fc.constant('pair-said' as const), mailbox, bytes: someBytes }),
	fc.record({
		type: fc.constant('pair-ended' as const),
		mailbox,
		reason: fc.constantFrom('expired' as const, 'left' as const),
	}),
);

/** Sixteen zeros serve as any id. */
const ID = toBase64Url(new Uint8Array(16)) as never;
const SOME = Uint8Array.of(1, 2, 3);
const A_PART = { stream: ID, id: ID, covers: 7, chain: new Uint8Array(32), index: 0, count: 1, part: SOME };
const AN_AUTH: ClientMessage & { type: 'auth' } = {
	type: 'auth',
	version: 2,
	space: ID,
	device: null,
	signature: new Uint8Array(64),
	origin: 'https://relay.example',
	lists: [],
	invite: '',
};
const PING = encodeClientMessage({ type: 'ping' });

describe('codec', () => {
	test('every client message comes out of its frame as it went in', () => {
		fc.assert(
			fc.property(clientMessage, (message) => {
				expect(decodeClientMessage(encodeClientMessage(message))).toEqual({ ok: true, value: message });
			}),
			{ numRuns: 500 },
		);
	});

	test('every relay message comes out of its frame as it went in', () => {
		fc.assert(
			fc.property(relayMessage, (message) => {
				expect(decodeRelayMessage(encodeRelayMessage(message))).toEqual({ ok: true, value: message });
			}),
			{ numRuns: 500 },
		);
	});

	test('random bytes never throw', () => {
		const typed = fc
			.tuple(fc.integer({ min: 100, max: 199 }), someBytes)
			.map(([type, rest]) => [...varuint(type), ...rest]);
		fc.assert(
			fc.property(fc.oneof(someBytes, typed), (bytes) => {
				const frame = Uint8Array.from(bytes);
				for (const read of [decodeClientMessage(frame), decodeRelayMessage(frame)]) {
					if (!read.ok) expect(read.error.type).toMatch(/^(Malformed|UnknownType)$/);
				}
			}),
			{ numRuns: 2000 },
		);
	});

	test('a frame that decodes is the only form of its message', () => {
		fc.assert(
			fc.property(clientMessage, fc.nat(), fc.nat(255), (message, at, byte) => {
				const frame = encodeClientMessage(message);
				frame[at % frame.length] = byte;
				const read = decodeClientMessage(frame);
				if (read.ok) expect(encodeClientMessage(read.value)).toEqual(frame);
			}),
			{ numRuns: 1000 },
		);
	});

	test('a frame cut anywhere is malformed', () => {
		fc.assert(
			fc.property(clientMessage, fc.nat(), (message, at) => {
				const frame = encodeClientMessage(message);
				expect(decodeClientMessage(frame.subarray(0, at % frame.length)).ok).toBe(false);
			}),
			{ numRuns: 500 },
		);
	});

	test('bytes after the last field are malformed', () => {
		const read = decodeClientMessage(Uint8Array.of(...PING, 0));
		expect(read).toEqual({ ok: false, error: { type: 'Malformed', reason: 'bytes after the last field' } });
	});

	test('a type padded to more bytes than it needs is malformed', () => {
		expect(decodeClientMessage(Uint8Array.of(113)).ok).toBe(true);
		expect(decodeClientMessage(Uint8Array.of(113 | 0x80, 0)).ok).toBe(false);
	});

	test('a number over 2^53 − 1 is malformed', () => {
		const greatest = encodeClientMessage({ type: 'list-get', after: Number.MAX_SAFE_INTEGER });
		expect(decodeClientMessage(greatest).ok).toBe(true);
		expect(decodeClientMessage(Uint8Array.of(101, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10)).ok).toBe(false);
	});

	test("y-websocket's own types and those of the other side are unknown", () => {
		for (const type of [0, 1, 2, 3, 99, 123]) expect(decodeClientMessage(Uint8Array.of(type)).ok).toBe(false);
		expect(decodeClientMessage(encodeRelayMessage({ type: 'pong' })).ok).toBe(false);
		expect(decodeRelayMessage(PING).ok).toBe(false);
	});

	test('a type of a later version is unknown, not malformed, whatever it says', () => {
		expect(decodeClientMessage(Uint8Array.of(...varuint(149), 1, 2))).toEqual({
			ok: false,
			error: { type: 'UnknownType', number: 149 },
		});
		expect(decodeRelayMessage(Uint8Array.of(199, 1, 255))).toEqual({
			ok: false,
			error: { type: 'UnknownType', number: 199 },
		});
		expect(decodeClientMessage(Uint8Array.of(99))).toMatchObject({ error: { type: 'Malformed' } });
		expect(decodeRelayMessage(Uint8Array.of(120))).toMatchObject({ error: { type: 'Malformed' } });
	});

	test('an error code of a later relay is read as internal, with its sentence', () => {
		const frame = encodeRelayMessage({ type: 'error', code: 'quota', about: 'x', message: 'A sentence.' });
		frame.set(utf8('novel'), 3);
		expect(decodeRelayMessage(frame)).toEqual({
			ok: true,
			value: { type: 'error', code: 'internal', about: 'x', message: 'A sentence.' },
		});
	});

	test('a later relay may say more in its challenge, and in no other message', () => {
		const challenge = { type: 'challenge', version: 2, oldest: 1, nonce: new Uint8Array(32), timeline: 't' } as const;
		const frame = encodeRelayMessage(challenge);
		expect(decodeRelayMessage(Uint8Array.of(...frame, 7, 7))).toEqual({ ok: true, value: challenge });
		const ready = encodeRelayMessage({ type: 'ready', listVersion: 1, now: 1, vapidKey: '' });
		expect(decodeRelayMessage(Uint8Array.of(...ready, 7)).ok).toBe(false);
	});

	test('a device list over its limit is malformed before it is parsed', () => {
		const frame = encodeClientMessage({ type: 'list-put', list: new Uint8Array(LIMITS.deviceList + 1) });
		expect(decodeClientMessage(frame).ok).toBe(false);
	});

	test('a text that is not UTF-8 is malformed', () => {
		const frame = encodeRelayMessage({ type: 'error', code: 'rate', about: 'ab', message: '' });
		frame[frame.indexOf(utf8('ab')[0] ?? 0, 8)] = 0xff;
		expect(decodeRelayMessage(frame).ok).toBe(false);
	});

	test('what was decoded does not share memory with the frame', () => {
		const frame = encodeClientMessage({ type: 'list-put', list: Uint8Array.of(1, 2, 3) });
		const read = decodeClientMessage(frame);
		frame.fill(9);
		expect(read).toEqual({ ok: true, value: { type: 'list-put', list: Uint8Array.of(1, 2, 3) } });
	});

	test('what is over its limit is malformed before anybody looks into it', () => {
		const tooMuch = (limit: number) => new Uint8Array(limit + 1);
		const sealed = { type: 'ephemeral', stream: ID, sealed: tooMuch(LIMITS.ephemeral) } as const;
		const part = { ...A_PART, part: tooMuch(LIMITS.snapshotPart) };
		const messages: readonly ClientMessage[] = [
			sealed,
			{ type: 'snapshot-put', ...part },
			{ type: 'pair-say', mailbox: ID, bytes: tooMuch(LIMITS.pairing) },
			{ type: 'space-delete', statement: tooMuch(4096) },
			{ ...AN_AUTH, lists: [tooMuch(LIMITS.deviceList)] },
		];
		for (const message of messages) expect(decodeClientMessage(encodeClientMessage(message)).ok).toBe(false);
		expect(decodeRelayMessage(encodeRelayMessage(sealed)).ok).toBe(false);
		expect(decodeRelayMessage(encodeRelayMessage({ type: 'snapshot', ...part })).ok).toBe(false);
	});

	test('a count of lists that lies costs no memory', () => {
		const frame = encodeClientMessage({ ...AN_AUTH, lists: [Uint8Array.of(1)] });
		const at = frame.length - 4;
		expect(frame[at]).toBe(1);
		const lie = Uint8Array.of(...frame.subarray(0, at), 0xff, 0xff, 0xff, 0xff, 0x0f, ...frame.subarray(at + 1));
		expect(decodeClientMessage(lie).ok).toBe(false);
	});

	test('the types on the wire are fixed', () => {
		// Data and peers of later versions depend on these numbers.
		expect([...PING]).toEqual([113]);
		expect([...encodeClientMessage(AN_AUTH).subarray(0, 3)]).toEqual([100, 2, 0]);
		expect([...encodeClientMessage({ type: 'wake-list' })]).toEqual([108]);
		expect([...encodeRelayMessage({ type: 'push-kept' })]).toEqual([159, 1]);
		expect([...encodeRelayMessage({ type: 'pong' })]).toEqual([164, 1]);
	});

	test.each<[number, ClientMessage]>([
		[114, { type: 'watch', since: 1 }],
		[115, { type: 'snapshot-put', ...A_PART }],
		[116, { type: 'ephemeral', stream: ID, sealed: SOME }],
		[117, { type: 'space-get' }],
		[118, { type: 'space-delete', statement: SOME }],
		[119, { type: 'pair-open', mailbox: ID, ttlMs: 1 }],
		[120, { type: 'pair-join', mailbox: ID }],
		[121, { type: 'pair-say', mailbox: ID, bytes: SOME }],
		[122, { type: 'pair-shut', mailbox: ID }],
	])('of a client, type %i is fixed', (type, message) => {
		expect(encodeClientMessage(message)[0]).toBe(type);
	});

	test.each<[number, RelayMessage]>([
		[165, { type: 'listed', version: 1 }],
		[166, { type: 'heads', change: 1, heads: [] }],
		[167, { type: 'moved', stream: ID, seq: 1, change: 1 }],
		[168, { type: 'snapshot', ...A_PART }],
		[169, { type: 'snapshot-kept', stream: ID, id: ID, covers: 1 }],
		[170, { type: 'ephemeral', stream: ID, sealed: SOME }],
		[171, { type: 'space-state', usedBytes: 1, limitBytes: 1, devices: [] }],
		[172, { type: 'space-deleted', statement: SOME }],
		[173, { type: 'pair-opened', mailbox: ID }],
		[174, { type: 'pair-joined', mailbox: ID }],
		[175, { type: 'pair-said', mailbox: ID, bytes: SOME }],
		[176, { type: 'pair-ended', mailbox: ID, reason: 'left' }],
	])('of a relay, type %i is fixed', (type, message) => {
		expect([...encodeRelayMessage(message).subarray(0, 2)]).toEqual(varuint(type));
	});
});

/** Types from 128 on take two bytes. */
function varuint(value: number): readonly number[] {
	return value < 128 ? [value] : [(value & 127) | 128, value >> 7];
}
