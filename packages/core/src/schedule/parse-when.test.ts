import { describe, expect, test } from 'vitest';
import { readEvery } from './every.ts';
import { parseWhen, writeMoment } from './parse-when.ts';

/** Friday 20 November 2026, 13:37:25.3 in Athens. */
const now = Date.parse('2026-11-20T11:37:25.300Z');
const here = { now, zone: 'Europe/Athens' };

/** Words, the moment they mean here and now, and what is stated as taken for granted. */
const MOMENTS: readonly (readonly [words: string, moment: string, assumed: readonly string[]])[] = [
	['tomorrow', 'Saturday 2026-11-21T09:00', ['No time of day was given, so 09:00.']],
	['tomorrow at 9', 'Saturday 2026-11-21T09:00', []],
	['at 9', 'Friday 2026-11-20T21:00', ['9 was taken as 21:00.']],
	['at 3', 'Friday 2026-11-20T15:00', ['3 was taken as 15:00.']],
	['today at 18:00', 'Friday 2026-11-20T18:00', []],
	['today at 9', 'Friday 2026-11-20T21:00', ['9 was taken as 21:00.']],
	['tomorrow at 9am', 'Saturday 2026-11-21T09:00', []],
	['tomorrow 9am', 'Saturday 2026-11-21T09:00', []],
	['tomorrow at 21:15', 'Saturday 2026-11-21T21:15', []],
	['tomorrow at 3', 'Saturday 2026-11-21T15:00', ['3 was taken as 15:00.']],
	['tomorrow at 3:30', 'Saturday 2026-11-21T15:30', ['3:30 was taken as 15:30.']],
	['tomorrow at 03:30', 'Saturday 2026-11-21T03:30', []],
	['tomorrow noon', 'Saturday 2026-11-21T12:00', []],
	['midnight', 'Saturday 2026-11-21T00:00', []],
	['tonight', 'Friday 2026-11-20T21:00', ['"Tonight" was taken as 21:00.']],
	['tonight at 8', 'Friday 2026-11-20T20:00', []],
	['8 tonight', 'Friday 2026-11-20T20:00', []],
	['tonight at 12', 'Saturday 2026-11-21T00:00', []],
	['this evening', 'Friday 2026-11-20T19:00', ['"Evening" was taken as 19:00.']],
	['tomorrow morning', 'Saturday 2026-11-21T09:00', ['"Morning" was taken as 09:00.']],
	['tomorrow morning at 7', 'Saturday 2026-11-21T07:00', []],
	['tomorrow evening at 7', 'Saturday 2026-11-21T19:00', []],
	['tomorrow night', 'Saturday 2026-11-21T21:00', ['"Night" was taken as 21:00.']],
	[
		'in the morning',
		'Saturday 2026-11-21T09:00',
		['"Morning" was taken as 09:00.', '09:00 has passed today, so tomorrow, Saturday 21 November 2026.'],
	],
	['in the evening', 'Friday 2026-11-20T19:00', ['"Evening" was taken as 19:00.']],
	['3 in the afternoon', 'Friday 2026-11-20T15:00', []],
	[
		'at 8 in the morning',
		'Saturday 2026-11-21T08:00',
		['08:00 has passed today, so tomorrow, Saturday 21 November 2026.'],
	],
	['this afternoon at 4', 'Friday 2026-11-20T16:00', []],
	['the day after tomorrow', 'Sunday 2026-11-22T09:00', ['No time of day was given, so 09:00.']],
	['day after tomorrow at 10', 'Sunday 2026-11-22T10:00', []],
	['monday', 'Monday 2026-11-23T09:00', ['No time of day was given, so 09:00.']],
	['on Monday at 10', 'Monday 2026-11-23T10:00', []],
	['Monday 10am', 'Monday 2026-11-23T10:00', []],
	['this Sunday at noon', 'Sunday 2026-11-22T12:00', []],
	['next Monday', 'Monday 2026-11-23T09:00', ['No time of day was given, so 09:00.']],
	[
		'next Sunday',
		'Sunday 2026-11-29T09:00',
		[
			'No time of day was given, so 09:00.',
			'"Next Sunday" was taken as Sunday 29 November 2026, in the week after this one.',
		],
	],
	['next Friday at 10', 'Friday 2026-11-27T10:00', []],
	['Monday next week at 9', 'Monday 2026-11-23T09:00', []],
	['Friday at 6pm', 'Friday 2026-11-20T18:00', ['Today, Friday 20 November 2026, was taken as the day meant.']],
	['Friday at 9am', 'Friday 2026-11-27T09:00', ['That time has passed today, so Friday 27 November 2026.']],
	['Saturday week', 'Saturday 2026-11-28T09:00', ['No time of day was given, so 09:00.']],
	['the 15th', 'Tuesday 2026-12-15T09:00', ['No time of day was given, so 09:00.']],
	['the 20th at 18:00', 'Friday 2026-11-20T18:00', ['Today, Friday 20 November 2026, was taken as the day meant.']],
	['the 20th at 9am', 'Sunday 2026-12-20T09:00', ['That time has passed today, so Sunday 20 December 2026.']],
	['on the 31st at noon', 'Thursday 2026-12-31T12:00', []],
	['the 3rd of next month at 8', 'Thursday 2026-12-03T08:00', []],
	['Friday the 27th', 'Friday 2026-11-27T09:00', ['No time of day was given, so 09:00.']],
	['21 November at 10', 'Saturday 2026-11-21T10:00', []],
	['November 21st at 5pm', 'Saturday 2026-11-21T17:00', []],
	['Nov 21 2026 17:00', 'Saturday 2026-11-21T17:00', []],
	['3 November', 'Wednesday 2027-11-03T09:00', ['No time of day was given, so 09:00.', 'The next one is in 2027.']],
	['29 February', 'Tuesday 2028-02-29T09:00', ['No time of day was given, so 09:00.', 'The next one is in 2028.']],
	['Friday 27 November at 9', 'Friday 2026-11-27T09:00', []],
	['25/12', 'Friday 2026-12-25T09:00', ['No time of day was given, so 09:00.']],
	['12/25', 'Friday 2026-12-25T09:00', ['No time of day was given, so 09:00.']],
	['25/12/2026 at 10', 'Friday 2026-12-25T10:00', []],
	['25.12.', 'Friday 2026-12-25T09:00', ['No time of day was given, so 09:00.']],
	['1.12.2026', 'Tuesday 2026-12-01T09:00', ['No time of day was given, so 09:00.']],
	['1.12. at 8:15', 'Tuesday 2026-12-01T08:15', []],
	['2026/12/01 14:00', 'Tuesday 2026-12-01T14:00', []],
	['2026-12-01', 'Tuesday 2026-12-01T09:00', ['No time of day was given, so 09:00.']],
	['2026-12-01 09:00', 'Tuesday 2026-12-01T09:00', []],
	['2026-12-01T09:00', 'Tuesday 2026-12-01T09:00', []],
	['2026-12-01T09:00:00Z', 'Tuesday 2026-12-01T11:00', []],
	['2026-12-01T09:00+01:00', 'Tuesday 2026-12-01T10:00', []],
	['2026-12-01T09:00[America/New_York]', 'Tuesday 2026-12-01T16:00', []],
	['in 20 minutes', 'Friday 2026-11-20T13:57:26', []],
	['in 2 hours', 'Friday 2026-11-20T15:37:26', []],
	['in 2h', 'Friday 2026-11-20T15:37:26', []],
	['in 2h30m', 'Friday 2026-11-20T16:07:26', []],
	['in 1h30', 'Friday 2026-11-20T15:07:26', []],
	['in 90 seconds', 'Friday 2026-11-20T13:38:56', []],
	['in a minute', 'Friday 2026-11-20T13:38:26', []],
	['in an hour', 'Friday 2026-11-20T14:37:26', []],
	['in half an hour', 'Friday 2026-11-20T14:07:26', []],
	['in an hour and a half', 'Friday 2026-11-20T15:07:26', []],
	['in 2 hours and 15 minutes', 'Friday 2026-11-20T15:52:26', []],
	['in 1.5 hours', 'Friday 2026-11-20T15:07:26', []],
	['in two and a half hours', 'Friday 2026-11-20T16:07:26', []],
	['in three quarters of an hour', 'Friday 2026-11-20T14:22:26', []],
	['in a couple of hours', 'Friday 2026-11-20T15:37:26', ['"A couple" was taken as 2.']],
	['in twenty-five minutes', 'Friday 2026-11-20T14:02:26', []],
	['20 minutes from now', 'Friday 2026-11-20T13:57:26', []],
	['half an hour', 'Friday 2026-11-20T14:07:26', []],
	['in 1 day', 'Saturday 2026-11-21T13:38', []],
	['in 1 week', 'Friday 2026-11-27T13:38', []],
	['in 3 days at noon', 'Monday 2026-11-23T12:00', []],
	['in a month', 'Sunday 2026-12-20T13:38', []],
	['in 2 months at 8am', 'Wednesday 2027-01-20T08:00', []],
	['two weeks from tomorrow', 'Saturday 2026-12-05T09:00', ['No time of day was given, so 09:00.']],
	['3 days after 21 November', 'Tuesday 2026-11-24T09:00', ['No time of day was given, so 09:00.']],
	['in a week at 10', 'Friday 2026-11-27T10:00', []],
	['first Monday of next month', 'Monday 2026-12-07T09:00', ['No time of day was given, so 09:00.']],
	['last Friday of this month at 17:00', 'Friday 2026-11-27T17:00', []],
	['last day of the month', 'Monday 2026-11-30T09:00', ['No time of day was given, so 09:00.']],
	['end of next month at 10am', 'Thursday 2026-12-31T10:00', []],
	['third Thursday of January', 'Thursday 2027-01-21T09:00', ['No time of day was given, so 09:00.']],
	['the second Tuesday of March 2027 at 14:30', 'Tuesday 2027-03-09T14:30', []],
	['9 p.m.', 'Friday 2026-11-20T21:00', []],
	['at 0900', 'Saturday 2026-11-21T09:00', ['09:00 has passed today, so tomorrow, Saturday 21 November 2026.']],
	['at 2130', 'Friday 2026-11-20T21:30', []],
	['at 930', 'Friday 2026-11-20T21:30', ['9:30 was taken as 21:30.']],
	['21h30', 'Friday 2026-11-20T21:30', []],
	['at 9.30', 'Friday 2026-11-20T21:30', ['9:30 was taken as 21:30.']],
	['half past 7', 'Friday 2026-11-20T19:30', ['7:30 was taken as 19:30.']],
	['half past 7 in the evening', 'Friday 2026-11-20T19:30', []],
	['quarter to 8', 'Friday 2026-11-20T19:45', ['7:45 was taken as 19:45.']],
	['quarter past 8 tomorrow', 'Saturday 2026-11-21T08:15', []],
	['at ten to eight', 'Friday 2026-11-20T19:50', ['7:50 was taken as 19:50.']],
	['5 past 9', 'Friday 2026-11-20T21:05', ['9:05 was taken as 21:05.']],
	['20 minutes to 6', 'Friday 2026-11-20T17:40', ['5:40 was taken as 17:40.']],
	['noon', 'Saturday 2026-11-21T12:00', ['12:00 has passed today, so tomorrow, Saturday 21 November 2026.']],
	[
		'by Friday 5pm',
		'Friday 2026-11-20T17:00',
		['"By" was taken as that very day.', 'Today, Friday 20 November 2026, was taken as the day meant.'],
	],
	['around 9pm', 'Friday 2026-11-20T21:00', ['"Around" was taken as exactly that time.']],
	['at 12', 'Saturday 2026-11-21T12:00', ['12 has passed today, so tomorrow, Saturday 21 November 2026.']],
	['at 12am', 'Saturday 2026-11-21T00:00', ['00:00 has passed today, so tomorrow, Saturday 21 November 2026.']],
	["at 7 o'clock", 'Friday 2026-11-20T19:00', ['7 was taken as 19:00.']],
];

