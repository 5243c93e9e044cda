import { isJsonObject } from '../../json.ts';
import { type Pass, passesOf, promptOf, type Tokens } from './tokens.ts';

/** What a model costs from a day on, US dollars for a million tokens. */
interface Price {
	/** The model's id without its date. */
	readonly model: string;
	/** The first day (UTC) it holds, `yyyy-mm-dd`. */
	readonly effectiveFrom: string;
	/** By the size of the prompt, ascending; the last has no upper end. */
	readonly tiers: readonly Tier[];
}

interface Tier {
	/** The largest prompt, in tokens, that is charged like this; cached ones count. */
	readonly upTo?: number;
	readonly input: number;
	readonly output: number;
	/** A twentieth of `input` unless the list says otherwise. */
	readonly cacheRead?: number;
}

/**
 * The price list as it stood in November 2026. A change of prices is a further row with its day, never another number in
 * a row that is here: what was paid before it stays what it was.
 */
const PRICES: readonly Price[] = [
	{ model: 'claude-fable-5-2', effectiveFrom: '2026-11-01', tiers: [{ input: 8, output: 40 }] },
	{ model: 'claude-opus-5-5', effectiveFrom: '2026-11-01', tiers: [{ input: 4, output: 20, cacheRead: 0.2 }] },
	{ model: 'claude-sonnet-5-5', effectiveFrom: '2026-11-01', tiers: [{ input: 2, output: 10, cacheRead: 0.1 }] },
	{
		model: 'claude-haiku-5-5',
		effectiveFrom: '2026-11-01',
		tiers: [
			{ upTo: 100_000, input: 0.1, output: 0.5 },
			{ input: 0.5, output: 2.5 },
		],
	},
];

/** Of the two models the list gives both prices for, reading from the cache costs this part of reading anew. */
const CACHE_READ_PART = 1 / 20;
/** Writing to the cache, as a multiple of reading: to stay five minutes, and an hour. */
const CACHE_WRITE_TIMES = 1.25;
const CACHE_WRITE_HOUR_TIMES = 2;
/** US dollars for a thousand searches by the service, whatever the model. */
const WEB_SEARCHES = 10;

const MILLION = 1_000_000;

/**
 * What a call cost in US dollars by the prices of its day; undefined when the model's price is not known, never 0. What the
 * clerk does costs nothing. `usage` is the service's own count; a call without one has no known cost.
 */
export function costOf(call: {
	readonly model: string;
	readonly usage: unknown;
	readonly at: number;
}): number | undefined {
	if (call.model === 'clerk') return 0;
	const passes = passesOf(call.usage);
	if (passes.length === 0 || !isAtListPrice(call.usage)) return undefined;
	// No call takes nothing: an endpoint that does not count is not one that costs nothing.
	if (passes.every(({ tokens }) => promptOf(tokens) + tokens.output + tokens.webSearches === 0)) return undefined;
	return passesCost(passes, call);
}

/** What these tokens of one pass cost at the model's price of that day; undefined when it is not known. */
export function tokensCost(pass: {
	readonly model: string;
	readonly tokens: Tokens;
	readonly at: number;
}): number | undefined {
	if (pass.model === 'clerk') return 0;
	const price = priceOf(pass.model, pass.at);
	return price && rounded(costAt(price, pass.tokens));
}

/** What these tokens would cost at the most, by the dearest price known: for caps, where a price is not. */
export function dearestCost(tokens: Tokens, at: number): number {
	const models = new Set(PRICES.map((price) => price.model));
	return Math.max(...[...models].map((model) => tokensCost({ model, tokens, at }) ?? 0));
}

function passesCost(passes: readonly Pass[], { model, at }: { readonly model: string; readonly at: number }) {
	let usd = 0;
	for (const pass of passes) {
		const cost = tokensCost({ model: pass.model ?? model, tokens: pass.tokens, at });
		if (cost === undefined) return undefined;
		usd += cost;
	}
	return rounded(usd);
}

/** Faster, prioritised and batched calls have prices of their own, which are not in the list. */
function isAtListPrice(usage: unknown): boolean {
	if (!isJsonObject(usage)) return false;
	const { speed, service_tier: tier } = usage;
	return (speed ?? 'standard') === 'standard' && (tier ?? 'standard') === 'standard';
}

/** The row that holds on the day. Before the first row of a model that row holds: such a moment is of a clock that is wrong. */
function priceOf(model: string, at: number): Price | undefined {
	const name = model.replace(/-(\d{8}|latest)$/, '');
	const rows = PRICES.filter((price) => price.model === name).sort((a, b) =>
		a.effectiveFrom < b.effectiveFrom ? -1 : 1,
	);
	return rows.findLast((row) => Date.parse(row.effectiveFrom) <= at) ?? rows[0];
}

function costAt({ tiers }: Price, tokens: Tokens): number {
	const prompt = promptOf(tokens);
	const tier = tiers.find(({ upTo = Number.POSITIVE_INFINITY }) => prompt <= upTo);
	if (!tier) return 0;
	const { input, output, cacheRead = input * CACHE_READ_PART } = tier;
	const written = (tokens.cacheWrite - tokens.cacheWriteHour) * CACHE_WRITE_TIMES;
	const writtenHour = tokens.cacheWriteHour * CACHE_WRITE_HOUR_TIMES;
	const read = tokens.cacheRead * cacheRead;
	const perMillion = (tokens.input + written + writtenHour) * input + read + tokens.output * output;
	return perMillion / MILLION + (tokens.webSearches * WEB_SEARCHES) / 1000;
}

/** In billionths of a dollar: below any price, above what adding fractions makes up. */
export function rounded(usd: number): number {
	return Math.round(usd * 1e9) / 1e9;
}
