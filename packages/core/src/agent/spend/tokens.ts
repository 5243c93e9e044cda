import { isJsonObject } from '../../json.ts';

/** Tokens by kind, as they are charged; of one call or of many. */
export interface Tokens {
	/** Read by the model and neither from the cache nor written to it. */
	readonly input: number;
	readonly cacheRead: number;
	/** Written to the cache, for five minutes or an hour. */
	readonly cacheWrite: number;
	/** The part of `cacheWrite` that was written to stay an hour. */
	readonly cacheWriteHour: number;
	/** Thinking included. */
	readonly output: number;
	/** Searches made by the service, which are charged each. */
	readonly webSearches: number;
}

/** One pass of a model over a prompt: what a price list is asked about. */
export interface Pass {
	readonly tokens: Tokens;
	/** Where the service says that another model than the one asked for made it. */
	readonly model?: string;
}

export const NO_TOKENS: Tokens = {
	input: 0,
	cacheRead: 0,
	cacheWrite: 0,
	cacheWriteHour: 0,
	output: 0,
	webSearches: 0,
};

/** Adds up kind by kind. */
export function addTokens(one: Tokens, other: Tokens): Tokens {
	return {
		input: one.input + other.input,
		cacheRead: one.cacheRead + other.cacheRead,
		cacheWrite: one.cacheWrite + other.cacheWrite,
		cacheWriteHour: one.cacheWriteHour + other.cacheWriteHour,
		output: one.output + other.output,
		webSearches: one.webSearches + other.webSearches,
	};
}

/** All that the model read, from the cache or not: what a context window and a tier of prices count. */
export function promptOf({ input, cacheRead, cacheWrite }: Tokens): number {
	return input + cacheRead + cacheWrite;
}

/**
 * The passes of one call, as its usage tells them. A call during which the service summed up the context made several, and
 * the totals leave that one out: then `iterations` holds them all. Fields that a compatible endpoint leaves out count nothing.
 */
export function passesOf(usage: unknown): readonly Pass[] {
	if (!isJsonObject(usage)) return [];
	const passes = Array.isArray(usage.iterations) ? usage.iterations.filter(isJsonObject) : [];
	const webSearches = isJsonObject(usage.server_tool_use) ? countOf(usage.server_tool_use.web_search_requests) : 0;
	const [first = usage, ...others] = passes;
	return [passOf(first, webSearches), ...others.map((other) => passOf(other, 0))];
}

/** All tokens of one call; none when its usage never came. */
export function tokensOf(usage: unknown): Tokens {
	return passesOf(usage).reduce((sum, pass) => addTokens(sum, pass.tokens), NO_TOKENS);
}

function passOf(counts: Readonly<Record<string, unknown>>, webSearches: number): Pass {
	const creation = isJsonObject(counts.cache_creation) ? counts.cache_creation : {};
	const cacheWriteHour = countOf(creation.ephemeral_1h_input_tokens);
	const written = cacheWriteHour + countOf(creation.ephemeral_5m_input_tokens);
	const tokens = {
		input: countOf(counts.input_tokens),
		cacheRead: countOf(counts.cache_read_input_tokens),
		cacheWrite: Math.max(countOf(counts.cache_creation_input_tokens), written),
		cacheWriteHour,
		output: countOf(counts.output_tokens),
		webSearches,
	};
	return typeof counts.model === 'string' ? { tokens, model: counts.model } : { tokens };
}

/** No call takes more, whatever an endpoint says; what is said in millions of millions could not be added up. */
const MOST_COUNTED = 1_000_000_000;

function countOf(value: unknown): number {
	return typeof value === 'number' && value > 0 ? Math.min(value, MOST_COUNTED) : 0;
}
