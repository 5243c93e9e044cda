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

/** Friday 20 November 2026, 17:00 in Athens. */
const friday = { now: Date.parse('2026-11-20T15:00:00Z'), zone: 'Europe/Athens' };

/** Each is understood in whole, or asked about. */
const WHOLE: readonly (readonly [sentence: string, when: string, text: string])[] = [
	['every monday wednesday and friday at 7 to run', '0 7 * * 1,3,5', 'run'],
	['mon, wed and fri at 7 to run', '0 7 * * 1,3,5', 'run'],
	['10 minutes before 5pm to join', '2026-11-21T16:50', 'join'],
	['10 minutes before 6pm to join', '2026-11-20T17:50', 'join'],
	['an hour before 8pm to cook', '2026-11-20T19:00', 'cook'],
	['half an hour before 8 tonight to cook', '2026-11-20T19:30', 'cook'],
	['15 minutes after 6pm to cook', '2026-11-20T18:15', 'cook'],
	['2 days before 24 december to buy gifts', '2026-12-22T09:00', 'buy gifts'],
	['every day until friday at 9 to revise', '?', 'revise'],
	['every weekday except friday at 9 to plan', '?', 'plan'],
	['tomorrow 5 dentist', '?', 'dentist'],
	['dentist tomorrow 5', '?', 'dentist'],
	['at 3 and at 5 to drink', '?', 'drink'],
	['tomorrow at 9 and 10 to drink', '?', 'drink'],
	['tomorrow at 9 to call the dentist and at 10 to call the bank', '?', 'call the dentist'],
	['for the next 3 days at 9 to stretch', '?', 'stretch'],
	['every day at 9 for 3 weeks to stretch', '?', 'stretch'],
	['fortnightly on monday to clean', '?', 'clean'],
	['every second monday at 9 to clean', '?', 'clean'],
	['on monday at 9 every week to clean', '?', 'clean'],
	['a week on tuesday to clean', '2026-12-01T09:00', 'clean'],
	['in 2 weeks on tuesday at 9 to clean', '?', 'clean'],
	['tomorrow from 9 to 10 to read', '?', 'read'],
	['tomorrow at 9 until 10 to read', '?', 'read'],
	['finish the report before tomorrow at 9', '?', 'finish the report'],
	['mon/wed/fri at 7 to run', '?', 'run'],
	['on the 5th and 6th at 9 to run', '?', 'run'],
	['the morning of 5 december to run', '?', 'run'],
	['every monday at 9 starting in december to run', '?', 'run'],
	['on weekdays until december at 8 to run', '?', 'run'],
	['the day before christmas to run', '?', 'the day before christmas to run'],
	['run at 7 every monday and at 8 every friday', '?', 'run'],
	['early tomorrow to run', '?', 'run'],
	['early tomorrow at 6 to run', '2026-11-21T06:00', 'run'],
	['tomorrow at 7 or so to run', '2026-11-21T07:00', 'run'],
	['of the meeting tomorrow at 9', '2026-11-21T09:00', 'the meeting'],
	['in 20 mintues to stir', '2026-11-20T17:20', 'stir'],
	['in 30 s to stir', '2026-11-20T17:00:30', 'stir'],
	['meditate for 20 minutes at 9', '2026-11-20T21:00', 'meditate for 20 minutes'],
	['buy size 42 shoes tomorrow at 9', '2026-11-21T09:00', 'buy size 42 shoes'],
];

/** Words of time as a person sees them; deliberately not those the code goes by. */
const TIME_WORD =
	/^(?:mon|tues|wednes|thurs|fri|satur|sun)day|^(?:mon|tue|wed|thu|fri|jan|feb|apr|jun|jul|aug|sep|oct|nov|dec)$|^(?:january|february|march|april|june|july|august|september|october|november|december|until|till|except|before|after|every|each|fortnightly|biweekly|tomorrow|today|tonight)$|^(?:1?\d|2[0-4])(?:[:.]\d\d)?(?:am|pm|h)?$/i;

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

	test.each(WHOLE)('"%s" is %s', async (sentence, expected, text) => {
		const split = await splitWhen(sentence, friday);
		const { when } = split;
		expect(when.type === 'moment' ? when.local : when.type === 'recurrence' ? when.every : '?').toBe(expected);
		expect(split.text).toBe(text);
		if (when.type === 'question') expect(when.question).toMatch(/\?$/);
	});

	test.each([...FOUND, ...WHOLE, ...ASKED].map(([sentence]) => sentence))(
		'when "%s" is acted on, no word of time is left beside the removed ones',
		async (sentence) => {
			const { when, words, text } = await splitWhen(sentence, friday);
			const at = sentence.indexOf(words);
			// Where day and hour stand apart, both ends of what was done are looked at.
			const edges =
				at < 0
					? [text.split(' ').at(0), text.split(' ').at(-1)]
					: [
							sentence.slice(0, at).trim().split(/\s+/).at(-1),
							sentence
								.slice(at + words.length)
								.replace(/^[\s,.:)]+|^ to /, '')
								.split(/\s+/)
								.at(0),
						];
			const isActed = when.type !== 'question';
			expect(isActed ? edges.filter((word) => TIME_WORD.test((word ?? '').replace(/[,.:]$/, ''))) : []).toEqual([]);
		},
	);

	test.each([
		['2026-11-20T21:00:00Z', 'at 1 to sleep', '?'],
		['2026-11-20T21:00:00Z', 'tomorrow at 1 to sleep', '?'],
		['2026-11-20T18:30:00Z', 'tomorrow at 1 to eat', '?'],
		['2026-11-20T21:00:00Z', 'at 12 to sleep', '?'],
		['2026-11-20T19:00:00Z', 'at 11 to sleep', '?'],
		['2026-11-20T22:30:00Z', 'at 1 to sleep', '?'],
		['2026-11-20T21:00:00Z', 'at 1am to sleep', '2026-11-21T01:00'],
		['2026-11-20T21:00:00Z', 'tomorrow at 9 to run', '2026-11-21T09:00'],
		['2026-11-20T15:00:00Z', 'tomorrow at 1 to eat', '2026-11-21T13:00'],
	])('at %s "%s" is %s', async (now, sentence, expected) => {
		const { when } = await splitWhen(sentence, { now: Date.parse(now), zone: 'Europe/Athens' });
		expect(when.type === 'moment' ? when.local : '?').toBe(expected);
	});
});