/** Words, cron or duration, how it reads, and what is stated as taken for granted. */
const RECURRENCES: readonly (readonly [words: string, every: string, reads: string, assumed: readonly string[]])[] = [
	['every day at 8', '0 8 * * *', 'every day at 08:00', []],
	['daily', '0 9 * * *', 'every day at 09:00', ['No time of day was given, so 09:00.']],
	['every morning at 7', '0 7 * * *', 'every day at 07:00', []],
	['every evening at 8', '0 20 * * *', 'every day at 20:00', []],
	['every day at 8am and 8pm', '0 8,20 * * *', 'every day at 08:00 and 20:00', []],
	['every day at 8 and 20', '0 8,20 * * *', 'every day at 08:00 and 20:00', []],
	['every day at 3', '0 15 * * *', 'every day at 15:00', ['3 was taken as 15:00.']],
	['every day at midnight', '0 0 * * *', 'every day at 00:00', []],
	['weekdays at 8', '0 8 * * 1-5', 'every weekday at 08:00', []],
	['every weekday at 8:30', '30 8 * * 1-5', 'every weekday at 08:30', []],
	[
		'weekends at 10',
		'0 10 * * 6,0',
		'every Saturday and Sunday at 10:00',
		['Saturday and Sunday were taken as the weekend.'],
	],
	['Mondays at 9', '0 9 * * 1', 'every Monday at 09:00', []],
	['every Monday at 9', '0 9 * * 1', 'every Monday at 09:00', []],
	['every mon, wed and fri at 7am', '0 7 * * 1,3,5', 'every Monday, Wednesday and Friday at 07:00', []],
	['every Tuesday evening at 7', '0 19 * * 2', 'every Tuesday at 19:00', []],
	['every Monday to Thursday at 8', '0 8 * * 1-4', 'every Monday to Thursday at 08:00', []],
	['weekly on Sunday at 10', '0 10 * * 0', 'every Sunday at 10:00', []],
	['monthly on the 1st at 10', '0 10 1 * *', 'on the 1st of every month at 10:00', []],
	['every month on the 15th at 12', '0 12 15 * *', 'on the 15th of every month at 12:00', []],
	['every 31st at 10', '0 10 31 * *', 'on the 31st of every month at 10:00', ['Months without a day 31 are left out.']],
	['every 1st and 15th at 9', '0 9 1,15 * *', 'on the 1st and 15th of every month at 09:00', []],
	[
		'every last day of the month',
		'0 9 L * *',
		'on the last day of every month at 09:00',
		['No time of day was given, so 09:00.'],
	],
	['on the last day of every month at 18:00', '0 18 L * *', 'on the last day of every month at 18:00', []],
	['every first Monday of the month at 9', '0 9 * * 1#1', 'on the first Monday of every month at 09:00', []],
	['last Friday of every month at 17:00', '0 17 * * 5#L', 'on the last Friday of every month at 17:00', []],
	['every year on 24 December at 9', '0 9 24 12 *', 'every 24 December at 09:00', []],
	['every December 24th at 10', '0 10 24 12 *', 'every 24 December at 10:00', []],
	['every 29 February at 9', '0 9 29 2 *', 'every 29 February at 09:00', ['Only leap years have a 29 February.']],
	['every minute', 'PT1M', 'every minute', []],
	['every 30 minutes', 'PT30M', 'every 30 minutes', []],
	['hourly', 'PT1H', 'every hour', []],
	['every half hour', 'PT30M', 'every 30 minutes', []],
	['every hour and a half', 'PT1H30M', 'every 1 hour and 30 minutes', []],
	['0 8 * * 1-5', '0 8 * * 1-5', 'every weekday at 08:00', []],
	['*/15 9-17 * * MON-FRI', '*/15 9-17 * * MON-FRI', 'cron */15 9-17 * * MON-FRI', []],
	['0 9 * * 5#L', '0 9 * * 5#L', 'on the last Friday of every month at 09:00', []],
	['0 9 L * *', '0 9 L * *', 'on the last day of every month at 09:00', []],
	['PT30M', 'PT30M', 'every 30 minutes', []],
	['pt1h', 'PT1H', 'every hour', []],
	['P1D', 'P1D', 'every 24 hours', []],
];

