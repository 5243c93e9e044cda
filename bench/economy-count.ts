import { tokensCost } from '@pocketeer/core/agent/spend/prices';
import { addTokens, NO_TOKENS, promptOf, type Tokens, tokensOf } from '@pocketeer/core/agent/spend/tokens';
import { isJsonObject, type JsonObject } from '@pocketeer/core/json';
import { createPromptCache } from '@pocketeer/core/testing/prompt-cache';
import type { PlayedDay, SentRequest } from './economy-day.ts';

/** What a day's requests came to. */
export interface Sum {
	readonly tokens: Tokens;
	readonly usd: number;
	/** Of all that was read, the part that came from the cache. */
	readonly cachedShare: number;
	/** The same without what was there and had run out. */
	readonly cachedShareInTime: number;
}

/** As it was sent, as the service counted it. */
export function countSent(day: PlayedDay): Sum {
	return sumUp(
		day,
		day.requests.map(({ usage }) => tokensOf(usage)),
		day.requests.map(({ body }) => body),
	);
}

/** The same requests, changed before they are sent. */
export function countChanged(day: PlayedDay, change: (body: JsonObject, request: SentRequest) => JsonObject): Sum {
	const bodies = day.requests.map((request) => (isJsonObject(request.body) ? change(request.body, request) : {}));
	return sumUp(
		day,
		countAll(day, bodies, (request) => request.at),
		bodies,
	);
}

/** No cache marks at all. */
export function withoutMarks(body: JsonObject): JsonObject {
	return withMarks(body, () => undefined);
}

/** Every mark for the same time. */
export function withTtl(ttl: '5m' | '1h'): (body: JsonObject) => JsonObject {
	return (body) => withMarks(body, () => ({ type: 'ephemeral', ttl }));
}

/** A prompt that is built anew for each turn, the moment and the state of the files at the head of its system part; marked as usual. */
export function rebuiltEachTurn(body: JsonObject, { turn }: SentRequest): JsonObject {
	const system = Array.isArray(body.system) ? body.system : [];
	return {
		...withTtl('5m')(body),
		system: [{ type: 'text', text: `The moment and the files of turn ${turn}.` }, ...system],
	};
}

function sumUp(day: PlayedDay, counts: readonly Tokens[], bodies: readonly unknown[]): Sum {
	const tokens = counts.reduce(addTokens, NO_TOKENS);
	// Were nothing ever to run out, this much would have been found.
	const lasting = countAll(day, bodies, () => 0).reduce(addTokens, NO_TOKENS);
	const expired = Math.max(0, lasting.cacheRead - tokens.cacheRead);
	const usd = day.requests.reduce((sum, { at }, index) => {
		return sum + (tokensCost({ model: day.model, tokens: counts[index] ?? NO_TOKENS, at }) ?? 0);
	}, 0);
	return {
		tokens,
		usd,
		cachedShare: tokens.cacheRead / promptOf(tokens),
		cachedShareInTime: tokens.cacheRead / Math.max(1, promptOf(tokens) - expired),
	};
}

function countAll(
	day: PlayedDay,
	bodies: readonly unknown[],
	atOf: (request: SentRequest) => number,
): readonly Tokens[] {
	const cache = createPromptCache();
	return day.requests.map((request, index) => {
		const { usage } = cache.take(bodies[index], atOf(request));
		return tokensOf({ ...usage, output_tokens: request.usage.output_tokens });
	});
}

/** The request with each of its marks as given, or without. */
function withMarks(body: JsonObject, mark: () => JsonObject | undefined): JsonObject {
	const changed: unknown = JSON.parse(
		JSON.stringify(body, (key, value: unknown) => (key === 'cache_control' ? mark() : value)),
	);
	return isJsonObject(changed) ? changed : {};
}
