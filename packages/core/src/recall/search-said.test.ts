import { describe, expect, test } from 'vitest';
import type { DeviceId, MessageId, PersonId, TurnId } from '../ids.ts';
import type { LineRecord } from '../space/records.ts';
import { saidOn } from './said.ts';
import { searchSaid } from './search-said.ts';

const found = (conversations: readonly (readonly string[])[], query: string) => {
	const all = conversations.flat();
	return searchSaid(conversations, query, 10).map(({ index }) => all[index]);
};

describe('searching what was said', () => {
	test('any word is enough, rare ones count more, and inflections are one word', () => {
		const talk = ['we walked along the harbour', 'a walk', 'the harbours were closed', 'nothing of it'];
		expect(found([talk], 'harbour walk')[0]).toBe('we walked along the harbour');
		expect(found([talk], 'harbour walk')).toHaveLength(3);
		expect(found([talk], 'mountain')).toEqual([]);
		expect(found([talk], '?!')).toEqual([]);
		expect(searchSaid([talk], 'walk', 0)).toEqual([]);
	});

	test('of equal ones the newer is first, and what stands beside other hits is before what stands alone', () => {
		expect(found([['red shoes', 'x', 'x', 'x', 'red shoes']], 'shoes')).toHaveLength(2);
		expect(searchSaid([['red shoes', 'x', 'x', 'x', 'red shoes']], 'shoes', 1)[0]?.index).toBe(4);
		const talk = ['the piano', 'x', 'x', 'x', 'the piano', 'tune the piano'];
		expect(searchSaid([talk], 'piano', 10).map(({ index }) => index)).toEqual([4, 5, 0]);
	});

	test('neighbours of another conversation lend nothing', () => {
		const apart = searchSaid([['the piano'], ['the piano']], 'piano', 10);
		expect(apart[0]?.score).toBe(apart[1]?.score);
	});
});

describe('what was said on a line', () => {
	const self = { device: 'd' as DeviceId, person: 'anna' as PersonId };
	const message = (id: string, text: string): LineRecord => ({
		kind: 'message',
		id: id as MessageId,
		at: 1,
		author: { type: 'person', ...self },
		content: [{ type: 'text', text }],
	});
	const turn = (id: string): LineRecord => ({
		kind: 'turn',
		id: id as TurnId,
		at: 2,
		trigger: { type: 'message', message: 'm' as MessageId },
		device: self.device,
		by: 'agent',
		model: 'x',
		epoch: 'e',
		head: '',
		context: [],
	});
	const step = (id: string, text: string, stop: 'end_turn' | 'cut' = 'end_turn'): LineRecord => ({
		kind: 'model-step',
		id: `${id}-${text}`,
		turn: id as TurnId,
		at: 3,
		model: 'x',
		content: [{ type: 'text', text }],
		stop,
		usage: undefined,
		durationMs: 1,
	});

	test('an answer is one piece without what was cut off, and a turn without words is nothing', () => {
		const records = [message('m', 'Hi'), turn('t'), step('t', 'Half', 'cut'), step('t', 'Hello.'), turn('t2')];
		expect(saidOn(records).map(({ id, text }) => [id, text])).toEqual([
			['m', 'Hi'],
			['t', 'Hello.'],
		]);
	});

	test('twenty thousand messages are read and searched in a moment', () => {
		const records = Array.from({ length: 10_000 }, (_, index) => [
			message(`m${index}`, `what was the number of bus ${index} to the old harbour again?`),
			turn(`t${index}`),
			step(`t${index}`, `It is line ${index}, and it leaves from the station every ten minutes.`),
		]).flat();
		const start = performance.now();
		const texts = saidOn(records).map(({ text }) => text);
		expect(searchSaid([texts], 'bus 7123', 3)[0]?.index).toBe(2 * 7123);
		expect(performance.now() - start).toBeLessThan(3_000);
	});
});
