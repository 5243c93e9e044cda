import { BaseAnthropic } from '@anthropic-ai/sdk/client';
import { Messages, type RawMessageStreamEvent, type ToolUnion } from '@anthropic-ai/sdk/resources/messages';
import { Models } from '@anthropic-ai/sdk/resources/models';
import { type Model, ModelFailure, type ModelRequest } from '../../ports/model.ts';
import { err, ok, type Result } from '../../result.ts';
import { wellFormed } from '../../well-formed.ts';
import type { Failure } from '../failures.ts';
import { markCache } from '../request/cache-marks.ts';
import { isUsableEvent } from './anthropic-events.ts';
import { failureOf, isListingUnsupported, namesUnsupported } from './anthropic-failures.ts';

/** Where and how a model is reached. */
export interface AnthropicSettings {
	readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
	readonly apiKey: string;
	/** Empty: https://api.anthropic.com. A trailing slash or `/v1` is forgiven. */
	readonly baseUrl: string;
	readonly model: string;
	/** What the service may run itself, as it is set now; none when left out. */
	readonly serverTools?: () => readonly ToolUnion[];
}

/** What an endpoint offers. */
export interface CheckedModel {
	/** Ids, newest first; empty when the endpoint lists none. */
	readonly models: readonly string[];
	/** The one that will answer: the setting, or the sensible default when it was empty. */
	readonly model: string;
}

const DEFAULT_BASE_URL = 'https://api.anthropic.com';

/**
 * Claude, or anything that speaks its Messages API, called straight from the browser with the slim SDK client. Retries
 * are the turn's business, where they are visible and where the clock is a port.
 */
export function createAnthropicModel(settings: AnthropicSettings): Model {
	const { model } = settings;
	// Older models and compatible endpoints do not know these; what was refused once is not asked for again.
	const wanted = { thinking: true, cache_control: true, ttl: true, serverTools: true };

	return {
		kind: 'agent',
		id: model,
		serverTools: () => (wanted.serverTools ? (settings.serverTools?.() ?? []) : []),
		async *stream(request, signal, heard) {
			for (;;) {
				try {
					yield* receive(
						{ ...settings, fetch: hearing(settings.fetch, heard) },
						bodyOf(model, request, wanted),
						signal,
					);
					return;
				} catch (error) {
					if (signal.aborted) return;
					if (error instanceof ModelFailure) throw error;
					const refused = namesUnsupported(error);
					const isInIt = refused !== 'serverTools' || request.tools.some(isServerTool);
					if (!refused || !wanted[refused] || !isInIt)
						throw new ModelFailure(withoutKey(failureOf(error, model), settings.apiKey));
					wanted[refused] = false;
				}
			}
		},
	};
}

/**
 * Asks the endpoint whether key, address and model work: lists its models where it can, then has the chosen one answer
 * with a single token, because only that shows a missing credit.
 */
export async function checkModel(settings: AnthropicSettings): Promise<Result<CheckedModel, Failure>> {
	const listed = await listModels(settings);
	if (!listed.ok) return listed;
	const model = settings.model.trim() || defaultModel(listed.value);
	if (model === undefined) {
		return err({ type: 'Unreadable', reason: 'The address lists no models; enter the name of one.' });
	}
	try {
		const messages = [{ role: 'user' as const, content: 'Hi' }];
		await new Messages(createClient(settings)).create({ model, max_tokens: 1, messages });
		return ok({ models: listed.value, model });
	} catch (error) {
		return err(withoutKey(failureOf(error, model), settings.apiKey));
	}
}

/** The ids an endpoint lists, newest first; none when it has no such list. */
export async function listModels(settings: AnthropicSettings): Promise<Result<readonly string[], Failure>> {
	try {
		const page = await new Models(createClient(settings)).list({ limit: 1000 });
		const data: unknown = page.data;
		return ok((Array.isArray(data) ? data : []).flatMap(usableId));
	} catch (error) {
		if (isListingUnsupported(error)) return ok([]);
		return err(withoutKey(failureOf(error, settings.model), settings.apiKey));
	}
}

