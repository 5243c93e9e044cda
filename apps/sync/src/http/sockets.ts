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

/** Connections that have not proved anything yet, at once. */
const STRANGERS = 256;
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
	options: { readonly stalledMs?: number } = {},
): Sockets {
	const { clock } = deps;
	const stalledMs = options.stalledMs ?? STALLED_MS;
	// Compression is off: entries are sealed, and sealed bytes do not shrink.
	const server = new WebSocketServer({ noServer: true, maxPayload: LIMITS.frame * 2, perMessageDeflate: false });
	const alive = new WeakSet<WebSocket>();
	/** Those not past their authentication, longest waiting first. */
	const strangers = new Set<WebSocket>();
	let isClosing = false;
	let heartbeat = clock.setTimer(HEARTBEAT_MS, beat);

	return {
		upgrade(request, socket, head) {
			const path = request.url?.split('?')[0];
			if (path !== SYNC_PATH) return reject(socket, '404 Not Found');
			if (isClosing) return reject(socket, '503 Service Unavailable');
			makeRoom();
			server.handleUpgrade(request, socket, head, (ws) => accept(ws, socket, request.headers.origin));
		},
		count: () => server.clients.size,
		async close(graceMs) {
			isClosing = true;
			heartbeat[Symbol.dispose]();
			for (const ws of server.clients) ws.close(CLOSE.shutdown, 'shutdown');
			await gone(graceMs);
			for (const ws of server.clients) ws.terminate();
			server.close();
		},
	};

	/** Who opens sockets and says nothing keeps nobody else out: a device proves itself within one round trip. */
	function makeRoom(): void {
		const [oldest] = strangers;
		if (!oldest || strangers.size < STRANGERS) return;
		strangers.delete(oldest);
		oldest.terminate();
	}

	function accept(ws: WebSocket, socket: Duplex, origin: string | undefined): void {
		strangers.add(ws);
		let bytes = 0;
		// Counted on the wire: `ws` would gather a frame of megabytes before anybody could refuse it.
		const countBytes = (chunk: Buffer) => {
			bytes += chunk.length;
			if (bytes > STRANGER_BYTES) ws.terminate();
		};
		const meet = () => {
			strangers.delete(ws);
			socket.off('data', countBytes);
		};
		socket.on('data', countBytes);
		// Node's own timer sees progress within a frame, which nothing else shows. While nothing waits, the heartbeat counts.
		if (socket instanceof Socket) {
			socket.setTimeout(stalledMs, () => {
				if (ws.bufferedAmount > 0) ws.close(CLOSE.slow, 'too slow');
			});
		}

		alive.add(ws);
		const connection = deps.connect({ peer: createPeer(ws), origin, trusted: meet });
		ws.on('message', (data, isBinary) => {
			alive.add(ws);
			// With the default binary type a message comes as one Buffer; text is no frame of ours.
			if (isBinary && data instanceof Uint8Array) connection.received(data);
			else connection.received(new Uint8Array(0));
		});
		ws.on('pong', () => alive.add(ws));
		// Too large, bad UTF-8, a broken header: `ws` closes by itself and says `close` next.
		ws.on('error', () => undefined);
		ws.on('close', () => {
			meet();
			connection.closed();
		});
	}

	function beat(): void {
		for (const ws of server.clients) {
			// With bytes still waiting the ping has not left yet, and no answer is owed.
			const isDead = !alive.delete(ws) && ws.bufferedAmount === 0;
			if (isDead) ws.terminate();
			else ws.ping();
		}
		heartbeat = clock.setTimer(HEARTBEAT_MS, beat);
	}

	/** Resolves when every socket has closed, or after the grace period. */
	async function gone(graceMs: number): Promise<void> {
		const closing = [...server.clients].map((ws) => new Promise((resolve) => ws.once('close', resolve)));
		await new Promise<void>((resolve) => {
			const timer = clock.setTimer(graceMs, resolve);
			void Promise.all(closing).then(() => {
				timer[Symbol.dispose]();
				resolve();
			});
		});
	}
}

function createPeer(ws: WebSocket): Peer {
	return {
		send: (frame) => ws.send(frame),
		sendFlushed: (frame) => new Promise((resolve) => ws.send(frame, () => resolve())),
		get bufferedBytes() {
			return ws.bufferedAmount;
		},
		pause: () => ws.pause(),
		resume() {
			if (ws.isPaused) ws.resume();
		},
		close: (code, reason) => ws.close(code, reason),
	};
}

function reject(socket: Duplex, status: string): void {
	socket.on('error', () => undefined);
	// A client that never ends its side would keep the socket for good: no timeout of HTTP reaches it any more.
	socket.once('finish', () => socket.destroy());
	socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
