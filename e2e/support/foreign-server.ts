import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

/** Something else that answers on a relay's port. */
export type Foreigner = 'web-server' | 'binary-garbage' | 'text-chat';

/** Starts one on the port of this address, which must be free. */
export async function startForeignServer(url: string, kind: Foreigner): Promise<AsyncDisposable> {
	const server = createServer((_, response) => response.end('It works!'));
	const sockets = new WebSocketServer({ noServer: true });
	server.on('upgrade', (request, socket, head) => {
		if (kind === 'web-server') return socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nIt works!');
		sockets.handleUpgrade(request, socket, head, (client) => {
			client.send(kind === 'text-chat' ? 'Welcome to the chat!' : new Uint8Array(64).fill(255));
		});
	});
	await new Promise<void>((resolve) => server.listen(Number(new URL(url).port), resolve));
	return {
		async [Symbol.asyncDispose]() {
			for (const client of sockets.clients) client.terminate();
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
