import { isJsonObject } from '@pocketeer/core/json';
import { expect, it } from 'vitest';
import { countChanged, countSent, rebuiltEachTurn, withTtl } from '../bench/economy-count.ts';
import { type PlayedDay, playDay } from '../bench/economy-day.ts';

/** The line's epochs with the system and tools that their requests held. */
function frozenByEpoch({ requests, records }: PlayedDay): ReadonlyMap<string, ReadonlySet<string>> {
	const turns = records.filter((record) => record.kind === 'turn');
	const seen = new Map<string, Set<string>>();
	for (const { body, turn } of requests) {
		if (!isJsonObject(body)) continue;
		const epoch = turns[turn]?.epoch ?? '';
		const frozen = JSON.stringify([body.system, body.tools], (key, value) =>
			key === 'cache_control' ? undefined : value,
		);
		seen.set(epoch, (seen.get(epoch) ?? new Set()).add(frozen));
	}
	return seen;
}

it('a day on a line reads nine tenths from the cache, and costs a third of a prompt rebuilt each turn', async () => {
	const day = await playDay({ turns: 14 });
	const sent = countSent(day);
	expect(sent.cachedShareInTime).toBeGreaterThanOrEqual(0.9);
	expect(sent.usd).toBeLessThanOrEqual(0.35 * countChanged(day, rebuiltEachTurn).usd);
	expect([...frozenByEpoch(day).values()].map((frozen) => frozen.size)).toEqual([1]);
	expect(day.requests).toHaveLength(14 * 3);
}, 60_000);

it('the duration chosen costs little more than the better one of two would have, whatever the pauses', async () => {
	const gaps = [() => 1, () => 300, (_: unknown, turn: number) => (turn % 4 === 0 ? 150 : 12)];
	for (const gap of gaps) {
		const day = await playDay({ turns: 16, gaps: gap });
		const best = Math.min(countChanged(day, withTtl('5m')).usd, countChanged(day, withTtl('1h')).usd);
		expect(countSent(day).usd).toBeLessThanOrEqual(1.15 * best);
	}
}, 60_000);

it('a talk that is summed up costs less, reads its summary from the frozen prefix, and goes on in a new epoch', async () => {
	const gaps = (_: unknown, turn: number) => (turn % 5 === 0 ? 120 : 10);
	const long = await playDay({ turns: 26, gaps, compaction: { softTokens: Number.POSITIVE_INFINITY } });
	const short = await playDay({ turns: 26, gaps, compaction: { softTokens: 25_000 } });
	const made = short.records.filter((record) => record.kind === 'compaction');
	expect(made.length).toBeGreaterThan(0);
	expect(countSent(short).usd).toBeLessThan(countSent(long).usd);
	for (const { usage } of made) {
		const read = usage?.cache_read_input_tokens ?? 0;
		expect(read / (read + (usage?.input_tokens ?? 0))).toBeGreaterThan(0.9);
	}
	const frozen = frozenByEpoch(short);
	expect(frozen.size).toBe(made.length + 1);
	expect([...frozen.values()].every(({ size }) => size === 1)).toBe(true);
}, 60_000);
