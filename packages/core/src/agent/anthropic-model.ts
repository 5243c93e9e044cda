import { BaseAnthropic } from '@anthropic-ai/sdk/client';
import {
	Messages,
	type RawMessageStreamEvent,
	type TextBlockParam,
	type Tool,
} from '@anthropic-ai/sdk/resources/messages';
import { Models } from '@anthropic-ai/sdk/resources/models';
import { type Model, ModelFailure, type ModelRequest } from '../ports/model.ts';
import { err, ok, type Result } from '../result.ts';
import { isUsableEvent } from './anthropic-events.ts';
import { failureOf, isListingUnsupported, namesUnsupported } from './anthropic-failures.ts';
import type { Failure } from './failures.ts';

/** Where and how a model is reached. */
export interface AnthropicSettings {
	readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
	readonly apiKey: string;
	/** Empty: https://api.anthropic.com. A trailing slash or `/v1` is forgiven. */
	readonly baseUrl: string;
	readonly model: string;
}

/** What an endpoint offers. */
export interface CheckedModel {
	/** Ids, newest first; empty when the endpoint lists none. */
	readonly models: readonly string[];
	/** The one that will answer: the setting, or the sensible default when it was empty. */
	readonly model: string;
}

const DEFAULT_BASE_URL = 'https://api.anthropic.com';
const MARK = { type: 'ephemeral' } as const;

/**
 * Claude, or anything that speaks its Messages API, called straight from the browser with the slim SDK client. Retries
 * are the turn's business, where they are visible and where the clock is a port.
 */
export function createAnthropicModel(settings: AnthropicSettings): Model {
	const { model } = settings;
	// Older models and compatible endpoints do not know these; what was refused once is not asked for again.
	const wanted = { thinking: true, cache_control: true };

	return {
		kind: 'agent',
		id: model,
		async *stream(request, signal) {
			for (;;) {
				try {
					yield* receive(settings, bodyOf(model, request, wanted), signal);
					return;
				} catch (error) {
					if (signal.aborted) return;
					if (error instanceof ModelFailure) throw error;
					const refused = namesUnsupported(error);
					if (!refused || !wanted[refused])
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
	const { data, response } = await messages.create(body, { signal }).withResponse();
	const type = response.headers.get('content-type') ?? '';
	if (!type.includes('text/event-stream')) {
		throw new ModelFailure({ type: 'Unreadable', reason: 'The address answered, but not as the Messages API does.' });
	}
	for await (const event of data) if (isUsableEvent(event)) yield event;
}

type MessagesBody = ReturnType<typeof bodyOf>;

/** The marks stand on the end of what never changes within an epoch, and, at the top level, on the newest block. */
function bodyOf(
	model: string,
	{ system, tools, messages, maxTokens }: ModelRequest,
	wanted: { readonly thinking: boolean; readonly cache_control: boolean },
) {
	return {
		model,
		max_tokens: maxTokens,
		stream: true as const,
		messages: [...messages],
		...(system.length > 0 ? { system: markLast<TextBlockParam>(system) } : {}),
		...(tools.length > 0 ? { tools: system.length > 0 ? [...tools] : markLast<Tool>(tools) } : {}),
		...(wanted.cache_control ? { cache_control: MARK } : {}),
		...(wanted.thinking ? { thinking: { type: 'adaptive' as const, display: 'summarized' as const } } : {}),
	};
}

function markLast<T extends object>(items: readonly T[]): T[] {
	return items.map((item, index) => (index === items.length - 1 ? { ...item, cache_control: MARK } : item));
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
