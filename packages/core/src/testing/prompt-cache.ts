import type { CacheCreation, CacheMissReason, Diagnostics, Usage } from '@anthropic-ai/sdk/resources/messages';
import { isJsonObject, type JsonObject } from '../json.ts';
import { isCacheable, promptBlocks } from './prompt-blocks.ts';

/**
 * The prompt cache of the Messages API as a pure function of requests and moments, by the rules that it documents:
 *
 * - the prompt is tools, system, messages, block by block; a mark keeps the prefix that ends with its block;
 * - a mark finds the longest prefix kept by an earlier request that ends at its block or at most 19 before it;
 * - a prefix is kept for 5 minutes or an hour, from when it was written or last read, for each model apart;
 * - of less than 1,024 tokens nothing is kept;
 * - what lies behind the longest prefix found is written up to the last mark, at the price of the hour up to the last
 *   mark that asks for one; the rest of the prompt is plain input.
 *
 * Tokens are counted by a simple rule that is the same everywhere, not by the real tokenizer.
 */
export interface PromptCache {
	/** Counts a request sent at `at` (ms) and keeps what it marks; `id` is the answer's, for later diagnostics. */
	take(body: unknown, at: number, id?: string): PromptCount;
}

/** What one prompt came to. */
export interface PromptCount {
	/** To be spread into the usage of the answer. */
	readonly usage: PromptUsage;
	/** All of it: input, cache reads and cache writes. */
	readonly promptTokens: number;
	/** Why the cache could not be used as far as the request named by `diagnostics` had filled it; null when not asked. */
	readonly diagnostics: Diagnostics | null;
}

export type PromptUsage = Pick<Usage, 'input_tokens'> & {
	readonly cache_creation_input_tokens: number;
	readonly cache_read_input_tokens: number;
	readonly cache_creation: CacheCreation;
};

/** Blocks that a mark looks at, its own included. */
const LOOK_BACK = 20;
const MIN_TOKENS = 1024;
const TTL_MS = { '5m': 5 * 60_000, '1h': 60 * 60_000 };

interface Kept {
	readonly ttlMs: number;
	until: number;
}

/** A place in the prompt: what stands up to here, as one number, and how many tokens that is. */
interface Place {
	readonly prefix: number;
	readonly tokens: number;
	readonly mark: '5m' | '1h' | undefined;
}

interface Remembered {
	readonly body: JsonObject;
	readonly places: readonly Place[];
	/** Tokens the request left in the cache. */
	readonly cachedTokens: number;
}

/** Starts with an empty cache. */
export function createPromptCache(): PromptCache {
	const prefixes = createPrefixes();
	const keptByPrefix = new Map<number, Kept>();
	const requests = new Map<string, Remembered>();

	return {
		take(body, at, id) {
			if (!isJsonObject(body)) throw new TypeError('only a request that the API would take has a prompt');
			const places = placesOf(body, prefixes);
			const read = readable(places, at);
			const marks = places.filter(({ mark, tokens }) => mark !== undefined && tokens >= MIN_TOKENS);
			for (const { prefix, mark } of marks) keep(prefix, mark ?? '5m', at);
			const upTo = (last: Place | undefined) => Math.max(read, last?.tokens ?? 0);
			const hour = upTo(marks.findLast(({ mark }) => mark === '1h'));
			const end = Math.max(hour, upTo(marks.at(-1)));
			const total = places.at(-1)?.tokens ?? 0;
			const diagnostics = isJsonObject(body.diagnostics) ? diagnose(body, places, read) : null;
			if (id !== undefined) requests.set(id, { body, places, cachedTokens: end });
			return {
				usage: {
					input_tokens: total - end,
					cache_read_input_tokens: read,
					cache_creation_input_tokens: end - read,
					cache_creation: { ephemeral_1h_input_tokens: hour - read, ephemeral_5m_input_tokens: end - hour },
				},
				promptTokens: total,
				diagnostics,
			};
		},
	};

	/** Tokens of the longest prefix that a mark finds; what is read stays for as long again. */
	function readable(places: readonly Place[], at: number): number {
		let longest = 0;
		for (const [index, { mark }] of places.entries()) {
			if (mark === undefined) continue;
			for (const place of places.slice(Math.max(0, index + 1 - LOOK_BACK), index + 1).reverse()) {
				const kept = keptByPrefix.get(place.prefix);
				if (!kept || kept.until <= at) continue;
				kept.until = at + kept.ttlMs;
				longest = Math.max(longest, place.tokens);
				break;
			}
		}
		return longest;
	}

	function keep(prefix: number, ttl: '5m' | '1h', at: number): void {
		const kept = keptByPrefix.get(prefix);
		// What was found a moment ago stays as long as it was written to stay.
		if (kept && kept.until > at) return;
		keptByPrefix.set(prefix, { ttlMs: TTL_MS[ttl], until: at + TTL_MS[ttl] });
	}

	function diagnose(body: JsonObject, places: readonly Place[], read: number): Diagnostics {
		const asked = isJsonObject(body.diagnostics) ? body.diagnostics.previous_message_id : undefined;
		if (typeof asked !== 'string') return { cache_miss_reason: null };
		const before = requests.get(asked);
		if (!before) return { cache_miss_reason: { type: 'previous_message_not_found' } };
		const changed = changedPart(before, body, places);
		if (changed === undefined) return { cache_miss_reason: null };
		if (changed === 'unavailable') return { cache_miss_reason: { type: changed } };
		const missed = Math.max(0, before.cachedTokens - read);
		return { cache_miss_reason: { type: changed, cache_missed_input_tokens: missed } };
	}
}

