import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { SYNC_PATH } from '@pocketeer/core/protocol/messages';

/**
 * A WebSocket client that does next to nothing, so that what is measured is the relay: one frame a message, no
 * fragments, no extensions, no checks of what a relay of ours does not do wrong.
 */
export interface RawSocket {
	/** Sends one binary message. */
	send(message: Uint8Array): void;
	/** Sends what `frameOf` made, which may be changed and sent again once this returns. */
	sendFrame(frame: Buffer): void;
	/** Bytes received so far, the handshake and headers of frames included. */
	readonly receivedBytes: number;
	/** Cuts the connection. */
	close(): void;
}

export interface RawEvents {
	opened?(): void;
	/** The message is a view that holds until this returns. */
	received(message: Buffer): void;
	/** Once, whoever ended it, and also when it never opened. */
	closed?(): void;
}

const OPCODE = { binary: 2, close: 8, ping: 9, pong: 10 } as const;
const MASK = randomBytes(4);
const MASK_BYTES = MASK.length;

/** Dials a relay at its origin. */
export function dialRaw(origin: string, events: RawEvents): RawSocket {
	const { hostname, port, host } = new URL(origin);
	const socket = connect({ host: hostname, port: Number(port), noDelay: true });
	let rest: Buffer = Buffer.alloc(0);
	let isOpen = false;
	let receivedBytes = 0;
	let isCorked = false;
	/** What is sent in one go leaves in one system call. */
	const write = (bytes: Buffer) => {
		if (!isCorked) {
			isCorked = true;
			socket.cork();
			process.nextTick(() => {
				isCorked = false;
				socket.uncork();
			});
		}
		socket.write(bytes);
	};
	socket.on('connect', () => socket.write(handshake(host)));
	socket.on('error', () => undefined);
	socket.on('close', () => events.closed?.());
	socket.on('data', (chunk: Buffer) => {
		receivedBytes += chunk.length;
		rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
		if (!isOpen) {
			const end = rest.indexOf('\r\n\r\n');
			if (end < 0) return;
			if (!rest.toString('latin1', 0, end).startsWith('HTTP/1.1 101')) return void socket.destroy();
			isOpen = true;
			rest = rest.subarray(end + 4);
			events.opened?.();
		}
		rest = readFrames(rest, socket, events);
	});
	return {
		send: (message) => write(frameOf(message)),
		sendFrame: (frame) => write(Buffer.from(frame)),
		get receivedBytes() {
			return receivedBytes;
		},
		close: () => void socket.destroy(),
	};
}

function handshake(host: string): string {
	const key = randomBytes(16).toString('base64');
	const fields = [`Host: ${host}`, 'Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Key: ${key}`];
	return `GET ${SYNC_PATH} HTTP/1.1\r\n${fields.join('\r\n')}\r\nSec-WebSocket-Version: 13\r\n\r\n`;
}

/** A message as one masked frame (RFC 6455, 5.2). */
export function frameOf(message: Uint8Array, opcode: number = OPCODE.binary): Buffer {
	const { length } = message;
	const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
	const start = 2 + lengthBytes + MASK_BYTES;
	const frame = Buffer.allocUnsafe(start + length);
	frame[0] = 0x80 | opcode;
	frame[1] = 0x80 | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127);
	if (lengthBytes === 2) frame.writeUInt16BE(length, 2);
	if (lengthBytes === 8) frame.writeBigUInt64BE(BigInt(length), 2);
	MASK.copy(frame, 2 + lengthBytes);
	frame.set(message, start);
	maskRange(frame, start, start, length);
	return frame;
}

/** Writes bytes into a frame of `frameOf`, `at` counted from the start of its message. */
export function patchFrame(frame: Buffer, at: number, bytes: Uint8Array): void {
	const flag = (frame[1] ?? 0) & 0x7f;
	const start = 2 + (flag === 126 ? 2 : flag === 127 ? 8 : 0) + MASK_BYTES;
	frame.set(bytes, start + at);
	maskRange(frame, start, start + at, bytes.length);
}

function maskRange(frame: Buffer, start: number, from: number, length: number): void {
	for (let index = from; index < from + length; index++) {
		frame[index] = (frame[index] ?? 0) ^ (MASK[(index - start) & 3] ?? 0);
	}
}

/** Hands out the whole frames at the front; answers what is left. */
function readFrames(bytes: Buffer, socket: Socket, events: RawEvents): Buffer {
	let at = 0;
	while (bytes.length - at >= 2) {
		const flag = (bytes[at + 1] ?? 0) & 0x7f;
		const start = at + 2 + (flag === 126 ? 2 : flag === 127 ? 8 : 0);
		if (bytes.length < start) break;
		const length =
			flag === 126 ? bytes.readUInt16BE(at + 2) : flag === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : flag;
		if (bytes.length < start + length) break;
		const opcode = (bytes[at] ?? 0) & 0x0f;
		const message = bytes.subarray(start, start + length);
		at = start + length;
		if (opcode === OPCODE.binary) events.received(message);
		else if (opcode === OPCODE.ping) socket.write(frameOf(message, OPCODE.pong));
		else if (opcode === OPCODE.close) socket.end();
	}
	return at === 0 ? bytes : bytes.subarray(at);
}
