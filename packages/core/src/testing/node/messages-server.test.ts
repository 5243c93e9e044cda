import { expect, it } from 'vitest';
import { startMessagesServer } from './messages-server.ts';

const HEADERS = {
	'content-type': 'application/json',
	authorization: 'Bearer sk-ant-test',
	'anthropic-version': '2026-10-21',
};
const BODY = {
	model: 'claude-sonnet-5-5',
	max_tokens: 10,
	stream: true,
	messages: [{ role: 'user', content: 'Hi' }],
};

function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
	return fetch(`${url}/v1/messages`, {
		method: 'POST',
		headers: { ...HEADERS, ...headers },
		body: JSON.stringify(body),
	});
}

it('answers from its queue, and refuses what the API refuses without using it up', async () => {
	await using server = await startMessagesServer({ script: [{ text: 'Hello' }] });
	expect((await post(server.url, { ...BODY, top_p: 1 })).status).toBe(400);
	expect((await post(server.url, { ...BODY, model: 'nobody' })).status).toBe(404);
	expect((await post(server.url, BODY, { authorization: 'Bearer other' })).status).toBe(401);
	expect((await post(server.url, BODY, { 'anthropic-version': '' })).status).toBe(400);
	const answered = await post(server.url, BODY);
	expect(await answered.text()).toMatch(/^event: message_start\n[\s\S]*"Hello"[\s\S]*message_stop"}\n\n$/);
	expect(server.requests.map(({ status }) => status)).toEqual([400, 404, 200]);
	expect((await post(server.url, BODY)).status, 'an empty script is a visible failure').toBe(500);
});

it('lets browsers in only with the header that says they know what they do', async () => {
	await using server = await startMessagesServer({ fallback: { text: 'Hello' } });
	const origin = 'http://localhost:8787';
	const preflight = await fetch(`${server.url}/v1/messages`, {
		method: 'OPTIONS',
		headers: { origin, 'access-control-request-headers': 'authorization,anthropic-version' },
	});
	expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
	expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization,anthropic-version');
	expect((await post(server.url, BODY, { origin })).status).toBe(401);
	expect((await post(server.url, BODY, { origin, 'anthropic-dangerous-direct-browser-access': 'true' })).status).toBe(
		200,
	);
});

it('stalls where it is told to, until it is released', async () => {
	await using server = await startMessagesServer({ script: [{ text: 'Hello', stallAt: 200 }] });
	const response = await post(server.url, BODY);
	const reader = response.body?.getReader();
	await server.stalled();
	expect((await reader?.read())?.value?.length).toBe(200);
	server.release();
	let rest = 0;
	for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) rest += read.value.length;
	expect(rest).toBeGreaterThan(200);
});

it('gives one fault to every request while that is set', async () => {
	await using server = await startMessagesServer({ fallback: { text: 'Hello' } });
	server.setAlways('no-credit');
	expect((await post(server.url, BODY)).status).toBe(402);
	expect((await fetch(`${server.url}/v1/models`, { headers: HEADERS })).status).toBe(402);
	server.setAlways(undefined);
	expect((await post(server.url, BODY)).status).toBe(200);
});