function changedPart(
	before: Remembered,
	body: JsonObject,
	places: readonly Place[],
): Exclude<CacheMissReason['type'], 'previous_message_not_found'> | undefined {
	const differs = (...names: readonly string[]) =>
		names.some((name) => canonical(before.body[name] ?? null) !== canonical(body[name] ?? null));
	if (differs('model', 'speed')) return 'model_changed';
	if (differs('system')) return 'system_changed';
	if (differs('tools')) return 'tools_changed';
	if (differs('thinking', 'tool_choice')) return 'unavailable';
	const isExtended = before.places.every(({ prefix }, index) => places[index]?.prefix === prefix);
	return isExtended ? undefined : 'messages_changed';
}

/** A number for each sequence of blocks: the same for the same sequence, and no two alike. */
interface Prefixes {
	extend(prefix: number, block: string): number;
}

function createPrefixes(): Prefixes {
	const longer = new Map<string, number>();
	return {
		extend(prefix, block) {
			const key = `${prefix} ${block}`;
			const known = longer.get(key) ?? longer.size + 1;
			longer.set(key, known);
			return known;
		},
	};
}

function placesOf(body: JsonObject, prefixes: Prefixes): readonly Place[] {
	const blocks = promptBlocks(body);
	let prefix = prefixes.extend(0, canonical([body.model, body.speed]));
	let tokens = 0;
	let isInMessages = false;
	const places = blocks.map(({ place, block, mark }): Place => {
		if (place === 'messages' && !isInMessages) {
			// How the model thinks and may call tools is said behind system and tools.
			prefix = prefixes.extend(prefix, canonical([body.thinking, body.tool_choice]));
			isInMessages = true;
		}
		prefix = prefixes.extend(prefix, canonical(block));
		tokens += countTokens(block);
		return { prefix, tokens, mark };
	});
	if (!isJsonObject(body.cache_control)) return places;
	const last = blocks.findLastIndex(({ block }) => isCacheable(block));
	const ttl = body.cache_control.ttl === '1h' ? '1h' : '5m';
	return places.map((place, index) => (index === last ? { ...place, mark: place.mark ?? ttl } : place));
}

/** Flat, because their size in tokens does not follow from that of their bytes: an image as large as is useful, a short PDF. */
const IMAGE_TOKENS = 1600;
const PDF_TOKENS = 3000;

/** A quarter of the characters of a block's JSON; signatures do not count, images and PDFs are flat. */
export function countTokens(block: unknown): number {
	let flat = 0;
	const text = JSON.stringify(block, (key, value: unknown) => {
		if (key === 'cache_control' || key === 'signature') return undefined;
		if (!isJsonObject(value) || value.type !== 'base64') return value;
		flat += value.media_type === 'application/pdf' ? PDF_TOKENS : IMAGE_TOKENS;
		return null;
	});
	return Math.ceil((text ?? '').length / 4) + flat;
}

/** One spelling of a JSON value, without cache marks: they may move. The order of keys counts, as it does in a prompt. */
function canonical(value: unknown): string {
	return JSON.stringify(value, (key, item: unknown) => (key === 'cache_control' ? undefined : item)) ?? '';
}
