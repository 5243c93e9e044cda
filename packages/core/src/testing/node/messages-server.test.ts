import { expect, it } from 'vitest';
import { searchResult } from './messages-script.ts';
import { readStream, startMessagesServer } from './messages-server.ts';

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

/** What a stream's events say, in order. */
async function events(response: Response): Promise<readonly Sent[]> {
	const lines = (await response.text()).split(/\r\n|\r|\n/).filter((line) => line.startsWith('data: '));
	return lines.map((line) => JSON.parse(line.slice(6)));
}

interface Sent {
	readonly type: string;
	readonly message?: { readonly usage: object; readonly diagnostics: unknown };
	readonly content_block?: { readonly type: string };
	readonly delta?: object;
	readonly usage?: object;
}

const LONG = { ...BODY, system: 'word '.repeat(2000), cache_control: { type: 'ephemeral' } };

it('tells what its prompt cache made of a request, by the clock it is given', async () => {
	let now = 0;
	await using server = await startMessagesServer({ fallback: { text: 'Hi' }, clock: { now: () => now } });
	const usages: object[] = [];
	for (const at of [0, 4, 8, 14]) {
		now = at * 60_000;
		const [start] = await events(await post(server.url, LONG));
		usages.push(start?.message?.usage ?? {});
	}
	expect(usages).toMatchObject([
		{ cache_read_input_tokens: 0, cache_creation_input_tokens: expect.any(Number) },
		{ cache_creation_input_tokens: 0 },
		{ cache_creation_input_tokens: 0 },
		{ cache_read_input_tokens: 0 },
	]);
	expect(usages).toMatchObject(server.requests.map(({ usage }) => usage ?? {}));
	expect(usages[0]).toMatchObject({ cache_creation: { ephemeral_1h_input_tokens: 0 } });
});

it('says why the cache could not be used when it is asked for it', async () => {
	await using server = await startMessagesServer({ fallback: { text: 'Hi' } });
	await post(server.url, { ...LONG, diagnostics: { previous_message_id: null } });
	const diagnostics = { previous_message_id: 'msg_0' };
	const [start] = await events(await post(server.url, { ...LONG, system: 'other '.repeat(2000), diagnostics }));
	expect(start?.message?.diagnostics).toMatchObject({ cache_miss_reason: { type: 'system_changed' } });
});

it('searches, fetches, cites, thinks in secret and pauses, and takes all of it back', async () => {
	const found = [{ url: 'https://a.gr', title: 'A' }];
	await using server = await startMessagesServer({
		script: [
			{
				thinking: 'Hm.',
				redacted: 'x',
				opening: 'I look.',
				searches: [
					{ query: 'a', found },
					{ query: 'b', found: 'unavailable' },
					{ query: 'c', found, isOpen: true },
				],
				stop: 'pause_turn',
			},
			{ content: [searchResult('srvtoolu_0_s2', found), { type: 'text', text: 'Found.' }] },
			{
				fetches: [{ url: 'https://a.gr', page: { title: 'A', text: 'Body' } }],
				text: 'So.',
				cites: [{ url: 'https://a.gr', cited: 'Body' }],
			},
			{ text: 'Done.' },
		],
	});
	const messages: { role: string; content: unknown }[] = [...BODY.messages];
	const read = async () => {
		const response = await post(server.url, { ...BODY, messages });
		expect(response.status, await response.clone().text()).toBe(200);
		return readStream(new Uint8Array(await response.arrayBuffer()));
	};
	const paused = await read();
	expect(paused.blocks().map(({ type }) => type)).toEqual([
		'thinking',
		'redacted_thinking',
		'text',
		...['server_tool_use', 'web_search_tool_result', 'server_tool_use', 'web_search_tool_result', 'server_tool_use'],
	]);
	expect(paused.usage?.server_tool_use).toEqual({ web_search_requests: 2, web_fetch_requests: 0 });
	messages.push({ role: 'assistant', content: paused.blocks() });
	const found2 = await read();
	messages.splice(-1, 1, { role: 'assistant', content: [...paused.blocks(), ...found2.blocks()] });
	messages.push({ role: 'user', content: 'And that page?' });
	const fetched = await read();
	const text = fetched.blocks().at(-1);
	expect(text).toMatchObject({ text: 'So.', citations: [{ type: 'char_location', cited_text: 'Body' }] });
	messages.push({ role: 'assistant', content: fetched.blocks() }, { role: 'user', content: 'Thanks' });
	expect((await read()).text).toBe('Done.');
});

it('sends any status, nothing at all, and whatever else a proxy may', async () => {
	const error = { type: 'api_error', message: 'No.' };
	await using server = await startMessagesServer({
		script: [
			{ fault: { type: 'status', status: 504, error } },
			{ fault: { type: 'status', status: 502, body: '<html>' } },
			{ fault: 'json' },
			{ fault: 'empty' },
			{ fault: 'silence' },
		],
	});
	const gateway = await post(server.url, BODY);
	expect([gateway.status, await gateway.json()]).toMatchObject([504, { error }]);
	const page = await post(server.url, BODY);
	expect([page.status, await page.text()]).toEqual([502, '<html>']);
	expect((await post(server.url, BODY)).headers.get('content-type')).toBe('application/json');
	expect(await (await post(server.url, BODY)).text()).toBe('');
	const abort = new AbortController();
	const silent = fetch(`${server.url}/v1/messages`, {
		method: 'POST',
		headers: HEADERS,
		body: JSON.stringify(BODY),
		signal: abort.signal,
	});
	while (server.remaining > 0) await new Promise((resolve) => setImmediate(resolve));
	abort.abort();
	await expect(silent).rejects.toThrow(/abort/i);
});

it('writes what a change made of the events, with the line ends it is told, in two pieces at any byte', async () => {
	await using server = await startMessagesServer({
		script: [
			{
				text: 'Καλημέρα',
				newline: '\r\n',
				splitAt: 700,
				change: (sent) => [...sent, { event: 'novelty', data: { type: 'novelty' } }],
			},
		],
	});
	const answered = await post(server.url, BODY);
	const whole = await answered.text();
	expect(whole).toContain('event: novelty\r\ndata: {"type":"novelty"}\r\n\r\n');
	expect(whole).toContain('Καλημέρα');
});
