import { describe, expect, test } from 'vitest';
import type { DeviceId, LineId, MessageId, PersonId } from '../ids.ts';
import { createSpacePair, createTestSpace, expectError, expectOk, type TestSpace } from '../testing/test-space.ts';
import { lineId } from './lines.ts';
import type { LineRecord, MessageRecord } from './records.ts';

const november = Date.UTC(2026, 10, 20);

function message(text: string, at = november): MessageRecord {
	return {
		kind: 'message',
		id: text as MessageId,
		at,
		author: { type: 'person', person: 'ada' as PersonId, device: 'device-a' as DeviceId },
		content: [{ type: 'text', text }],
	};
}
const idsOf = (records: readonly LineRecord[]) => records.map((record) => ('id' in record ? record.id : record.kind));

async function openLine({ space }: TestSpace, name = 'Kitchen') {
	const line = expectOk(await space.lines.ensure(name));
	return expectOk(await space.lines.open(line.id));
}

describe('lines', () => {
	test('the same name gives the same line on every device, and names keep their case', async () => {
		const { a, b, flush } = await createSpacePair();
		const here = expectOk(await a.space.lines.ensure('Kitchen Talk'));
		const there = expectOk(await b.space.lines.ensure('kitchen talk'));
		flush();
		expect(here).toEqual({ id: 'kitchen-talk', name: 'Kitchen Talk', touched: 0 });
		expect(there.id).toBe(here.id);
		expect(a.space.lines.list()).toHaveLength(1);
		expect(a.space.lines.list()).toEqual(b.space.lines.list());
		expect(expectOk(await a.space.lines.ensure('KITCHEN TALK')).id).toBe(here.id);
	});

	test.each([
		['Κουζίνα & Co.', 'κουζίνα-co'],
		['  ', 'line'],
		['🍝', 'line'],
		['Cafe\u0301', 'caf\u00e9'],
		['../x', 'x'],
	])('the id of %j is %s', (name, id) => {
		expect(lineId(name)).toBe(id);
	});

	test('two long names that begin alike are two lines', () => {
		const long = 'a very long name of a line that goes on and on and on and on and on';
		expect(lineId(`${long} one`)).not.toBe(lineId(`${long} two`));
		expect(lineId(long).length).toBeLessThan(80);
	});

	test('what is appended is there, in order, after a reload', async () => {
		const world = await createTestSpace();
		const line = await openLine(world);
		let calls = 0;
		using _ = line.subscribe(() => calls++);
		const before = line.records();
		expectOk(await line.append([message('one'), message('two')]));
		expectOk(await line.append([message('three')]));
		expect(before).toEqual([]);
		expect(idsOf(line.records())).toEqual(['one', 'two', 'three']);
		expect(line.records()).toBe(line.records());
		expect(calls).toBeGreaterThan(0);
		const again = await openLine(await world.reopen());
		expect(idsOf(again.records())).toEqual(['one', 'two', 'three']);
	});

	test('opens the two newest months; older ones come when asked for, one by one', async () => {
		const world = await createTestSpace();
		const line = await openLine(world);
		const months = [8, 9, 10].map((month) => message(`month ${month}`, Date.UTC(2026, month, 15)));
		expectOk(await line.append([...months, message('years ago', Date.UTC(2020, 0, 1))]));
		line[Symbol.dispose]();
		const again = await openLine(await world.reopen());
		expect(idsOf(again.records())).toEqual(['month 9', 'month 10']);
		expect(again.hasOlder).toBe(true);
		expectOk(await again.older());
		expect(idsOf(again.records())).toEqual(['month 8', 'month 9', 'month 10']);
		expectOk(await again.older());
		expect(idsOf(again.records())[0]).toBe('years ago');
		expect(again.hasOlder).toBe(false);
		expectOk(await again.older());
		expect(again.records()).toHaveLength(4);
	});

	test('messages of another device appear in the open line, also those of a month it began', async () => {
		const { a, b, flush } = await createSpacePair();
		const here = await openLine(a);
		const there = await openLine(b);
		expectOk(await here.append([message('from a')]));
		flush();
		await a.clock.advance(0);
		expect(idsOf(there.records())).toEqual(['from a']);
		expectOk(await there.append([message('from b', Date.UTC(2026, 11, 1))]));
		expectOk(await there.append([message('b, late', Date.UTC(2026, 9, 1))]));
		flush();
		await a.clock.advance(0);
		expect(idsOf(here.records())).toEqual(['from a', 'from b']);
		expect(here.hasOlder).toBe(true);
	});

	test('what a clock that was set back puts into the month before shows in an open line', async () => {
		const world = await createTestSpace();
		const shown = await openLine(world);
		const written = await openLine(world);
		await written.append([message('first', Date.UTC(2026, 11, 1))]);
		await expect.poll(() => idsOf(shown.records())).toEqual(['first']);
		await written.append([message('second', Date.UTC(2026, 10, 30))]);
		await expect.poll(() => idsOf(shown.records())).toEqual(['second', 'first']);
	});

	test('appended at the same time while apart, all messages are kept in one order', async () => {
		const { a, b, flush } = await createSpacePair();
		const here = await openLine(a);
		const there = await openLine(b);
		await Promise.all(['a1', 'a2', 'a3'].map((text) => here.append([message(text)])));
		await Promise.all(['b1', 'b2'].map((text) => there.append([message(text)])));
		flush();
		await a.clock.advance(0);
		expect(idsOf(here.records())).toHaveLength(5);
		expect(idsOf(there.records())).toEqual(idsOf(here.records()));
	});

	test('unknown kinds are skipped, malformed rows are skipped and counted in the log, and nothing throws', async () => {
		const world = await createTestSpace();
		const line = await openLine(world);
		expectOk(await line.append([message('good')]));
		using handle = expectOk(await world.docs.open('line/kitchen/2026-11' as never));
		const bad = [
			null,
			1,
			'x',
			[],
			{},
			{ kind: 'message' },
			{ ...message('x'), content: [{ type: 1 }] },
			{ kind: 'turn' },
		];
		handle.doc.getArray('records').push([...bad, { kind: 'from-the-future', at: 1 }, message('also good')]);
		expect(idsOf(line.records())).toEqual(['good', 'also good']);
		expect(world.logged).toContain('line-rows-malformed');
	});

	test('a critical record of an unknown kind makes its line ask for an update, here and on other devices', async () => {
		const { a, b, flush } = await createSpacePair();
		const here = await openLine(a);
		const there = await openLine(b);
		expectOk(await here.append([message('good')]));
		using handle = expectOk(await a.docs.open('line/kitchen/2026-11' as never));
		const rows = handle.doc.getArray('records');
		rows.push([{ kind: 'from-the-future' }, { ...message('known'), critical: true }, { kind: 'later', critical: 1 }]);
		expect(here.needsUpdate).toBe(false);
		let calls = 0;
		using _ = here.subscribe(() => calls++);
		rows.push([{ kind: 'from-the-future', critical: true }]);
		expect(here.needsUpdate).toBe(true);
		expect(calls).toBe(1);
		expect(idsOf(here.records())).toEqual(['good', 'known']);
		flush();
		await a.clock.advance(0);
		expect(there.needsUpdate).toBe(true);
		expect((await openLine(a, 'other')).needsUpdate).toBe(false);
	});

	test('parts of a month that a later version began are read in order and written to at the end', async () => {
		const { a, b, flush } = await createSpacePair();
		const here = await openLine(a);
		expectOk(await here.append([message('first'), message('december', Date.UTC(2026, 11, 1))]));
		for (const part of ['10', '2', '1', '02', 'x', '']) {
			const month = `2026-11.${part}`;
			using handle = expectOk(await a.docs.open(`line/kitchen/${month}` as never));
			handle.doc.getArray('records').push([message(`part ${part}`)]);
			using home = expectOk(await a.docs.open('home' as never));
			home.doc.getMap('line-months').set(`kitchen/${month}`, 1);
		}
		await a.clock.advance(0);
		expect(idsOf(here.records())).toEqual(['first', 'part 2', 'part 10', 'december']);
		expectOk(await here.append([message('next')]));
		expect(idsOf(here.records())).toEqual(['first', 'part 2', 'part 10', 'next', 'december']);

		flush();
		const there = await openLine(b);
		expect(idsOf(there.records())).toEqual(['part 10', 'next', 'december']);
		while (there.hasOlder) expectOk(await there.older());
		expect(idsOf(there.records())).toEqual(idsOf(here.records()));
	});

	test('the newest line comes first, and its moment reaches other devices at most once a minute', async () => {
		const { a, b, flush } = await createSpacePair();
		const first = await openLine(a, 'first');
		const second = await openLine(a, 'second');
		const at = a.clock.now();
		expectOk(await first.append([message('x', at)]));
		expectOk(await second.append([message('y', at - 1_000)]));
		expect(a.space.lines.list().map((line) => line.name)).toEqual(['first', 'second']);
		await a.clock.advance(30_000);
		expectOk(await second.append([message('z', at + 30_000)]));
		flush();
		expect(a.space.lines.list()[0]).toMatchObject({ name: 'second', touched: at + 30_000 });
		expect(b.space.lines.list().find((line) => line.name === 'second')?.touched).toBe(at - 1_000);
		await a.clock.advance(60_000);
		expectOk(await second.append([message('later', at + 90_000)]));
		flush();
		expect(b.space.lines.list()[0]).toMatchObject({ name: 'second', touched: at + 90_000 });
	});

	test.each([Number.NaN, -1, 1e300])('a record of the moment %d goes to the present month', async (at) => {
		const world = await createTestSpace();
		const line = await openLine(world);
		expectOk(await line.append([{ ...message('x'), at: at }, message('y')]));
		expect(world.docs.streams()).toContain('line/kitchen/2026-11');
		expect(idsOf(line.records())).toContain('y');
	});

	test('a full disk is reported', async () => {
		const world = await createTestSpace();
		const line = await openLine(world);
		world.docs.failWith({ type: 'QuotaExceeded' });
		expect(expectError(await line.append([message('x')]))).toEqual({ type: 'QuotaExceeded' });
		world.docs.failWith({ type: 'StoreUnavailable', reason: 'closed' }, 'opens and saves');
		expect(expectError(await line.append([message('y', Date.UTC(2027, 0, 1))])).type).toBe('StoreUnavailable');
		expect(idsOf(line.records())).toEqual(['x']);
		expect(
			expectError(
				await world.space.lines.open('other-line' as LineId).then((r) => (r.ok ? r.value.append([message('z')]) : r)),
			).type,
		).toBe('StoreUnavailable');
	});

	test('a closed line lets its documents go', async () => {
		const world = await createTestSpace();
		const line = await openLine(world);
		expectOk(await line.append([message('x')]));
		expect(world.docs.handles('line/kitchen/2026-11' as never)).toBe(1);
		line[Symbol.dispose]();
		line[Symbol.dispose]();
		expect(world.docs.handles('line/kitchen/2026-11' as never)).toBe(0);
	});

	test('twenty thousand messages open and grow without reading all of them anew', async () => {
		const world = await createTestSpace();
		const line = await openLine(world);
		const many = Array.from({ length: 20_000 }, (_, index) => message(`m${index}`));
		expectOk(await line.append(many));
		const start = performance.now();
		for (let index = 0; index < 20; index++) expectOk(await line.append([message(`more ${index}`)]));
		expect(line.records()).toHaveLength(20_020);
		expect(performance.now() - start).toBeLessThan(1_000);
	});
});