/** Words that must lead to a question, never to a time. */
const QUESTIONS: readonly (readonly [words: string, reason: string])[] = [
	['', 'unclear'],
	['🙂', 'unclear'],
	['lorem ipsum', 'unclear'],
	['9', 'unclear'],
	['at 25', 'unclear'],
	['at 13pm', 'unclear'],
	['9:75', 'unclear'],
	['in 20', 'unclear'],
	['in 0 minutes', 'unclear'],
	['in 100 years', 'open'],
	['in a few minutes', 'open'],
	['today', 'open'],
	['Friday', 'open'],
	['today at 9am', 'past'],
	['this morning', 'past'],
	['yesterday', 'past'],
	['last Friday', 'past'],
	['two days ago', 'past'],
	['15 March 2025', 'past'],
	['2020-01-01T09:00', 'past'],
	['2026-11-20T13:00', 'past'],
	['2026-02-30', 'open'],
	['2026-13-01T09:00', 'open'],
	['30 February', 'open'],
	['Thursday 27 November', 'open'],
	['Monday the 27th', 'open'],
	['the 32nd', 'open'],
	['fifth Monday of next month', 'open'],
	['3/4', 'open'],
	['tomorrow at 6', 'open'],
	['tomorrow at midnight', 'open'],
	['tonight at 9am', 'open'],
	['a week from Friday', 'open'],
	['next week', 'open'],
	['this weekend', 'open'],
	['soon', 'open'],
	['after lunch', 'open'],
	['tomorrow at 9 or 10', 'unclear'],
	['between 9 and 10', 'unclear'],
	['tomorrow at 9 with Bob', 'unclear'],
	['half 7', 'unclear'],
	['at 9 EST', 'unclear'],
	['every other day', 'open'],
	['every 2 days', 'open'],
	['every 2 weeks on Monday', 'unclear'],
	['fortnightly', 'open'],
	['weekly', 'open'],
	['monthly', 'open'],
	['every day at 6', 'open'],
	['every day at 8:00 and 20:30', 'open'],
	['every blue moon', 'unclear'],
	['every 30 seconds', 'open'],
	['PT20S', 'open'],
	['P1M', 'open'],
	['61 9 * * *', 'open'],
	['0 9 30 2 *', 'open'],
	['0 9 * *', 'unclear'],
	['0 0 9 * * *', 'unclear'],
	['every 31 April', 'open'],
];

