import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import { describe, expect, it } from 'vitest';
import { ModelFailure, type ModelRequest } from '../../ports/model.ts';
import { type ServerAnswer, type ServerFault, startMessagesServer } from '../../testing/node/messages-server.ts';
import type { Failure } from '../failures.ts';
import { checkModel, createAnthropicModel, defaultModel } from './anthropic-model.ts';
import { createMessageBuilder } from './message-builder.ts';

const KEY = 'sk-ant-test';
const MODEL = 'claude-sonnet-5-5';
const REQUEST: ModelRequest = {
	system: [{ type: 'text', text: 'Be brief.' }],
	tools: [{ name: 'look', input_schema: { type: 'object' } }],
	messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
	maxTokens: 1000,
};

function modelAt(url: string, change: { apiKey?: string; model?: string } = {}) {
	return createAnthropicModel({ fetch, apiKey: KEY, baseUrl: url, model: MODEL, ...change });
}

async function collect(
	stream: AsyncIterable<RawMessageStreamEvent>,
): Promise<{ text: string; isComplete: boolean; events: number; failure: Failure | undefined }> {
	const message = createMessageBuilder();
	let events = 0;
	let failure: Failure | undefined;
	try {
		for await (const event of stream) {
			events++;
			message.add(event);
		}
	} catch (error) {
		if (!(error instanceof ModelFailure)) throw error;
		failure = error.failure;
	}
	return { text: message.text, isComplete: message.isComplete, events, failure };
}

async function answered(answer: ServerAnswer) {
	await using server = await startMessagesServer({ script: [answer] });
	return await collect(modelAt(server.url).stream(REQUEST, new AbortController().signal));
}

it('streams an answer whatever the size of the pieces it comes in', async () => {
	for (const chunkBytes of [1, 7, 64, 5000]) {
		const got = await answered({ text: 'Grüße aus Athen: καλημέρα 🌞', chunkBytes });
		expect(got).toMatchObject({ text: 'Grüße aus Athen: καλημέρα 🌞', isComplete: true, failure: undefined });
	}
});

it('sends the key as a bearer token, marks the end of the frozen part and the newest block, and asks for shown thinking', async () => {
	await using server = await startMessagesServer({ script: [{ text: 'Hi' }] });
	await collect(modelAt(`${server.url}/v1/`).stream(REQUEST, new AbortController().signal));
	const [request] = server.requests;
	expect(request?.headers).toMatchObject({
		authorization: `Bearer ${KEY}`,
		'anthropic-dangerous-direct-browser-access': 'true',
	});
	expect(request?.body).toEqual({
		model: MODEL,
		max_tokens: 1000,
		stream: true,
		system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
		tools: REQUEST.tools,
		messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi', cache_control: { type: 'ephemeral' } }] }],
		thinking: { type: 'adaptive', display: 'summarized' },
	});
});

it('keeps the key out of what a failure says, though the endpoint quotes it', async () => {
	const message = `Incorrect API key provided: ${KEY}. ${KEY}!`;
	const got = await answered({ fault: { type: 'bad-request', message } });
	expect(got.failure).toEqual({ type: 'Rejected', message: 'Incorrect API key provided: (your key). (your key)!' });
	await using server = await startMessagesServer({ script: [{ fault: { type: 'bad-request', message } }] });
	const checked = await checkModel({ fetch, apiKey: ` ${KEY} `, baseUrl: server.url, model: MODEL });
	expect(JSON.stringify(checked)).not.toContain(KEY);
});

it('goes on without shown thinking where a model does not know it, and does not ask again', async () => {
	const refused = {
		fault: { type: 'bad-request', message: 'adaptive thinking is not supported on this model' },
	} as const;
	await using server = await startMessagesServer({ script: [refused, { text: 'one' }, { text: 'two' }] });
	const model = modelAt(server.url);
	const signal = new AbortController().signal;
	expect(await collect(model.stream(REQUEST, signal))).toMatchObject({ text: 'one' });
	expect(await collect(model.stream(REQUEST, signal))).toMatchObject({ text: 'two' });
	expect(server.requests.map(({ body }) => typeof body === 'object' && body !== null && 'thinking' in body)).toEqual([
		true,
		false,
		false,
	]);
});

