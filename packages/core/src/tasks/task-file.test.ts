import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeEvery } from '../schedule/describe-every.ts';
import { parseWhen, writeMoment } from '../schedule/parse-when.ts';
import { formatTask, isTaskPath, readTask, validateTaskFile } from './task-file.ts';

const ATHENS = 'Europe/Athens';

function task(front: string, body = 'Take the pasta off the heat.'): string {
	return `---\n${front}\n---\n${body}\n`;
}

describe('reading', () => {
	test('the example of the product reads as it says, without its gate', () => {
		const text = task(
			'when: 2026-12-01T09:00          # or every\ntimezone: Europe/Athens\nkind: reminder\nline: kitchen\nagent: general\nmissed: run-once\nmaxLateness: PT2H\nsilent: false',
		);
		expect(readTask(text, 'UTC')).toEqual({
			type: 'valid',
			title: 'Take the pasta off the heat.',
			body: 'Take the pasta off the heat.',
			spec: {
				kind: 'reminder',
				recurrence: { type: 'once', at: Date.parse('2026-12-01T07:00:00Z') },
				words: '2026-12-01T09:00',
				zone: ATHENS,
				line: 'kitchen',
				agent: 'general',
				missed: 'run-once',
				maxLatenessMs: 7_200_000,
				from: undefined,
				silent: false,
			},
		});
	});

	test('a file without timezone is in the zone of the person, and kind is reminder', () => {
		const read = readTask(task('when: 2026-12-01 09:00'), 'Asia/Tokyo');
		expect(read).toMatchObject({
			spec: { zone: 'Asia/Tokyo', kind: 'reminder', recurrence: { at: Date.parse('2026-12-01T00:00:00Z') } },
		});
	});

	test.each([
		['every: "0 8 * * 1-5"', { type: 'cron', cron: '0 8 * * 1-5', zone: ATHENS, until: null }],
		['every: 0 8 * * 1-5', { type: 'cron', cron: '0 8 * * 1-5', zone: ATHENS, until: null }],
		['every: weekdays at 8', { type: 'cron', cron: '0 8 * * 1-5', zone: ATHENS, until: null }],
		['every: PT30M', { type: 'interval', intervalMs: 1_800_000, anchor: 0, until: null }],
		[
			'every: PT30M\nfrom: 2026-11-20T13:37:26',
			{ type: 'interval', intervalMs: 1_800_000, anchor: Date.parse('2026-11-20T11:37:26Z'), until: null },
		],
		[
			'every: daily at 8\nuntil: 2027-01-01T00:00',
			{ type: 'cron', cron: '0 8 * * *', zone: ATHENS, until: Date.parse('2026-12-31T22:00:00Z') },
		],
		['when: 2026-10-25T03:45+02:00', { type: 'once', at: Date.parse('2026-10-25T01:45:00Z') }],
	])('%s is understood', (front, recurrence) => {
		expect(readTask(task(front), ATHENS)).toMatchObject({ type: 'valid', spec: { recurrence } });
	});

	test.each([
		['', 'front matter'],
		['kind: reminder', 'no time'],
		['when: tomorrow at 9', 'when "tomorrow at 9" must be a local time'],
		['when: 2026-13-01T09:00', 'when "2026-13-01T09:00" must be a local time'],
		['when: 2026-12-01', 'when "2026-12-01" must be a local time'],
		['when: 2026-12-01T09:00\nevery: PT30M', 'both when and every'],
		['every: 61 8 * * *', 'cannot be understood'],
		['every: PT5S', 'at least a minute'],
		['every: every other day', 'cannot skip days'],
		['every: whenever', 'must be cron'],
		['every: */5 * * * *', 'in quotes'],
		['when: 2026-12-01T09:00\ntimezone: Athens', 'timezone "Athens" is no time zone'],
		['when: 2026-12-01T09:00\nkind: alarm', 'kind "alarm" must be reminder or nudge'],
		['when: 2026-12-01T09:00\nmissed: never', 'missed "never" must be'],
		['when: 2026-12-01T09:00\nmaxLateness: 2 hours', 'maxLateness "2 hours" must be a duration'],
		['when: 2026-12-01T09:00\nsilent: maybe', 'silent "maybe" must be true or false'],
		['when: 2026-12-01T09:00\ngate: scripts/changed.js', 'gate cannot be run'],
		['when: 2026-12-01T09:00\nline: [a]', 'line must be the name'],
		['- a\n- b', 'front matter'],
		['when: "2026', 'cannot be read at line 2'],
		['a: &x [1]\nwhen: *x', 'no references'],
	])('"%s" is broken, with the fix named', (front, reason) => {
		const read = readTask(task(front), ATHENS);
		expect(read.type === 'broken' && read.reason).toContain(reason);
		expect(read.title).toBe('Take the pasta off the heat.');
	});

	test('a text without front matter or without body is broken', () => {
		expect(readTask('Just text', ATHENS)).toMatchObject({ type: 'broken', title: 'Just text' });
		expect(readTask(task('when: 2026-12-01T09:00', ''), ATHENS)).toMatchObject({ type: 'broken' });
		expect(readTask('', ATHENS)).toMatchObject({ type: 'broken' });
	});

	test('keys of a later version are left alone when read', () => {
		expect(readTask(task('when: 2026-12-01T09:00\nsnoozed: 3'), ATHENS)).toMatchObject({ type: 'valid' });
	});

	test('line breaks of Windows and a rule in the body do no harm', () => {
		const read = readTask(task('when: 2026-12-01T09:00', 'a\n\n---\n\nb').replaceAll('\n', '\r\n'), ATHENS);
		expect(read).toMatchObject({ type: 'valid', title: 'a' });
	});
});

