import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** A push that the service took from a sender, as it came over the wire. */
export interface ReceivedPush {
	readonly channel: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Buffer;
	readonly at: number;
}

/** A push service on loopback that speaks Mozilla's push WebSocket protocol to Firefox and RFC 8030 to senders. */
export interface MozillaPushService extends AsyncDisposable {
	/** For Firefox's `dom.push.serverURL`. */
	readonly url: string;
	/** Origin that endpoints start with. */
	readonly origin: string;
	readonly pushes: readonly ReceivedPush[];
	/** Answers the next senders so instead of delivering, oldest first. */
	answerNext(status: number): void;
	/** Resolves when Firefox has taken the next push: it acknowledges as it hands it to the worker. */
	nextAck(): Promise<void>;
}

interface ClientMessage {
	readonly messageType?: string;
	readonly channelID?: string;
	readonly uaid?: string;
}

/** Starts the service on a free port. */
export async function startMozillaPushService(): Promise<MozillaPushService> {
	const pushes: ReceivedPush[] = [];
	const refusals: number[] = [];
	const acked = new EventEmitter();
	const sockets = new Map<string, WebSocket>();
	const http = createServer((request, response) => void take(request, response));
	const wss = new WebSocketServer({ server: http });
	wss.on('connection', (socket) => socket.on('message', (data) => hear(socket, String(data))));
	await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
	const { port } = http.address() as AddressInfo;
	const origin = `http://127.0.0.1:${port}`;

	function hear(socket: WebSocket, text: string): void {
		const answer = answerTo(socket, JSON.parse(text));
		if (answer) socket.send(JSON.stringify(answer));
	}

	function answerTo(socket: WebSocket, message: ClientMessage): object | undefined {
		const channelID = message.channelID ?? '';
		switch (message.messageType) {
			case 'hello': {
				const uaid = message.uaid || randomUUID().replaceAll('-', '');
				return { messageType: 'hello', uaid, status: 200, use_webpush: true, broadcasts: {} };
			}
			case 'register':
				sockets.set(channelID, socket);
				return { messageType: 'register', channelID, status: 200, pushEndpoint: `${origin}/wpush/v2/${channelID}` };
			case 'unregister':
				sockets.delete(channelID);
				return { messageType: 'unregister', channelID, status: 200 };
			case 'ack':
				acked.emit('ack');
				return undefined;
			case 'broadcast_subscribe':
				return undefined;
			default:
				return {};
		}
	}

	async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const body = Buffer.concat(chunks);
		const channel = /^\/wpush\/v2\/([0-9a-f-]+)$/.exec(request.url ?? '')?.[1];
		const refusal = refusals.shift();
		const complaint = complaintAbout(request, body);
		const socket = channel ? sockets.get(channel) : undefined;
		if (refusal) return void response.writeHead(refusal).end();
		if (complaint) return void response.writeHead(400).end(complaint);
		if (!channel || !socket) return void response.writeHead(410).end();
		const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
		pushes.push({ channel, headers, body, at: Date.now() });
		socket.send(
			JSON.stringify({
				messageType: 'notification',
				channelID: channel,
				version: randomUUID(),
				ttl: Number(headers.ttl),
				data: body.toString('base64url'),
				headers: { encoding: 'aes128gcm' },
			}),
		);
		response.writeHead(201, { location: `${origin}/m/${randomUUID()}` }).end();
	}

	return {
		url: `ws://127.0.0.1:${port}/`,
		origin,
		pushes,
		answerNext: (status) => void refusals.push(status),
		nextAck: () => new Promise((resolve) => acked.once('ack', resolve)),
		async [Symbol.asyncDispose]() {
			for (const client of wss.clients) client.terminate();
			wss.close();
			http.closeAllConnections();
			await new Promise((resolve) => http.close(resolve));
		},
	};
}

/** What the real service would refuse a request for (RFC 8030, RFC 8291, RFC 8292). */
function complaintAbout(request: IncomingMessage, body: Buffer): string | undefined {
	const { headers } = request;
	if (request.method !== 'POST') return 'only POST';
	if (headers['content-encoding'] !== 'aes128gcm') return 'content-encoding must be aes128gcm';
	if (!/^\d+$/.test(String(headers.ttl))) return 'ttl missing';
	if (!/^vapid t=[\w-]+\.[\w-]+\.[\w-]+, ?k=[\w-]+$/.test(headers.authorization ?? '')) return 'no vapid authorization';
	if (headers.topic && !/^[\w-]{1,32}$/.test(String(headers.topic))) return 'bad topic';
	if (body.length > 4096) return 'payload too large';
	return undefined;
}
