import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { readEndpointRules } from './endpoint-rules.ts';
import { createPushClient } from './push-client.ts';

let server: Server | undefined;
afterEach(() => {
	server?.close();
	server?.closeAllConnections();
});

/** A push service on loopback that answers as told. */
async function serve(status: number, headers: Record<string, string> = {}) {
	const requests: { method: string | undefined; path: string | undefined; topic: unknown; body: string }[] = [];
	server = createServer(async (request: IncomingMessage, response) => {
		let body = '';
		for await (const chunk of request) body += String(chunk);
		requests.push({ method: request.method, path: request.url, topic: request.headers.topic, body });
		response.writeHead(status, headers).end('x'.repeat(100_000));
	});
	await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	return { requests, port: typeof address === 'object' && address ? address.port : 0 };
}

function client(pushHosts: string) {
	const rules = readEndpointRules(pushHosts);
	if (!rules.ok) throw new Error(rules.error);
	return createPushClient({ rules: rules.value });
}

const push = (url: string) => ({ url: new URL(url), headers: { Topic: 'wake' }, body: Buffer.from('sealed') });

test('posts the body and says what the service answered', async () => {
	const { port, requests } = await serve(429, { 'retry-after': '60' });
	const answer = await client('http://127.0.0.1:*').post(push(`http://127.0.0.1:${port}/abc`));
	expect(answer).toEqual({ status: 429, retryAfter: '60' });
	expect(requests).toEqual([{ method: 'POST', path: '/abc', topic: 'wake', body: 'sealed' }]);
});

test('a redirect is not followed', async () => {
	const { port, requests } = await serve(307, { location: '/elsewhere' });
	const answer = await client('http://127.0.0.1:*').post(push(`http://127.0.0.1:${port}/abc`));
	expect(answer.status).toBe(307);
	expect(requests).toHaveLength(1);
});

test('a name that resolves to this machine is not connected to unless it is listed', async () => {
	const { port, requests } = await serve(201);
	expect(await client('').post(push(`http://localhost:${port}/abc`))).toEqual({ status: 0, retryAfter: undefined });
	expect(requests).toHaveLength(0);
	expect(await client('http://localhost:*').post(push(`http://localhost:${port}/abc`))).toMatchObject({ status: 201 });
});

test('nobody listening is an answer of 0, not an exception', async () => {
	const { port } = await serve(201);
	await new Promise((resolve) => server?.close(resolve));
	expect(await client('http://127.0.0.1:*').post(push(`http://127.0.0.1:${port}/abc`))).toMatchObject({ status: 0 });
});
