import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import { LIMITS } from '@pocketeer/core/protocol/limits';
import { CLOSE, SYNC_PATH } from '@pocketeer/core/protocol/messages';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Connection } from '../connection/connection.ts';
import type { Peer } from '../connection/peer.ts';

/** The WebSocket side of the relay. */
export interface Sockets {
	/** For the HTTP server's `upgrade` event. */
	upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
	/** Open connections. */
	count(): number;
	/** Takes no more, says goodbye to all, and resolves when they are gone or `graceMs` passed. */
	close(graceMs: number): Promise<void>;
}

/** What a connection is made from. */
export interface Opening {
	readonly peer: Peer;
	/** The page's origin as the browser says it; undefined outside of browsers. */
	readonly origin: string | undefined;
	/** To be called when the other side has proved who it is. */
	readonly trusted: () => void;
}

/** Connections that have not proved anything yet, at once: more than a space's worth of people come back after a restart. */
const STRANGERS = 4_096;
/** What all of them together may have sent. */
const STRANGERS_BYTES = 64 * 1024 * 1024;
/** What a stranger may send in all, headers of frames included. */
const STRANGER_BYTES = 2 * LIMITS.frameBeforeReady;
/** Without a sign of life in two of these, a connection is dead: phones change networks without a word. */
const HEARTBEAT_MS = 30_000;
/** The network took not one byte of what waits for a peer in this time: it is gone, or hopeless. */
const STALLED_MS = 60_000;

/**
 * Uses `ws` itself: Hono's WebSocket helper hides pausing, flushing and the number of unsent bytes, on which the
 * relay's back-pressure rests.
 */
export function createSockets(
	deps: ClockDep & { readonly connect: (opening: Opening) => Connection },
	options: { readonly stalledMs?: number; readonly strangers?: number } = {},
): Sockets {
	const { clock } = deps;
	const { stalledMs = STALLED_MS, strangers: mostStrangers = STRANGERS } = options;
	// Compression is off: entries are sealed, and sealed bytes do not shrink.
	const server = new WebSocketServer({
		noServer: true,
		maxPayload: LIMITS.frame * 2,
		perMessageDeflate: false,
		clientTracking: false,
	});
	const peers = new Set<SocketPeer>();
	/** Those not past their authentication, longest waiting first. */
	const strangers = new Set<SocketPeer>();
	let strangersBytes = 0;
	let isClosing = false;
	/** Told when the last one has gone. */
	let emptied: (() => void) | undefined;
	let heartbeat = clock.setTimer(HEARTBEAT_MS, beat);

	return {
		upgrade(request, socket, head) {
			const path = request.url?.split('?')[0];
			if (path !== SYNC_PATH) return reject(socket, '404 Not Found');
			if (isClosing) return reject(socket, '503 Service Unavailable');
			// The type says more than there is: `upgrade` of Node's own server brings a socket.
			if (!(socket instanceof Socket)) return reject(socket, '500 Internal Server Error');
			if (strangers.size >= mostStrangers) cutOldest();
			server.handleUpgrade(request, socket, head, (ws) => accept(ws, socket, request.headers.origin));
		},
		count: () => peers.size,
		async close(graceMs) {
			isClosing = true;
			heartbeat[Symbol.dispose]();
			for (const peer of peers) peer.close(CLOSE.shutdown, 'shutdown');
			await gone(graceMs);
			for (const peer of peers) peer.terminate();
			server.close();
		},
	};

	/** Who opens sockets and says nothing keeps nobody else out: a device proves itself within one round trip. */
	function cutOldest(): void {
		const [oldest] = strangers;
		if (!oldest) return;
		strangers.delete(oldest);
		oldest.terminate();
	}

	function accept(ws: WebSocket, socket: Socket, origin: string | undefined): void {
		const peer = new SocketPeer(ws, socket);
		peers.add(peer);
		strangers.add(peer);
		const trusted = metStranger(peer, ws, socket);
		const connection = deps.connect({ peer, origin, trusted });
		listen({ ws, peer, connection });
		// Node's own timer sees progress within a frame, which nothing else shows. While nothing waits, the heartbeat counts.
		socket.setTimeout(stalledMs).on('timeout', () => peer.stalled());
	}

	/** Watches a stranger until what it answers with is called. */
	function metStranger(peer: SocketPeer, ws: WebSocket, socket: Socket): () => void {
		let bytes = 0;
		// Counted on the wire: `ws` would gather a frame of megabytes before anybody could refuse it.
		const countBytes = (chunk: Buffer) => {
			bytes += chunk.length;
			strangersBytes += chunk.length;
			if (bytes > STRANGER_BYTES) peer.terminate();
			else if (strangersBytes > STRANGERS_BYTES) cutOldest();
		};
		const meet = () => {
			strangers.delete(peer);
			strangersBytes -= bytes;
			bytes = 0;
			socket.off('data', countBytes);
			ws.off('close', meet);
		};
		socket.on('data', countBytes);
		ws.on('close', meet);
		return meet;
	}

	/** Apart from what concerns strangers, so that these functions keep nothing else alive. */
	function listen(of: { readonly ws: WebSocket; readonly peer: SocketPeer; readonly connection: Connection }): void {
		const { ws, peer, connection } = of;
		ws.on('message', (data, isBinary) => {
			// With the default binary type a message comes as one Buffer; text is no frame of ours.
			if (isBinary && data instanceof Uint8Array) connection.received(data);
			else connection.received(NO_FRAME);
		});
		// Too large, bad UTF-8, a broken header: `ws` closes by itself and says `close` next.
		ws.on('error', ignore);
		ws.on('close', () => {
			peers.delete(peer);
			if (peers.size === 0) emptied?.();
			connection.closed();
		});
	}

	function beat(): void {
		for (const peer of peers) peer.beat();
		heartbeat = clock.setTimer(HEARTBEAT_MS, beat);
	}

	/** Resolves when every socket has closed, or after the grace period. */
	async function gone(graceMs: number): Promise<void> {
		if (peers.size === 0) return;
		await new Promise<void>((resolve) => {
			const timer = clock.setTimer(graceMs, resolve);
			emptied = () => {
				timer[Symbol.dispose]();
				resolve();
			};
		});
	}
}

