import { randomBytes } from 'node:crypto';
import type { EntryId } from '@pocketeer/core/ids';
import { emptyChain } from '@pocketeer/core/protocol/chain';
import { encodeClientMessage } from '@pocketeer/core/protocol/codec';
import type { RelayMessage } from '@pocketeer/core/protocol/messages';
import { joinRaw, type RawSpace, randomId, readMessage, typeBytesOf } from './raw-device.ts';
import { frameOf, patchFrame, type RawSocket } from './raw-socket.ts';

/** One of thousands of devices: it keeps its place in its home stream, appends to it, and times what comes back. */
export interface LoadDevice {
	/** Dials, again and again until it is in; resolves when it has all there is. */
	arrive(): Promise<void>;
	/** Appends one entry; `at` is the moment it counts from, by `performance.now()`. */
	append(at: number): void;
	hangUp(): void;
	readonly redials: number;
	readonly receivedBytes: number;
}

export interface LoadEvents {
	/** An entry of this device is on disk: what it wrote, and where the relay says it is. */
	echoed(device: LoadDevice, latencyMs: number, kept: Kept): void;
	/** An entry of another device arrived. */
	arrived(latencyMs: number): void;
	/** The connection of a device that had arrived is gone. */
	cut(device: LoadDevice): void;
}

export interface Kept {
	/** First half of the entry's id, as hex, and its count. */
	readonly mark: string;
	readonly seq: number;
}

/** A chat message or a second of typing, sealed and padded. */
export const ENTRY_BYTES = 512;
/** Version and epoch of a sealed entry (SPEC.md), by which the relay knows whether it is of its time. */
const ENTRY_HEAD = Uint8Array.of(1, 1);
/** Where in the entry the writer notes its mark and its moment: for those who read it. */
const MARK_AT = 32;
const STAMP_AT = 64;
const ID_BYTES = 16;
const MARK_BYTES = 12;
/** Sent and not yet echoed; more than any window. */
const UNDER_WAY = 65_536;
/** Full jitter under a ceiling that doubles, as the client does it (SY8). */
const REDIAL = { firstMs: 500, mostMs: 60_000 } as const;

const ZEROS = new Uint8Array(32);
const NO_ID = randomId<EntryId>();
const ECHO = typeBytesOf({ type: 'echo', stream: randomId(), id: NO_ID, seq: 1 });
const ENTRIES = typeBytesOf({ type: 'entries', stream: randomId(), from: 1, entries: [] });
/** Fields of `append` in front of the entry: type, stream, id, length. */
const APPEND_ID_AT = 1 + ID_BYTES;

