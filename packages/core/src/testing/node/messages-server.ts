import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isUsableEvent } from '../../agent/model/anthropic-events.ts';
import { createMessageBuilder, type MessageBuilder } from '../../agent/model/message-builder.ts';
import { NO_USAGE } from '../../agent/model/stream-events.ts';
import { isJsonObject } from '../../json.ts';
import { createMessagesRules, type RulesOptions } from '../messages-rules.ts';
import { createPromptCache, type PromptUsage } from '../prompt-cache.ts';
import { LARGEST_REQUEST } from '../rules/media.ts';
import { type ApiError, type ServerFault, sendError, sendFault, statusOf } from './messages-faults.ts';

import { renderAnswer, type ServerAnswer } from './messages-script.ts';

export type { ServerAnswer, ServerFault };

/**
 * A local server that speaks the Messages API as strictly as the real one: what that refuses, this refuses with the
 * same status. It answers from a queue, and can be cut, stalled and broken at any byte. Node only.
 */
export interface MessagesServer extends AsyncDisposable {
	/** `http://127.0.0.1:<port>`, to be used as the API base URL. */
	readonly url: string;
	/** Adds answers to the end of the queue. */
	enqueue(...answers: readonly ServerAnswer[]): void;
	/** Every request from now on gets this fault, on all routes, until undefined is set. */
	setAlways(fault: ServerFault | undefined): void;
	/** Lets the oldest stalled answer go on. */
	release(): void;
	/** Resolves when an answer stalls. */
	stalled(): Promise<void>;
	/** Calls of POST /v1/messages that came through to the queue, in order, refused ones included. */
	readonly requests: readonly RecordedRequest[];
	/** Answers not given yet. */
	readonly remaining: number;
}

/** One call as it arrived and what became of it. */
export interface RecordedRequest {
	readonly body: unknown;
	readonly headers: IncomingMessage['headers'];
	readonly status: number;
	/** Why the rules refused it. */
	readonly refused: string | undefined;
	/** What its prompt came to, by the rules of the prompt cache; undefined when it was not answered. */
	readonly usage?: PromptUsage;
}

export interface MessagesServerOptions extends RulesOptions {
	readonly script?: readonly ServerAnswer[];
	/** The only key accepted; default `sk-ant-test`. */
	readonly key?: string;
	/** Newest first. */
	readonly models?: readonly string[];
	/** Answered when the queue is empty; default: a 500 that fails the test visibly. */
	readonly fallback?: ServerAnswer;
	/** No GET /v1/models, as some compatible endpoints. */
	readonly hasNoModelList?: boolean;
	readonly port?: number;
	/** What the prompt cache goes by; default: the computer's. */
	readonly clock?: { now(): number };
}

const VERSION = '2026-10-21';
const MODELS = ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5'];

/** Starts the server on a free port of loopback. */
export async function startMessagesServer(options: MessagesServerOptions = {}): Promise<MessagesServer> {
	const { key = 'sk-ant-test', models = MODELS } = options;
	const clock = options.clock ?? { now: () => Date.now() };
	const rules = createMessagesRules(options);
	const cache = createPromptCache();
	const queue = [...(options.script ?? [])];
	const requests: RecordedRequest[] = [];
	const stalls: (() => void)[] = [];
	let onStall = Promise.withResolvers<void>();
	let always: ServerFault | undefined;
	let calls = 0;

	const server = createServer((request, response) => {
		handle(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
	});
	await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
	// `listen` on TCP always yields an address with a port.
	const { port } = server.address() as AddressInfo;

	return {
		url: `http://127.0.0.1:${port}`,
		enqueue: (...answers) => void queue.push(...answers),
		setAlways(fault) {
			always = fault;
		},
		release() {
			onStall = Promise.withResolvers();
			stalls.shift()?.();
		},
		stalled: () => onStall.promise,
		requests,
		get remaining() {
			return queue.length;
		},
		async [Symbol.asyncDispose]() {
			for (const go of stalls.splice(0)) go();
			server.closeAllConnections();
			await new Promise<void>((resolve) => server.close(() => resolve()));
		},
	};

	async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
		allowOrigin(request, response);
		if (request.method === 'OPTIONS') return void response.writeHead(204).end();
		const body = await readBody(request);
		const refusal = refuseHeaders(request, key);
		if (refusal) return sendError(response, refusal);
		if (always) return sendFault(response, always);
		const path = new URL(request.url ?? '/', 'http://localhost').pathname;
		if (request.method === 'GET' && path === '/v1/models' && !options.hasNoModelList)
			return sendModels(response, models);
		if (request.method !== 'POST' || path !== '/v1/messages') {
			return sendError(response, { status: 404, type: 'not_found_error', message: 'Not Found' });
		}
		await answerMessages(request, response, body);
	}

	async function answerMessages(request: IncomingMessage, response: ServerResponse, bytes: Buffer): Promise<void> {
		const body = parseJson(bytes);
		const refused = bytes.length > LARGEST_REQUEST ? undefined : rules.refuse(body);
		const model = isJsonObject(body) && typeof body.model === 'string' ? body.model : '';
		const note = (status: number, usage?: PromptUsage) =>
			void requests.push({ body, headers: request.headers, status, refused, ...(usage && { usage }) });
		if (bytes.length > LARGEST_REQUEST) {
			note(413);
			return sendFault(response, 'too-large');
		}
		if (refused) {
			note(400);
			return sendError(response, { status: 400, type: 'invalid_request_error', message: refused });
		}
		if (!models.includes(model)) {
			note(404);
			return sendError(response, { status: 404, type: 'not_found_error', message: `model: ${model}` });
		}
		// A client that checks its settings asks for one token, not for the next line of the script.
		if (isJsonObject(body) && body.stream !== true) return sendProbe(response, model);
		const answer = queue.shift() ?? options.fallback;
		if (!answer) {
			note(500);
			return sendError(response, { status: 500, type: 'api_error', message: 'the script of the test server is empty' });
		}
		if (answer.fault) {
			note(statusOf(answer.fault));
			return sendFault(response, answer.fault);
		}
		const call = calls++;
		const { usage, diagnostics } = cache.take(body, clock.now(), `msg_${call}`);
		note(200, usage);
		const { recorded } = answer;
		const sent = recorded ? Buffer.from(recorded) : renderAnswer(answer, { call, model, usage, diagnostics });
		const whole = readStream(sent);
		rules.issue(body, whole.blocks(), whole.stop);
		await stream(response, answer, sent);
	}

	async function stream(response: ServerResponse, answer: ServerAnswer, bytes: Buffer): Promise<void> {
		response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
		const end = Math.min(bytes.length, answer.cutAt ?? bytes.length);
		const { splitAt: split = 0 } = answer;
		let position = 0;
		while (position < end) {
			const isBeforeStall = answer.stallAt !== undefined && position < answer.stallAt;
			const stops = [isBeforeStall ? answer.stallAt : undefined, position < split ? split : undefined];
			const limit = Math.min(end, ...stops.filter((at) => at !== undefined));
			const next = Math.min(limit, position + (answer.chunkBytes ?? end));
			await write(response, bytes.subarray(position, next));
			position = next;
			if (position === answer.stallAt) await stall(response);
			if (response.destroyed) return;
		}
		if (answer.cutAt !== undefined && answer.cutAt < bytes.length) response.destroy();
		else response.end();
	}

	function stall(response: ServerResponse): Promise<void> {
		return new Promise((resolve) => {
			stalls.push(resolve);
			response.once('close', resolve);
			onStall.resolve();
		});
	}
}

