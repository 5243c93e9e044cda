import type { StopReason, Usage } from '@anthropic-ai/sdk/resources/messages';
import { describe, expect, it } from 'vitest';
import type { TurnOutcome } from '../../space/records.ts';
import { createAgentWorld } from '../../testing/agent-world.ts';
import { createEchoTool } from '../../testing/echo-tools.ts';
import { renderAnswer, type SentEvent } from '../../testing/node/messages-script.ts';
import { type ServerAnswer, type ServerFault, startMessagesServer } from '../../testing/node/messages-server.ts';
import { describeFailure, isRetryable } from '../failures.ts';
import { createAnthropicModel } from './anthropic-model.ts';

const MODEL = 'claude-sonnet-5-5';

/** Plays a turn to its end with the same answer to every call of it, looking at each countdown. */
async function play(answer: ServerAnswer, then: readonly ServerAnswer[] = []) {
	await using server = await startMessagesServer({
		script: then.length > 0 ? [answer, ...then] : [],
		fallback: then.length > 0 ? { text: 'Later.' } : answer,
	});
	using world = await createAgentWorld();
	const ran: string[] = [];
	const model = createAnthropicModel({ fetch, apiKey: 'sk-ant-test', baseUrl: server.url, model: MODEL });
	const { agent } = world.open({ model, tools: [createEchoTool('echo', { ran })] });
	const countdowns: string[] = [];
	await agent.send({ line: world.line, text: 'Go' });
	while (world.outcomes().length === 0) {
		const changed = Promise.withResolvers<void>();
		using _ = agent.subscribe(() => changed.resolve());
		const live = agent.live(world.line);
		if (live?.retryAt !== undefined) {
			countdowns.push(live.failure?.type ?? 'none');
			await world.clock.advance(live.retryAt - world.clock.now());
		} else if (world.outcomes().length === 0) await changed.promise;
	}
	const outcome = world.outcomes()[0];
	const steps = world.records().flatMap((record) => (record.kind === 'model-step' ? [record] : []));
	const said = await new Promise<TurnOutcome | undefined>((resolve) => {
		if (then.length === 0) return resolve(undefined);
		const listening = agent.subscribe(() => {
			if (world.outcomes().length < 2) return;
			listening[Symbol.dispose]();
			resolve(world.outcomes()[1]);
		});
		void agent.send({ line: world.line, text: 'And?' });
	});
	const refused = server.requests.flatMap((request) => request.refused ?? []);
	return { outcome, countdowns, steps, ran, said, refused, calls: server.requests.length };
}

function promptOf(usage: Usage | undefined): number {
	const { input_tokens: input = 0, cache_creation_input_tokens: written, cache_read_input_tokens: read } = usage ?? {};
	return input + (written ?? 0) + (read ?? 0);
}

function failed(failure: Extract<TurnOutcome, { type: 'failed' }>['failure']): TurnOutcome {
	return { type: 'failed', failure };
}

const ANSWERED: TurnOutcome = { type: 'answered' };
const EMPTY = failed({ type: 'Unreadable', reason: 'The answer was empty.' });
const CALL = { tools: [{ name: 'echo', input: { a: 1 } }] };

/** What an answer may be made of. */
const SHAPES = {
	nothing: {},
	'blank text': { text: ' \n' },
	'thinking alone': { thinking: 'Hm.' },
	text: { text: 'So it is.' },
	'redacted thinking and text': { redacted: 'x', text: 'So it is.' },
	'a call': CALL,
	'text and a call': { text: 'I look.', ...CALL },
	'a search and text': {
		searches: [{ query: 'q', found: [{ url: 'https://a.gr', title: 'A' }] }],
		text: 'Found.',
		cites: [{ url: 'https://a.gr', cited: 'a' }],
	},
	'a search that failed and text': { searches: [{ query: 'q', found: 'unavailable' }], text: 'Not found.' },
	'a fetched page and text': {
		fetches: [{ url: 'https://a.gr', page: { title: 'A', text: 'Body' } }],
		text: 'It says so.',
		cites: [{ url: 'https://a.gr', cited: 'Body' }],
	},
} satisfies Readonly<Record<string, ServerAnswer>>;