/** Makes a device that is not connected yet. */
export function createLoadDevice(
	options: { readonly origin: string; readonly space: RawSpace; readonly index: number },
	events: LoadEvents,
): LoadDevice {
	const { origin, space, index } = options;
	const mark = randomBytes(ID_BYTES);
	const { frame, entryAt } = appendFrame(space);
	const stamp = new Float64Array(1);
	const stampBytes = new Uint8Array(stamp.buffer);
	const sentAt = new Map<number, number>();
	const place = { seq: 0, chain: emptyChain(), change: 0 };
	let socket: RawSocket | undefined;
	let count = 0;
	let redials = 0;
	let receivedBytes = 0;
	let caughtUp: (() => void) | undefined;
	let missing = new Set<RelayMessage['type']>();

	const device: LoadDevice = {
		arrive() {
			return new Promise((resolve) => {
				caughtUp = resolve;
				dial(0);
			});
		},
		append(at) {
			count = (count + 1) % UNDER_WAY;
			mark.writeUInt32LE(count, MARK_BYTES);
			// Another id each time, also in another life of this device.
			if (count === 0) randomBytes(8).copy(mark);
			stamp[0] = at;
			sentAt.set(count, at);
			patchFrame(frame, APPEND_ID_AT, mark);
			patchFrame(frame, entryAt + MARK_AT, mark);
			patchFrame(frame, entryAt + STAMP_AT, stampBytes);
			socket?.sendFrame(frame);
		},
		hangUp() {
			const open = socket;
			socket = undefined;
			open?.close();
		},
		get redials() {
			return redials;
		},
		get receivedBytes() {
			return receivedBytes + (socket?.receivedBytes ?? 0);
		},
	};
	return device;

	function dial(attempt: number): void {
		const mine = joinRaw(origin, { space, index }, { ready, received, closed });
		socket = mine;

		function closed(): void {
			receivedBytes += mine.receivedBytes;
			if (socket !== mine) return;
			socket = undefined;
			sentAt.clear();
			if (!caughtUp) {
				events.cut(device);
				return;
			}
			redials++;
			const ceiling = Math.min(REDIAL.mostMs, REDIAL.firstMs * 2 ** attempt);
			setTimeout(() => dial(attempt + 1), Math.random() * ceiling);
		}
	}

	function ready(to: RawSocket): void {
		missing = new Set(['heads', 'head']);
		to.send(encodeClientMessage({ type: 'watch', since: place.change }));
		to.send(encodeClientMessage({ type: 'open', stream: space.home, cursor: place.seq, chain: place.chain }));
	}

	function received(bytes: Buffer): void {
		const type = bytes.readUInt16BE(0);
		if (type === ECHO) echoed(bytes);
		else if (type === ENTRIES) forEachEntry(bytes, (entry) => events.arrived(latencyOf(entry)));
		else said(readMessage(bytes));
	}

	function said(message: RelayMessage): void {
		if (message.type === 'heads') place.change = message.change;
		if (message.type === 'head') {
			place.seq = message.seq;
			place.chain = message.chain;
		}
		if (message.type === 'error') throw new Error(`the relay refused: ${message.code} ${message.message}`);
		if (!missing.delete(message.type) || missing.size > 0) return;
		const resolve = caughtUp;
		caughtUp = undefined;
		resolve?.();
	}

	function echoed(bytes: Buffer): void {
		const id = bytes.subarray(2 + ID_BYTES, 2 + 2 * ID_BYTES);
		const number = id.readUInt32LE(MARK_BYTES);
		const at = sentAt.get(number);
		sentAt.delete(number);
		if (at === undefined) return;
		const seq = readUint(bytes, 2 + 2 * ID_BYTES).value;
		events.echoed(device, performance.now() - at, { mark: id.toString('hex'), seq });
	}
}

/** The frame of an `append` to the home stream, and where in its message the entry begins. */
function appendFrame(space: RawSpace): { readonly frame: Buffer; readonly entryAt: number } {
	const entry = new Uint8Array(randomBytes(ENTRY_BYTES));
	entry.set(ENTRY_HEAD);
	entry.set(ZEROS.subarray(0, ID_BYTES), MARK_AT);
	const message = encodeClientMessage({ type: 'append', stream: space.home, id: NO_ID, entry });
	return { frame: frameOf(message), entryAt: message.length - ENTRY_BYTES };
}

function latencyOf(entry: Buffer): number {
	return performance.now() - entry.readDoubleLE(STAMP_AT);
}

/** The mark that the writer of an entry left in it. */
export function markOf(entry: Buffer): string {
	return entry.toString('hex', MARK_AT, MARK_AT + ID_BYTES);
}

/** Visits the entries of an `entries` message, in order, with their numbers. */
export function forEachEntry(message: Buffer, visit: (entry: Buffer, seq: number) => void): void {
	const from = readUint(message, 2 + ID_BYTES);
	const count = readUint(message, from.end);
	let at = count.end;
	for (let index = 0; index < count.value; index++) {
		const length = readUint(message, at);
		at = length.end + length.value;
		visit(message.subarray(length.end, at), from.value + index);
	}
}

/** lib0's varuint: seven bits a byte, the lowest first. */
function readUint(bytes: Buffer, at: number): { readonly value: number; readonly end: number } {
	let value = 0;
	for (let unit = 1; ; unit *= 128) {
		const byte = bytes[at++] ?? 0;
		value += (byte & 0x7f) * unit;
		if (byte < 0x80) return { value, end: at };
	}
}