/** A class, so that thousands of idle connections share what each would have copies of. */
class SocketPeer implements Peer {
	readonly #ws: WebSocket;
	readonly #socket: Socket;
	#isCorked = false;
	/** Bytes that had come at the last heartbeat; -1 before the first. */
	#heardBytes = -1;

	constructor(ws: WebSocket, socket: Socket) {
		this.#ws = ws;
		this.#socket = socket;
	}

	/** What is sent in one go, such as the echoes of one commit, leaves in one system call. */
	send(frame: Uint8Array): void {
		if (!this.#isCorked) {
			this.#isCorked = true;
			this.#socket.cork();
			process.nextTick(uncork, this);
		}
		this.#ws.send(frame);
	}

	sendFlushed(frame: Uint8Array): Promise<void> {
		return new Promise((resolve) => this.#ws.send(frame, () => resolve()));
	}

	get bufferedBytes(): number {
		return this.#ws.bufferedAmount;
	}

	pause(): void {
		this.#ws.pause();
	}

	resume(): void {
		if (this.#ws.isPaused) this.#ws.resume();
	}

	close(code: number, reason: string): void {
		this.#ws.close(code, reason);
	}

	terminate(): void {
		this.#ws.terminate();
	}

	/** Cuts off who gave no sign of life since the last time, and asks the others for one. */
	beat(): void {
		const heard = this.#socket.bytesRead;
		// With bytes still waiting the ping has not left yet, and no answer is owed.
		const isDead = heard === this.#heardBytes && this.#ws.bufferedAmount === 0;
		this.#heardBytes = heard;
		if (isDead) this.#ws.terminate();
		else this.#ws.ping();
	}

	/** The network moved nothing for a while. */
	stalled(): void {
		if (this.#ws.bufferedAmount > 0) this.#ws.close(CLOSE.slow, 'too slow');
	}

	uncork(): void {
		this.#isCorked = false;
		this.#socket.uncork();
	}
}

const NO_FRAME = new Uint8Array(0);

function ignore(): void {}

function uncork(peer: SocketPeer): void {
	peer.uncork();
}

function reject(socket: Duplex, status: string): void {
	socket.on('error', ignore);
	// A client that never ends its side would keep the socket for good: no timeout of HTTP reaches it any more.
	socket.once('finish', () => socket.destroy());
	socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