/** How each reason to stop is treated, whatever the answer is made of; undefined: by what it is made of. */
const STOPS: Readonly<Record<StopReason, TurnOutcome | undefined>> = {
	end_turn: undefined,
	stop_sequence: undefined,
	tool_use: undefined,
	pause_turn: undefined,
	max_tokens: { type: 'truncated', by: 'max_tokens' },
	model_context_window_exceeded: { type: 'truncated', by: 'context_window' },
	refusal: { type: 'refused', explanation: 'Not this.' },
};

function outcomeOf(stop: StopReason, shape: string): TurnOutcome {
	const fixed = STOPS[stop];
	if (fixed) return fixed;
	return ['nothing', 'blank text', 'thinking alone'].includes(shape) && stop !== 'pause_turn' ? EMPTY : ANSWERED;
}

describe.each(Object.keys(STOPS) as StopReason[])('an answer that stops with %s', (stop) => {
	it.each(Object.entries<ServerAnswer>(SHAPES))('and holds %s', async (shape, answer) => {
		const later = { text: 'Done.' };
		const played = await play({ ...answer, stop, ...(stop === 'refusal' && { explanation: 'Not this.' }) }, [
			later,
			later,
		]);
		expect(played.outcome).toEqual(outcomeOf(stop, shape));
		expect(played.countdowns).toEqual([]);
		expect(played.refused).toEqual([]);
		expect(played.said).toEqual(ANSWERED);
		expect(played.steps[0]?.stop).toBe(stop);
		const runsCalls = shape.includes('call') && ['end_turn', 'stop_sequence', 'tool_use'].includes(stop);
		expect(played.ran).toHaveLength(runsCalls ? 1 : 0);
	});
});

function status(code: number, type: string, message = 'No.', more: { readonly code?: string } = {}): ServerFault {
	return { type: 'status', status: code, error: { type, message, ...more } };
}

function limited(retryAfter: string): ServerFault {
	const error = { type: 'rate_limit_error', message: 'No.' };
	return { type: 'status', status: 429, error, headers: { 'retry-after': retryAfter } };
}

const HTML: ServerFault = { type: 'status', status: 502, body: '<html>Bad gateway</html>' };

const REFUSALS: readonly (readonly [ServerFault, TurnOutcome, 'retried'?])[] = [
	[status(400, 'invalid_request_error'), failed({ type: 'Rejected', message: 'No.' })],
	[status(400, 'invalid_request_error', 'prompt is too long: 2 tokens > 1 maximum'), failed({ type: 'TooLarge' })],
	[status(400, 'invalid_request_error', 'Your credit balance is too low'), failed({ type: 'NoCredit' })],
	[status(401, 'authentication_error', 'invalid bearer token'), failed({ type: 'WrongKey' })],
	['cors', failed({ type: 'CorsRefused' })],
	[status(402, 'billing_error'), failed({ type: 'NoCredit' })],
	[status(403, 'permission_error'), failed({ type: 'Forbidden', message: 'No.' })],
	[status(404, 'not_found_error', 'model: claude-x'), failed({ type: 'UnknownModel', model: MODEL })],
	[
		{ type: 'status', status: 404, body: 'Not Found' },
		failed({ type: 'Unreadable', reason: 'There is no Messages API at this address.' }),
	],
	[
		{ type: 'status', status: 405, body: '' },
		failed({ type: 'Unreadable', reason: 'There is no Messages API at this address.' }),
	],
	[status(409, 'conflict_error'), failed({ type: 'ServiceFailed', status: 409 }), 'retried'],
	[status(413, 'request_too_large'), failed({ type: 'TooLarge' })],
	[{ type: 'status', status: 413, body: '<html>' }, failed({ type: 'TooLarge' })],
	[status(422, 'invalid_request_error'), failed({ type: 'Rejected', message: 'No.' })],
	[{ type: 'rate-limit' }, failed({ type: 'RateLimited', retryAfterMs: undefined }), 'retried'],
	[{ type: 'rate-limit', retryAfterSeconds: 2 }, failed({ type: 'RateLimited', retryAfterMs: 2000 }), 'retried'],
	[{ type: 'rate-limit', retryAfterSeconds: 3600 }, failed({ type: 'RateLimited', retryAfterMs: 3_600_000 })],
	[limited('soon'), failed({ type: 'RateLimited', retryAfterMs: undefined }), 'retried'],
	[limited('-5'), failed({ type: 'RateLimited', retryAfterMs: undefined }), 'retried'],
	['spend-limit', failed({ type: 'SpendLimit' })],
	[status(499, 'api_error'), failed({ type: 'ServiceFailed', status: 499 }), 'retried'],
	[status(500, 'api_error'), failed({ type: 'ServiceFailed', status: 500 }), 'retried'],
	[HTML, failed({ type: 'ServiceFailed', status: 502 }), 'retried'],
	[status(503, 'api_error'), failed({ type: 'ServiceFailed', status: 503 }), 'retried'],
	[status(504, 'timeout_error'), failed({ type: 'ServiceFailed', status: 504 }), 'retried'],
	[status(529, 'overloaded_error'), failed({ type: 'Overloaded' }), 'retried'],
	[status(503, 'overloaded_error'), failed({ type: 'Overloaded' }), 'retried'],
	['disconnect', failed({ type: 'NoNetwork' }), 'retried'],
	['html', failed({ type: 'Unreadable', reason: 'The address answered, but not as the Messages API does.' })],
	['json', failed({ type: 'Unreadable', reason: 'The address answered, but not as the Messages API does.' })],
	['empty', failed({ type: 'Cut' }), 'retried'],
];

