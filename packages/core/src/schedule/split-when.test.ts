import { describe, expect, test } from 'vitest';
import { splitWhen } from './split-when.ts';

/** Friday 20 November 2026, 13:37:25.3 in Athens. */
const here = { now: Date.parse('2026-11-20T11:37:25.300Z'), zone: 'Europe/Athens' };

const FOUND: readonly (readonly [sentence: string, text: string, words: string, when: string])[] = [
	['take the pasta off in 20 minutes', 'take the pasta off', 'in 20 minutes', '2026-11-20T13:57:26'],
	['in 20 minutes to take the pasta off', 'take the pasta off', 'in 20 minutes', '2026-11-20T13:57:26'],
	['tomorrow at 9 to call the dentist', 'call the dentist', 'tomorrow at 9', '2026-11-21T09:00'],
	['to call mum tomorrow at 9.', 'call mum', 'tomorrow at 9', '2026-11-21T09:00'],
	['Call the vet (tomorrow at 10)!', 'Call the vet', 'tomorrow at 10', '2026-11-21T10:00'],
	['on Monday, call Bob', 'call Bob', 'on Monday', '2026-11-23T09:00'],
	['tomorrow to buy 2 tickets at 9', 'buy 2 tickets', 'tomorrow at 9', '2026-11-21T09:00'],
	['tomorrow at 9 to book the table at 20:00', 'book the table at 20:00', 'tomorrow at 9', '2026-11-21T09:00'],
	['put sun cream on at 9', 'put sun cream on', 'at 9', '2026-11-20T21:00'],
	['I may sit in the sun, at 8 tonight', 'I may sit in the sun', 'at 8 tonight', '2026-11-20T20:00'],
	['send the Monday report on Tuesday at 9', 'send the Monday report', 'on Tuesday at 9', '2026-11-24T09:00'],
	['check the later chapters at 5pm', 'check the later chapters', 'at 5pm', '2026-11-20T17:00'],
	[
		'call Anna on the 15th at half past 7 about March',
		'call Anna about March',
		'on the 15th at half past 7',
		'2026-12-15T07:30',
	],
	['every weekday at 8:30 to stretch', 'stretch', 'every weekday at 8:30', '30 8 * * 1-5'],
	['stretch every 30 minutes', 'stretch', 'every 30 minutes', 'PT30M'],
	['take pills every day at 8 and 20', 'take pills', 'every day at 8 and 20', '0 8,20 * * *'],
	['pay rent monthly on the 1st at 10', 'pay rent', 'monthly on the 1st at 10', '0 10 1 * *'],
];

const ASKED: readonly (readonly [sentence: string, reason: string])[] = [
	['buy milk', 'unclear'],
	['cook the eggs for 20 minutes', 'unclear'],
	['wait a second', 'unclear'],
	['call her later', 'open'],
	['tomorrow at 6 to swim', 'open'],
	['tomorrow at 9 or 10 to swim', 'open'],
	['tomorrow between 9 and 10 to swim', 'open'],
	['tomorrow at 9 EST to call', 'open'],
	['every blue moon at 8 to dance', 'open'],
	['every 2 weeks to water the cactus', 'open'],
	['call mum about the trip on Friday tomorrow at 9', 'open'],
	['yesterday to call', 'past'],
	['today at 9am to call', 'past'],
];

describe('words of time inside a sentence', () => {
	test.each(FOUND)('"%s" is to be done: %s', async (sentence, text, words, expected) => {
		const split = await splitWhen(sentence, here);
		expect(split).toMatchObject({ text, words });
		expect(split.when.type === 'moment' ? split.when.local : split.when.type === 'recurrence' && split.when.every).toBe(
			expected,
		);
	});

	test.each(ASKED)('"%s" leads to a question (%s)', async (sentence, reason) => {
		expect((await splitWhen(sentence, here)).when).toMatchObject({ type: 'question', reason });
	});

	test('a sentence without time keeps its text', async () => {
		expect(await splitWhen('to buy milk', here)).toMatchObject({ text: 'buy milk', words: '' });
	});

	test('day and hour that stand apart are taken together, and that is stated', async () => {
		const { when } = await splitWhen('tomorrow to buy 2 tickets at 9', here);
		expect(when.type === 'moment' && when.assumed).toEqual(['"tomorrow" and "at 9" were taken together.']);
	});

	test('a pasted run of dots or commas is read in time that grows with its length only', async () => {
		for (const run of ['.', ', '])
			expect(await splitWhen(`buy milk ${run.repeat(200_000)}x tomorrow at 9`, here)).toMatchObject({
				when: { type: 'moment', local: '2026-11-21T09:00' },
			});
	});

	test('in a pasted page the time is looked for at both ends', async () => {
		const page = 'at every day the monday of 12 '.repeat(5_000);
		const split = await splitWhen(`${page}tomorrow at 9`, here);
		expect(split.when.type).not.toBe('recurrence');
		expect(split.text.length).toBeGreaterThan(100_000);
	});
});