describe('moments', () => {
	test.each(MOMENTS)('"%s" is %s', async (words, moment, assumed) => {
		const when = await parseWhen(words, here);
		expect(when.type === 'moment' && `${when.weekday} ${when.local}`).toBe(moment);
		expect(when.type === 'moment' && when.assumed).toEqual(assumed);
		expect(when.type === 'moment' && when.instant).toBeGreaterThan(now);
	});
});

describe('recurrences', () => {
	test.each(RECURRENCES)('"%s" is %s', async (words, every, reads, assumed) => {
		expect(await parseWhen(words, here)).toEqual({
			type: 'recurrence',
			every,
			zone: 'Europe/Athens',
			words: reads,
			assumed,
		});
	});

	test.each(RECURRENCES.filter(([, , reads]) => !reads.startsWith('cron')))(
		'the description of "%s" reads back as the same schedule',
		(_words, every, reads) => {
			const again = readEvery(reads);
			const expected = every === 'P1D' ? 'PT24H' : every;
			expect(again?.type === 'recurrence' && again.every.replace('6,0', '0,6')).toBe(expected.replace('6,0', '0,6'));
		},
	);
});

describe('questions', () => {
	test.each(QUESTIONS)('"%s" is asked about (%s)', async (words, reason) => {
		const when = await parseWhen(words, here);
		expect(when).toMatchObject({ type: 'question', reason });
		expect(when.type === 'question' && when.question).toMatch(/[.?]$/);
	});

	test('a moment gone by is named with its local time', async () => {
		expect(await parseWhen('today at 9am', here)).toEqual({
			type: 'question',
			reason: 'past',
			local: '2026-11-20T09:00',
			question: 'Friday 20 November 2026, 09:00 (Europe/Athens) has passed. Which time to come is meant?',
		});
	});

	test('an unknown zone is asked about', async () => {
		expect(await parseWhen('tomorrow at 9', { now, zone: 'Europe/Atlantis' })).toMatchObject({
			type: 'question',
			reason: 'open',
		});
		expect(await parseWhen('tomorrow at 9', { now, zone: '+02:00' })).toMatchObject({
			type: 'question',
			reason: 'open',
		});
	});

	test('a page of text is no time, and takes no time', async () => {
		expect(await parseWhen('tomorrow '.repeat(100_000), here)).toMatchObject({ type: 'question', reason: 'unclear' });
	});
});