describe('a call that is answered', () => {
	it.each(REFUSALS.map(([fault, outcome, retried]) => ({ fault, outcome, retried })))(
		'with $fault',
		async ({ fault, outcome, retried }) => {
			const played = await play({ fault });
			expect(played.outcome).toEqual(outcome);
			const failure = outcome.type === 'failed' ? outcome.failure : undefined;
			expect(played.countdowns).toEqual(retried ? Array(3).fill(failure?.type) : []);
			expect(played.calls).toBe(retried ? 4 : 1);
			expect(
				played.steps.flatMap(({ content }) => content),
				'an apology is no answer',
			).toEqual([]);
			if (!failure) return;
			expect(isRetryable(failure)).toBe(retried !== undefined || failure.type === 'RateLimited');
			expect(describeFailure(failure).sentence).toMatch(/^[A-Z].*\.$/);
		},
	);
});

const MIDSTREAM: readonly (readonly [string, TurnOutcome, 'retried'?])[] = [
	['overloaded_error', failed({ type: 'Overloaded' }), 'retried'],
	['api_error', failed({ type: 'ServiceFailed', status: 500 }), 'retried'],
	['timeout_error', failed({ type: 'ServiceFailed', status: 504 }), 'retried'],
	['rate_limit_error', failed({ type: 'RateLimited', retryAfterMs: undefined }), 'retried'],
	['error_of_next_year', failed({ type: 'ServiceFailed', status: 500 }), 'retried'],
	['invalid_request_error', failed({ type: 'Rejected', message: 'No.' })],
	['authentication_error', failed({ type: 'WrongKey' })],
	['permission_error', failed({ type: 'Forbidden', message: 'No.' })],
	['billing_error', failed({ type: 'NoCredit' })],
	['not_found_error', failed({ type: 'Unreadable', reason: 'There is no Messages API at this address.' })],
	['request_too_large', failed({ type: 'TooLarge' })],
];

describe('an answer that breaks off in its middle', () => {
	it.each(MIDSTREAM)('with %s keeps its text as cut and runs no tool', async (type, outcome, retried) => {
		const error = { event: 'error', data: { type: 'error', error: { type, message: 'No.' } } };
		const change = (events: readonly SentEvent[]) => [
			...events.slice(
				0,
				events.findIndex(({ event }) => event === 'message_delta'),
			),
			error,
		];
		const played = await play({ text: 'I look.', ...CALL, change });
		expect(played.outcome).toEqual(outcome);
		expect(played.ran).toEqual([]);
		expect(played.countdowns).toHaveLength(retried ? 3 : 0);
		expect(played.steps.map(({ stop }) => stop)).toEqual(Array(retried ? 4 : 1).fill('cut'));
		for (const { content, usage } of played.steps) {
			expect(content).toEqual([{ type: 'text', text: 'I look.' }]);
			expect(promptOf(usage)).toBeGreaterThan(0);
		}
	});

	it('and is whole the second time shows both, runs its tool once, and both calls are counted', async () => {
		const bytes = renderAnswer({ text: 'I look.', ...CALL }, { call: 9, model: MODEL, usage: {} });
		const cutAt = bytes.indexOf('event: message_delta');
		const played = await play({ text: 'I look.', ...CALL, cutAt }, [{ text: 'I look.', ...CALL }, { text: 'Seen.' }]);
		expect(played.outcome).toEqual(ANSWERED);
		expect(played.countdowns).toEqual(['Cut']);
		expect(played.ran).toHaveLength(1);
		expect(played.steps.map(({ stop }) => stop)).toEqual(['cut', 'tool_use', 'end_turn']);
	});
});

