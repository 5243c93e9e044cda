import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { createTestClock, turns } from '@pocketeer/core/testing/test-clock';
import { afterEach, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Connection } from '../connection/connection.ts';
import { createSockets, type Opening } from './sockets.ts';

let stop: (() => Promise<void>) | undefined;
afterEach(async () => {
	await stop?.();
	stop = undefined;
});

/** Sockets on a loopback server; connections do what `connect` says. */
async function start(
	connect: (opening: Opening) => Connection = () => ({ received: () => undefined, closed: () => undefined }),
	options: { readonly stalledMs?: number; readonly strangers?: number } = {},
) {
	const clock = createTestClock();
	const sockets = createSockets({ clock, connect }, options);
	const server = createServer();
	server.on('upgrade', sockets.upgrade);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	const port = typeof address === 'object' && address ? address.port : 0;
	stop = async () => {
		const closing = sockets.close(100);
		await clock.advance(100);
		await closing;
		server.close();
		server.closeAllConnections();
	};
	return { clock, server, sockets, url: `ws://127.0.0.1:${port}` };
}

test('who is refused an upgrade and never hangs up keeps no socket', async () => {
	const { server, url } = await start();
	const isOver = new Promise((resolve) => server.once('connection', (socket) => socket.once('close', resolve)));
	const { hostname, port } = new URL(url);
	const client = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
	try {
		client.resume();
		client.write(
			'GET /nope HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
				'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
		);
		await isOver;
	} finally {
		client.destroy();
	}
});

const outcome = (ws: WebSocket) =>
	new Promise<string>((resolve) => {
		ws.once('open', () => resolve('open'));
		ws.once('unexpected-response', (_, response) => resolve(String(response.statusCode)));
		ws.once('error', (error) => resolve(error.message));
	});

test('only the protocol’s path takes sockets', async () => {
	const { url } = await start();
	expect(await outcome(new WebSocket(`${url}/v1/sync`))).toBe('open');
	expect(await outcome(new WebSocket(`${url}/v1/sync?x=1`))).toBe('open');
	expect(await outcome(new WebSocket(`${url}/`))).toBe('404');
});

test('a socket without a sign of life for two heartbeats is cut off; one that answers stays', async () => {
	const { clock, sockets, url } = await start();
	const alive = new WebSocket(`${url}/v1/sync`);
	const dead = new WebSocket(`${url}/v1/sync`, { autoPong: false });
	await Promise.all([outcome(alive), outcome(dead)]);
	expect(sockets.count()).toBe(2);
	const ponged = new Promise((resolve) => alive.once('ping', resolve));
	await clock.advance(30_000);
	await ponged;
	await turns(20);
	const cut = new Promise((resolve) => dead.once('close', resolve));
	await clock.advance(30_000);
	expect(await cut).toBe(1006);
	expect(alive.readyState).toBe(WebSocket.OPEN);
});

test('of more strangers than a number the one that waited longest has to go, and nobody who proved who they are', async () => {
	const openings: Opening[] = [];
	const connect = (opening: Opening) => {
		openings.push(opening);
		return { received: () => undefined, closed: () => undefined };
	};
	const { url } = await start(connect, { strangers: 256 });
	const sockets: WebSocket[] = [];
	const open = (number: number) => {
		const opened = Array.from({ length: number }, () => new WebSocket(`${url}/v1/sync`));
		sockets.push(...opened);
		return Promise.all(opened.map(outcome));
	};
	// The first three one by one, so that their order is known.
	for (const number of [1, 1, 1, 253]) await open(number);
	openings[0]?.trusted();
	const gone: number[] = [];
	for (const [index, socket] of sockets.entries()) socket.once('close', () => gone.push(index));
	for (let count = 0; count < 3; count++) expect(await open(1)).toEqual(['open']);
	await vi.waitFor(() => expect(gone).toEqual([1, 2]));
	for (const socket of sockets) socket.terminate();
});

test('a peer that takes nothing of what waits for it is closed as slow, and hears so if it reads again', async () => {
	const closed = Promise.withResolvers<void>();
	const { url } = await start(
		({ peer }) => {
			// More than the buffers of both ends hold.
			for (let count = 0; count < 40; count++) peer.send(new Uint8Array(1024 * 1024));
			return { received: () => undefined, closed: closed.resolve };
		},
		{ stalledMs: 50 },
	);
	const slow = new WebSocket(`${url}/v1/sync`);
	const code = new Promise((resolve) => slow.once('close', resolve));
	const network = new Promise<Socket>((resolve) => slow.once('upgrade', ({ socket }) => resolve(socket)));
	await outcome(slow);
	slow.pause();
	// Node's socket timers cannot be moved by a test: this one is longer than the relay's.
	await new Promise<void>((resolve) => void network.then((socket) => socket.setTimeout(500, resolve)));
	slow.resume();
	expect(await code).toBe(4508);
	await closed.promise;
});