/** What the bytes of a stream hand out, recorded ones too. */
export function readStream(bytes: Uint8Array): MessageBuilder {
	const message = createMessageBuilder();
	for (const line of Buffer.from(bytes)
		.toString('utf8')
		.split(/\r\n|\r|\n/)) {
		const event = line.startsWith('data:') ? parseJson(Buffer.from(line.slice(5))) : undefined;
		if (isUsableEvent(event)) message.add(event);
	}
	return message;
}

function refuseHeaders(request: IncomingMessage, key: string): ApiError | undefined {
	const { headers } = request;
	if (headers.origin !== undefined && headers['anthropic-dangerous-direct-browser-access'] !== 'true') {
		return {
			status: 401,
			type: 'authentication_error',
			message: 'CORS requests must set the `anthropic-dangerous-direct-browser-access` header',
		};
	}
	if (headers['anthropic-version'] !== VERSION) {
		return { status: 400, type: 'invalid_request_error', message: 'anthropic-version: header is required' };
	}
	if (headers.authorization !== `Bearer ${key}`) {
		return { status: 401, type: 'authentication_error', message: 'invalid bearer token' };
	}
	return undefined;
}

/** As the real service: any origin may ask, and no header of the answer but the plainest can be read. */
function allowOrigin(request: IncomingMessage, response: ServerResponse): void {
	if (request.headers.origin === undefined) return;
	response.setHeader('access-control-allow-origin', '*');
	response.setHeader('access-control-allow-methods', 'GET, POST, OPTIONS');
	const asked = request.headers['access-control-request-headers'];
	if (asked) response.setHeader('access-control-allow-headers', asked);
	response.setHeader('access-control-max-age', '600');
}

function sendModels(response: ServerResponse, models: readonly string[]): void {
	const data = models.map((id) => ({
		type: 'model',
		id,
		display_name: id,
		created_at: '2026-09-01T00:00:00Z',
		lifecycle: 'active',
	}));
	const body = { data, has_more: false, first_id: models[0] ?? null, last_id: models.at(-1) ?? null };
	response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function sendProbe(response: ServerResponse, model: string): void {
	const body = {
		id: 'msg_probe',
		type: 'message',
		role: 'assistant',
		model,
		content: [{ type: 'text', text: 'Hello' }],
		stop_reason: 'max_tokens',
		stop_sequence: null,
		usage: { ...NO_USAGE, input_tokens: 8, output_tokens: 1 },
	};
	response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function write(response: ServerResponse, bytes: Uint8Array): Promise<void> {
	return new Promise((resolve) => {
		response.write(bytes, () => resolve());
	});
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(Buffer.from(chunk));
	return Buffer.concat(chunks);
}

function parseJson(bytes: Buffer): unknown {
	try {
		return JSON.parse(bytes.toString('utf8'));
	} catch {
		return undefined;
	}
}