it('goes on with shorter cache marks, then without, where an endpoint does not know them', async () => {
	const refuse = (field: string): ServerAnswer => ({
		fault: { type: 'bad-request', message: `system.0.${field}: Extra inputs are not permitted` },
	});
	const script = [refuse('cache_control.ttl'), refuse('cache_control'), { text: 'one' }, { text: 'two' }];
	await using server = await startMessagesServer({ script });
	const model = modelAt(server.url);
	const signal = new AbortController().signal;
	for (const text of ['one', 'two'])
		expect(await collect(model.stream({ ...REQUEST, cache: '1h' }, signal))).toMatchObject({ text });
	const sent = server.requests.map(({ body }) => JSON.stringify(body));
	expect(sent.map((body) => body.includes('"ttl":"1h"'))).toEqual([true, false, false, false]);
	expect(sent.map((body) => body.includes('cache_control'))).toEqual([true, true, false, false]);
});

describe('each refusal of the service is its own failure', () => {
	const cases: readonly (readonly [ServerFault, Failure])[] = [
		['wrong-key', { type: 'WrongKey' }],
		['cors', { type: 'CorsRefused' }],
		['no-credit', { type: 'NoCredit' }],
		['no-credit-400', { type: 'NoCredit' }],
		['forbidden', { type: 'Forbidden', message: 'Your API key may not use this model.' }],
		['too-large', { type: 'TooLarge' }],
		['spend-limit', { type: 'SpendLimit' }],
		[
			{ type: 'rate-limit', retryAfterSeconds: 7 },
			{ type: 'RateLimited', retryAfterMs: 7000 },
		],
		[{ type: 'rate-limit' }, { type: 'RateLimited', retryAfterMs: undefined }],
		['overloaded', { type: 'Overloaded' }],
		['failed', { type: 'ServiceFailed', status: 500 }],
		['disconnect', { type: 'NoNetwork' }],
		['html', { type: 'Unreadable', reason: 'The address answered, but not as the Messages API does.' }],
		[
			{ type: 'bad-request', message: 'messages: nope' },
			{ type: 'Rejected', message: 'messages: nope' },
		],
	];
	for (const [fault, failure] of cases) {
		it(`${typeof fault === 'string' ? fault : fault.type} becomes ${failure.type}`, async () => {
			expect(await answered({ fault })).toMatchObject({ failure, events: 0 });
		});
	}
});

it('says that a model is unknown at an address that has others', async () => {
	await using server = await startMessagesServer();
	const model = modelAt(server.url, { model: 'claude-of-yore' });
	const got = await collect(model.stream(REQUEST, new AbortController().signal));
	expect(got.failure).toEqual({ type: 'UnknownModel', model: 'claude-of-yore' });
});

it('says that nothing is reachable where nobody listens', async () => {
	const server = await startMessagesServer();
	await server[Symbol.asyncDispose]();
	const got = await collect(modelAt(server.url).stream(REQUEST, new AbortController().signal));
	expect(got.failure).toEqual({ type: 'NoNetwork' });
});

it('a key with characters that no key has, and an address that is none, fail without a request', async () => {
	const signal = new AbortController().signal;
	const wrongKey = await collect(modelAt('http://127.0.0.1:9', { apiKey: 'sk-ant…' }).stream(REQUEST, signal));
	expect(wrongKey.failure).toEqual({ type: 'WrongKey' });
	const noAddress = await collect(modelAt('api.example').stream(REQUEST, signal));
	expect(noAddress.failure).toMatchObject({ type: 'Unreadable' });
});

it('an overload in mid-stream is an overload, with the text before it', async () => {
	const got = await answered({ text: 'Half of an answer that goes on', overloadedAfter: 5 });
	expect(got).toMatchObject({ failure: { type: 'Overloaded' }, isComplete: false });
	expect('Half of an answer that goes on'.startsWith(got.text) && got.text !== '').toBe(true);
});

it('a stream cut at any byte ends incomplete and never as a whole answer', async () => {
	const whole = await answered({ text: 'Hello there, Anna.' });
	expect(whole.isComplete).toBe(true);
	for (let cutAt = 1; cutAt < 1360; cutAt += 97) {
		const got = await answered({ text: 'Hello there, Anna.', cutAt });
		expect(got.isComplete, `cut at ${cutAt}`).toBe(false);
		expect(got.failure ?? { type: 'Cut' }, `cut at ${cutAt}`).toEqual({ type: 'Cut' });
	}
});

it('ends without a failure when it is aborted, before and during the answer', async () => {
	await using server = await startMessagesServer({ script: [{ text: 'A long answer', stallAt: 900 }] });
	const abort = new AbortController();
	const running = collect(modelAt(server.url).stream(REQUEST, abort.signal));
	await server.stalled();
	abort.abort();
	expect(await running).toMatchObject({ isComplete: false, failure: undefined });
	expect(await collect(modelAt(server.url).stream(REQUEST, abort.signal))).toMatchObject({
		events: 0,
		failure: undefined,
	});
});