describe('zones', () => {
	test('"tomorrow at 9" is nine on the clock of whoever asks', async () => {
		const inTokyo = await parseWhen('tomorrow at 9', { now, zone: 'Asia/Tokyo' });
		expect(inTokyo).toMatchObject({ local: '2026-11-21T09:00', instant: Date.parse('2026-11-21T00:00:00Z') });
	});

	test('shortly after local midnight, tomorrow is the next local day although UTC is a day behind', async () => {
		const at = Date.parse('2026-11-20T22:30:00Z');
		expect(await parseWhen('tomorrow at 9', { now: at, zone: 'Europe/Athens' })).toMatchObject({
			local: '2026-11-22T09:00',
		});
		expect(await parseWhen('21 November at 9', { now: at, zone: 'Europe/Athens' })).toMatchObject({
			local: '2026-11-21T09:00',
		});
	});

	test('"in 1 day" keeps the hour over a change of clocks, "in 24 hours" keeps the distance', async () => {
		const context = { now: Date.parse('2027-03-27T10:00:00Z'), zone: 'Europe/Athens' };
		expect(await parseWhen('in 1 day', context)).toMatchObject({ local: '2027-03-28T12:00' });
		expect(await parseWhen('in 24 hours', context)).toMatchObject({ local: '2027-03-28T13:00' });
	});

	test('an hour that clocks skip is moved by the gap, and that is stated', async () => {
		const context = { now: Date.parse('2027-03-27T10:00:00Z'), zone: 'Europe/Athens' };
		expect(await parseWhen('tomorrow at 03:30', context)).toMatchObject({
			local: '2027-03-28T04:30',
			instant: Date.parse('2027-03-28T01:30:00Z'),
			assumed: ['03:30 on Sunday 28 March 2027 does not exist in Europe/Athens, where clocks go forward, so 04:30.'],
		});
	});

	test('of an hour that comes twice the first is taken, and that is stated', async () => {
		const context = { now: Date.parse('2026-10-24T10:00:00Z'), zone: 'Europe/Athens' };
		expect(await parseWhen('tomorrow at 03:30', context)).toMatchObject({
			local: '2026-10-25T03:30',
			instant: Date.parse('2026-10-25T00:30:00Z'),
			assumed: [
				'03:30 on Sunday 25 October 2026 comes twice in Europe/Athens, where clocks go back; the first was taken.',
			],
		});
	});

	test('a span that ends in the second of two equal hours is written with its offset', async () => {
		const context = { now: Date.parse('2026-10-25T00:45:00Z'), zone: 'Europe/Athens' };
		const when = await parseWhen('in 1 hour', context);
		expect(when).toMatchObject({ local: '2026-10-25T03:45', instant: Date.parse('2026-10-25T01:45:00Z') });
		expect(when.type === 'moment' && writeMoment(when.instant, when.zone)).toBe('2026-10-25T03:45+02:00');
		expect(writeMoment(Date.parse('2026-12-01T07:00:00Z'), 'Europe/Athens')).toBe('2026-12-01T09:00');
	});
});
