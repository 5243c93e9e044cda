import type { SeededRandom } from '@pocketeer/core/testing/seeded-random';
import { countChanged, countSent, rebuiltEachTurn, type Sum, withoutMarks, withTtl } from './economy-count.ts';
import { type DayOptions, type PlayedDay, playDay } from './economy-day.ts';

/**
 * What prompt caching is worth: `npm run bench:economy`. A scripted day of 40 turns through the real loop, tools and
 * adapter against the strict server; then other days, other durations of the cache, and other limits of an epoch.
 */

const day = await playDay({ turns: 40 });
const sent = countSent(day);
const rebuilt = countChanged(day, rebuiltEachTurn);
print('40 turns, two rounds of calls each, 5 to 60 minutes apart', [
	['as sent', sent],
	['all marks 5 minutes', countChanged(day, withTtl('5m'))],
	['all marks an hour', countChanged(day, withTtl('1h'))],
	['(a) no caching', countChanged(day, withoutMarks)],
	['(b) rebuilt each turn', rebuilt],
]);
console.log(`system and tools identical in an epoch: ${isFrozen(day) ? 'kept' : 'BROKEN'}`);
console.log(
	`from the cache outside expiry: ${percent(sent.cachedShareInTime)}, target ≥ 90 %: ${verdict(sent.cachedShareInTime >= 0.9)}`,
);
console.log(
	`cost against (b): ${percent(sent.usd / rebuilt.usd)}, target ≤ 35 %: ${verdict(sent.usd <= 0.35 * rebuilt.usd)}\n`,
);

const DAYS: readonly (readonly [string, DayOptions])[] = [
	['40 turns a minute or two apart', { turns: 40, gaps: (random) => 1 + random.below(2) }],
	['20 turns, 4 to 8 hours apart', { turns: 20, gaps: (random) => 240 + random.below(240) }],
	[
		'40 turns in talks of five, a minute apart, two hours between',
		{ turns: 40, gaps: (_, turn) => (turn % 5 === 0 ? 120 : 1) },
	],
	['40 turns, every fifth after three hours, else 5 to 30 minutes', { turns: 40, gaps: sessions }],
];
for (const [name, options] of DAYS) {
	const other = await playDay(options);
	print(name, [
		['as sent', countSent(other)],
		['all marks 5 minutes', countChanged(other, withTtl('5m'))],
		['all marks an hour', countChanged(other, withTtl('1h'))],
		['(b) rebuilt each turn', countChanged(other, rebuiltEachTurn)],
	]);
}

const limits: (readonly [string, Sum])[] = [];
for (const softTokens of [20_000, 40_000, 80_000, Number.POSITIVE_INFINITY]) {
	const long = await playDay({ turns: 120, gaps: sessions, compaction: { softTokens } });
	const made = long.records.filter((record) => record.kind === 'compaction').length;
	const name = Number.isFinite(softTokens) ? `summed up at ${softTokens / 1000}k` : 'never summed up';
	limits.push([`${name} (${made} times)`, countSent(long)]);
}
print('120 turns, every fifth after three hours, by the limit of an epoch', limits);

function sessions(random: SeededRandom, turn: number): number {
	return turn % 5 === 0 ? 180 : 5 + random.below(26);
}

/** Whether every request of an epoch holds the same system and tools, byte for byte; an epoch is found by its requests' turns. */
function isFrozen({ requests, records }: PlayedDay): boolean {
	const turns = records.filter((record) => record.kind === 'turn');
	const seen = new Map<string, string>();
	return requests.every(({ body, turn }) => {
		const epoch = turns[turn]?.epoch ?? '';
		const { system, tools } = Object(body);
		const frozen = JSON.stringify([system, tools]).replaceAll(/,"cache_control":\{[^}]*\}/g, '');
		const before = seen.get(epoch) ?? frozen;
		seen.set(epoch, before);
		return before === frozen;
	});
}

function print(title: string, rows: readonly (readonly [string, Sum])[]): void {
	console.log(title);
	const cells = rows.map(([name, { tokens, usd, cachedShare, cachedShareInTime }]) => [
		name,
		thousands(tokens.input),
		thousands(tokens.cacheRead),
		thousands(tokens.cacheWrite),
		thousands(tokens.output),
		percent(cachedShare),
		percent(cachedShareInTime),
		`$${usd.toFixed(3)}`,
	]);
	const all = [['', 'input', 'read', 'written', 'output', 'from cache', 'in time', 'cost'], ...cells];
	const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
	for (const row of all) {
		const [name = '', ...numbers] = row;
		console.log(
			[name.padEnd(widths[0] ?? 0), ...numbers.map((cell, at) => cell.padStart(widths[at + 1] ?? 0))].join('   '),
		);
	}
	console.log('');
}

function thousands(tokens: number): string {
	return `${Math.round(tokens / 1000)}k`;
}

function percent(share: number): string {
	return `${(share * 100).toFixed(1)} %`;
}

function verdict(isReached: boolean): string {
	return isReached ? 'reached' : 'MISSED';
}