type Change = NonNullable<ServerAnswer['change']>;
const insert =
	(at: number, ...more: readonly SentEvent[]): Change =>
	(events) => [...events.slice(0, at), ...more, ...events.slice(at)];
const PING: SentEvent = { event: 'ping', data: { type: 'ping' } };
const NOVELTY: SentEvent = { event: 'novelty', data: { type: 'novelty', index: 0, delta: { type: 'x' } } };
const WITHOUT =
	(name: string): Change =>
	(events) =>
		events.filter(({ event }) => event !== name);

const ODDITIES: readonly (readonly [string, Partial<ServerAnswer>])[] = [
	['pings everywhere', { change: (events) => events.flatMap((event) => [PING, event, PING]) }],
	['events nobody knows everywhere', { change: (events) => events.flatMap((event) => [NOVELTY, event]) }],
	[
		'a delta nobody knows',
		{
			change: insert(4, {
				event: 'content_block_delta',
				data: { type: 'content_block_delta', index: 0, delta: { type: 'mood_delta', text: 7, mood: 'fine' } },
			}),
		},
	],
	[
		'a delta for a block that never began',
		{
			change: insert(4, {
				event: 'content_block_delta',
				data: { type: 'content_block_delta', index: 7, delta: { type: 'text_delta', text: 'lost' } },
			}),
		},
	],
	[
		'the end of a block that never began',
		{ change: insert(4, { event: 'content_block_stop', data: { type: 'content_block_stop', index: 7 } }) },
	],
	[
		'a gap in the indices of its blocks',
		{
			change: (events) =>
				events.map(({ event, data }) => ({
					event,
					data: JSON.parse(JSON.stringify(data).replace('"index":0', '"index":5')),
				})),
		},
	],
	['no message_stop', { change: WITHOUT('message_stop') }],
	['message_stop twice', { change: (events) => [...events, ...events.slice(-1)] }],
	[
		'no usage at the end',
		{
			change: (events) =>
				events.map(({ event, data }) => ({
					event,
					data: event === 'message_delta' ? { ...(data as object), usage: undefined } : data,
				})),
		},
	],
	[
		'its reason and its usage apart',
		{
			change: (events) =>
				events.flatMap((sent) =>
					sent.event === 'message_delta'
						? [{ event: sent.event, data: { ...(sent.data as object), delta: {} } }, sent]
						: [sent],
				),
		},
	],
	['line ends of two characters', { newline: '\r\n' }],
	['carriage returns as line ends', { newline: '\r' }],
	['one byte at a time', { chunkBytes: 1 }],
];

describe('an answer with', () => {
	it.each(ODDITIES)('%s is read as any other', async (_, odd) => {
		const played = await play({ text: 'Καλημέρα 🌞', ...odd }, [{ text: 'Done.' }]);
		expect(played.outcome).toEqual(ANSWERED);
		expect(played.countdowns).toEqual([]);
		expect(played.steps).toMatchObject([{ stop: 'end_turn', content: [{ type: 'text', text: 'Καλημέρα 🌞' }] }]);
		expect(promptOf(played.steps[0]?.usage)).toBeGreaterThan(0);
		expect(played.said).toEqual(ANSWERED);
		expect(played.refused).toEqual([]);
	});
});

it('a turn that failed after a pause leaves nothing that the next request could not hold', async () => {
	const searching = {
		thinking: 'Hm.',
		opening: 'I look.',
		searches: [{ query: 'q', found: [], isOpen: true }],
		stop: 'pause_turn',
	} as const;
	const played = await play(searching, [{ fault: 'wrong-key' }, { thinking: 'So.', text: 'Later.' }]);
	expect(played.outcome).toEqual(failed({ type: 'WrongKey' }));
	expect(played.refused).toEqual([]);
	expect(played.said).toEqual(ANSWERED);
});