it('an abort that nobody asked for is a cut', async () => {
	await using server = await startMessagesServer({ script: [{ text: 'A long answer', stallAt: 900 }] });
	// What a browser does to the request of a tab it freezes.
	const freeze = new AbortController();
	const frozenFetch: typeof fetch = (input, init) =>
		fetch(input, { ...init, signal: AbortSignal.any([freeze.signal, ...(init?.signal ? [init.signal] : [])]) });
	const model = createAnthropicModel({ fetch: frozenFetch, apiKey: KEY, baseUrl: server.url, model: MODEL });
	const running = collect(model.stream(REQUEST, new AbortController().signal));
	await server.stalled();
	freeze.abort();
	const got = await running;
	expect(got.isComplete).toBe(false);
	expect(got.failure ?? { type: 'Cut' }).toEqual({ type: 'Cut' });
});

describe('checking the settings', () => {
	it('lists the models and chooses the newest of the middle size', async () => {
		await using server = await startMessagesServer();
		expect(await checkModel({ fetch, apiKey: KEY, baseUrl: server.url, model: '' })).toEqual({
			ok: true,
			value: { models: ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5'], model: 'claude-sonnet-5-5' },
		});
	});

	it('finds out what listing alone would not show: no credit, an unknown model', async () => {
		await using server = await startMessagesServer();
		const unknown = await checkModel({ fetch, apiKey: KEY, baseUrl: server.url, model: 'gone' });
		expect(unknown).toEqual({ ok: false, error: { type: 'UnknownModel', model: 'gone' } });
		server.setAlways('no-credit');
		const poor = await checkModel({ fetch, apiKey: KEY, baseUrl: server.url, model: MODEL });
		expect(poor).toEqual({ ok: false, error: { type: 'NoCredit' } });
	});

	it('needs no list of models where an endpoint has none, but then needs a name', async () => {
		await using server = await startMessagesServer({ hasNoModelList: true });
		const named = await checkModel({ fetch, apiKey: KEY, baseUrl: server.url, model: MODEL });
		expect(named).toEqual({ ok: true, value: { models: [], model: MODEL } });
		const unnamed = await checkModel({ fetch, apiKey: KEY, baseUrl: server.url, model: '' });
		expect(unnamed).toMatchObject({ ok: false, error: { type: 'Unreadable' } });
	});

	it('takes the script of a conversation nothing away', async () => {
		await using server = await startMessagesServer({ script: [{ text: 'kept' }] });
		await checkModel({ fetch, apiKey: KEY, baseUrl: server.url, model: '' });
		expect(server.remaining).toBe(1);
	});

	it('says what is wrong with the key', async () => {
		await using server = await startMessagesServer();
		const wrong = await checkModel({ fetch, apiKey: 'sk-ant-other', baseUrl: server.url, model: '' });
		expect(wrong).toEqual({ ok: false, error: { type: 'WrongKey' } });
	});

	it('prefers a model of the middle size, else the newest', () => {
		expect(defaultModel(['a-opus', 'a-sonnet-2', 'a-sonnet-1'])).toBe('a-sonnet-2');
		expect(defaultModel(['llama', 'older'])).toBe('llama');
		expect(defaultModel([])).toBeUndefined();
	});
});

it('goes on without the tools of the service where an endpoint does not have them, and offers them no more', async () => {
	const search = { type: 'web_search_20260318', name: 'web_search' } as const;
	const message = "tools.1: Input tag 'web_search_20260318' found using 'type' does not match any of the expected tags";
	const refused = { fault: { type: 'bad-request', message } } as const;
	await using server = await startMessagesServer({ script: [refused, { text: 'one' }, { text: 'two' }, refused] });
	const settings = { fetch, apiKey: KEY, baseUrl: server.url, model: MODEL, serverTools: () => [search] };
	const model = createAnthropicModel(settings);
	expect(model.serverTools?.()).toEqual([search]);
	const request = { ...REQUEST, tools: [...REQUEST.tools, search] };
	const signal = new AbortController().signal;
	for (const text of ['one', 'two']) expect(await collect(model.stream(request, signal))).toMatchObject({ text });
	expect(server.requests.map(({ body }) => JSON.stringify(body).includes('web_search'))).toEqual([true, false, false]);
	expect(model.serverTools?.()).toEqual([]);
	// What an endpoint says of them when none was asked for is a failure like any other.
	const other = createAnthropicModel(settings);
	expect(await collect(other.stream(REQUEST, signal))).toMatchObject({ failure: { type: 'Rejected' } });
});