/** The model for somebody who chose none: the newest of the middle size, else the newest. */
export function defaultModel(models: readonly string[]): string | undefined {
	return models.find((id) => id.includes('sonnet')) ?? models[0];
}

/** Some endpoints quote the key they refuse, and a failure is kept on the line and synced: the key must not be in it. */
function withoutKey(failure: Failure, apiKey: string): Failure {
	const key = apiKey.trim();
	if (key === '' || !('message' in failure)) return failure;
	return { ...failure, message: failure.message.replaceAll(key, '(your key)') };
}

function usableId(model: unknown): readonly string[] {
	if (typeof model !== 'object' || model === null || !('id' in model) || typeof model.id !== 'string') return [];
	return 'lifecycle' in model && model.lifecycle === 'retired' ? [] : [model.id];
}

async function* receive(
	settings: AnthropicSettings,
	body: MessagesBody,
	signal: AbortSignal,
): AsyncGenerator<RawMessageStreamEvent> {
	const messages = new Messages(createClient(settings));
	const { data, response } = await messages.create(wellFormed(body), { signal }).withResponse();
	const type = response.headers.get('content-type') ?? '';
	if (!type.includes('text/event-stream')) {
		throw new ModelFailure({ type: 'Unreadable', reason: 'The address answered, but not as the Messages API does.' });
	}
	for await (const event of data) if (isUsableEvent(event)) yield event;
}

/** Tells of every piece of an answer as it comes in: the client passes over what is no event. */
function hearing(fetch: AnthropicSettings['fetch'], heard: (() => void) | undefined): AnthropicSettings['fetch'] {
	if (!heard) return fetch;
	return async (input, init) => {
		const response = await fetch(input, init);
		heard();
		if (!response.body) return response;
		const pieces = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
			transform(piece, controller) {
				heard();
				controller.enqueue(piece);
			},
		});
		const { status, statusText, headers } = response;
		return new Response(response.body.pipeThrough(pieces), { status, statusText, headers });
	};
}

/** Parts of a request that an endpoint may not know. */
type Optional = NonNullable<ReturnType<typeof namesUnsupported>>;

/** One that the service runs itself. */
function isServerTool(tool: ToolUnion): boolean {
	return 'type' in tool && typeof tool.type === 'string' && tool.type !== 'custom';
}

type MessagesBody = ReturnType<typeof bodyOf>;

function bodyOf(model: string, request: ModelRequest, wanted: Readonly<Record<Optional, boolean>>) {
	const asked = wanted.serverTools
		? request
		: { ...request, tools: request.tools.filter((tool) => !isServerTool(tool)) };
	const { system, tools, messages } = wanted.cache_control
		? markCache(asked, wanted.ttl)
		: { system: [...asked.system], tools: [...asked.tools], messages: [...asked.messages] };
	return {
		model,
		max_tokens: request.maxTokens,
		stream: true as const,
		messages,
		...(system.length > 0 ? { system } : {}),
		...(tools.length > 0 ? { tools } : {}),
		...(wanted.thinking ? { thinking: { type: 'adaptive' as const, display: 'summarized' as const } } : {}),
	};
}

function createClient({ fetch, apiKey, baseUrl }: AnthropicSettings): BaseAnthropic {
	const key = apiKey.trim();
	// A header takes no other characters: a key with an ellipsis or a line break in it was copied wrongly.
	if (!/^[\x21-\x7e]+$/.test(key)) throw new ModelFailure({ type: 'WrongKey' });
	return new BaseAnthropic({
		// Sent as `Authorization: Bearer`.
		apiKey: key,
		baseURL: normalizeBaseUrl(baseUrl),
		fetch,
		dangerouslyAllowBrowser: true,
		maxRetries: 0,
		webhookKey: null,
		// The SDK would log what it cannot parse: content.
		logLevel: 'off',
		openTelemetry: false,
	});
}

function normalizeBaseUrl(written: string): string {
	const url = written.trim() || DEFAULT_BASE_URL;
	if (!URL.canParse(url) || !/^https?:/i.test(url)) {
		throw new ModelFailure({ type: 'Unreadable', reason: `"${url}" is no web address.` });
	}
	return url.replace(/\/+$/, '').replace(/\/v1$/, '');
}