describe('validation on write', () => {
	test('only files under tasks/ are looked at', () => {
		expect(validateTaskFile('notes/x.md', 'no front matter')).toBeUndefined();
		expect(validateTaskFile('tasks/x.md', 'no front matter')).toContain('front matter');
		expect(isTaskPath('tasks/a/b.md')).toBe(true);
		expect(isTaskPath('tasks.md')).toBe(false);
	});

	test('a slip in a key is named', () => {
		expect(validateTaskFile('tasks/x.md', task('when: 2026-12-01T09:00\ntimezon: UTC'))).toContain(
			'"timezon" is no key',
		);
		expect(validateTaskFile('tasks/x.md', task('when: 2026-12-01T09:00\ntimezone: UTC'))).toBeUndefined();
	});
});

describe('round trips', () => {
	const zones = fc.constantFrom('Europe/Athens', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'UTC');
	const bodies = fc
		.string({ minLength: 1 })
		.map((text) => text.trim())
		.filter((text) => text !== '');
	const instants = fc
		.integer({ min: Date.parse('2026-01-01') / 1000, max: Date.parse('2036-01-01') / 1000 })
		.map((second) => second * 1000);

	test('a moment written into a file is read as the same instant, in any zone and at any change of clocks', () => {
		fc.assert(
			fc.property(zones, instants, bodies, (timezone, instant, body) => {
				const text = formatTask({ when: writeMoment(instant, timezone), timezone, kind: 'reminder', body });
				const read = readTask(text, 'UTC');
				expect(read).toMatchObject({
					type: 'valid',
					body,
					spec: { recurrence: { type: 'once', at: instant }, zone: timezone },
				});
			}),
		);
	});

	const cron = fc
		.tuple(
			fc.integer({ min: 0, max: 59 }),
			fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { minLength: 1, maxLength: 3 }),
			fc.oneof(
				fc.constantFrom('* * *', '* * 1-5', 'L * *', '* * 2#1', '* * 5#L', '24 12 *'),
				fc.integer({ min: 1, max: 31 }).map((day) => `${day} * *`),
				fc
					.uniqueArray(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 })
					.map((days) => `* * ${days.sort((a, b) => a - b).join(',')}`),
			),
		)
		.map(([minute, hours, days]) => `${minute} ${hours.sort((a, b) => a - b).join(',')} ${days}`);

	test('a schedule shown as words and written back by the person stays the same schedule', async () => {
		await fc.assert(
			fc.asyncProperty(cron, zones, async (every, timezone) => {
				const shown = describeEvery(every);
				const again = await parseWhen(shown, { now: Date.parse('2026-11-20T12:00:00Z'), zone: timezone });
				expect(again).toMatchObject({ type: 'recurrence', every });
				const spec = (written: string) => {
					const read = readTask(formatTask({ every: written, timezone, kind: 'nudge', body: 'x' }), 'UTC');
					return read.type === 'valid' && read.spec.recurrence;
				};
				expect(spec(shown)).toEqual(spec(every));
				expect(spec(every)).toMatchObject({ type: 'cron', zone: timezone });
			}),
		);
	});
});
