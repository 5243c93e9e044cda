import { describe, expect, test } from 'vitest';
import type { DeviceId, FileId, LineId, OccurrenceId } from '../ids.ts';
import { createSpacePair, createTestSpace, expectError, expectOk } from '../testing/test-space.ts';
import type { RunRecord } from './records.ts';

function run(id: string, started: number, ended = started + 10): RunRecord {
	return {
		kind: 'run',
		id,
		line: 'kitchen' as LineId,
		trigger: { type: 'reminder', task: 'f' as FileId, path: 'tasks/t.md', occurrence: id as OccurrenceId },
		device: 'device-a' as DeviceId,
		by: 'none',
		model: '',
		started,
		ended,
		outcome: { type: 'shown' },
		modelCalls: 0,
		toolCalls: 0,
		tokens: { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 },
		files: [],
	};
}
const month = (index: number) => Date.UTC(2026, index, 10);

describe('runs', () => {
	test('recent gives the newest first over months, at most so many, one row an id', async () => {
		const world = await createTestSpace();
		const { runs } = world.space;
		for (const one of [
			run('a', month(6)),
			run('b', month(8)),
			run('c', month(10)),
			run('c', month(10), month(10) + 99),
		]) {
			expectOk(await runs.append(one));
		}
		expect(expectOk(await runs.recent(10)).map((one) => one.id)).toEqual(['c', 'b', 'a']);
		expect(expectOk(await runs.recent(2)).map((one) => one.id)).toEqual(['c', 'b']);
		expect(expectOk(await runs.recent(1))[0]?.ended).toBe(month(10) + 99);
		const again = await world.reopen();
		expect(expectOk(await again.space.runs.recent(10)).map((one) => one.id)).toEqual(['c', 'b', 'a']);
	});

	test('of two rows that ended together the one that knows more of what was paid counts, whichever came first', async () => {
		const tokens = { input: 100, cacheRead: 0, cacheWrite: 0, output: 10 };
		const cut: RunRecord = { ...run('a', month(10)), modelCalls: 2, tokens, cost: { usd: 0.1, unpriced: 1 } };
		const whole: RunRecord = { ...cut, tokens: { ...tokens, input: 200 }, cost: { usd: 0.2, unpriced: 0 } };
		for (const rows of [
			[cut, whole],
			[whole, cut],
			[whole, { ...cut, modelCalls: 1 }],
		]) {
			const { runs } = (await createTestSpace()).space;
			for (const row of rows) expectOk(await runs.append(row));
			expect(expectOk(await runs.recent(10))).toMatchObject([{ cost: { usd: 0.2, unpriced: 0 } }]);
			expect(expectOk(await runs.since(0))).toMatchObject([{ modelCalls: 2, tokens: { input: 200 } }]);
		}
	});

	test('since gives what ended at a moment or later, also of a turn that began in the month before', async () => {
		const { space, reopen } = await createTestSpace();
		const first = Date.UTC(2026, 10, 1);
		for (const one of [
			run('long ago', month(8), first + 5),
			run('waited', month(9), first + 5),
			run('over', month(9), first - 1),
			run('now', month(10), first),
		]) {
			expectOk(await space.runs.append(one));
		}
		const idsSince = async (at: number) => expectOk(await space.runs.since(at)).map((one) => one.id);
		expect((await idsSince(first)).toSorted()).toEqual(['now', 'waited']);
		expect(await idsSince(month(10) + 99)).toEqual([]);
		const again = await reopen();
		expect(expectOk(await again.space.runs.since(first)).length).toBe(2);
	});

	test('has knows rows of every month and those that another device adds later', async () => {
		const { a, b, flush } = await createSpacePair();
		expectOk(await a.space.runs.append(run('old', month(1))));
		expectOk(await a.space.runs.append(run('new', month(10))));
		flush();
		expect(await b.space.runs.has('old')).toBe(true);
		expect(await b.space.runs.has('new')).toBe(true);
		expect(await b.space.runs.has('newer')).toBe(false);
		let calls = 0;
		using _ = b.space.runs.subscribe(() => calls++);
		expectOk(await a.space.runs.append(run('newer', month(10))));
		flush();
		expect(calls).toBeGreaterThan(0);
		expect(await b.space.runs.has('newer')).toBe(true);
		expect(await a.space.runs.has('newer')).toBe(true);
	});

	test('a month that cannot be read is an error of recent, and a line in the log for has', async () => {
		const before = await createTestSpace();
		expectOk(await before.space.runs.append(run('a', month(10))));
		const world = await before.reopen();
		world.docs.failWith({ type: 'StoreUnavailable', reason: 'closed' }, 'opens and saves');
		expect(expectError(await world.space.runs.recent(5)).type).toBe('StoreUnavailable');
		expect(await world.space.runs.has('a')).toBe(false);
		expect(world.logged).toContain('runs-unreadable');
		world.docs.failWith(undefined);
		expect(await world.space.runs.has('a')).toBe(true);
	});

	test('parts of a month that a later version began are read, newest first, and written to at the end', async () => {
		const world = await createTestSpace();
		const { runs } = world.space;
		expectOk(await runs.append(run('a', month(10))));
		for (const part of ['2', '10', '0']) {
			using handle = expectOk(await world.docs.open(`runs/2026-11.${part}` as never));
			handle.doc.getArray('records').push([run(`part ${part}`, month(10) + Number(part))]);
			using home = expectOk(await world.docs.open('home' as never));
			home.doc.getMap('run-months').set(`2026-11.${part}`, 1);
		}
		expect(expectOk(await runs.recent(10)).map((one) => one.id)).toEqual(['part 10', 'part 2', 'a']);
		expect(await runs.has('part 2')).toBe(true);
		expectOk(await runs.append(run('b', month(10) + 99)));
		using handle = expectOk(await world.docs.open('runs/2026-11.10' as never));
		expect(handle.doc.getArray('records').toJSON()).toMatchObject([{ id: 'part 10' }, { id: 'b' }]);
	});

	test('rows that are no runs are passed over', async () => {
		const world = await createTestSpace();
		expectOk(await world.space.runs.append(run('a', month(10))));
		using handle = expectOk(await world.docs.open('runs/2026-11' as never));
		handle.doc.getArray('records').push([null, { kind: 'run', id: 'x' }, { kind: 'other' }]);
		expect(expectOk(await world.space.runs.recent(5))).toHaveLength(1);
	});
});

describe('the directory', () => {
	test('names people and devices for every device of the space', async () => {
		const { a, b, flush } = await createSpacePair();
		const { device, person } = a.space.self;
		expectOk(await a.space.directory.nameDevice(device, 'phone'));
		expectOk(await a.space.directory.namePerson(person, 'Ada'));
		flush();
		expect(b.space.directory.devices()).toContainEqual({ id: device, name: 'phone', person });
		expect(b.space.directory.devices()).toContainEqual({ id: 'device-b', name: '', person: 'bea' });
		expect(b.space.directory.people()).toEqual([{ id: person, name: 'Ada' }]);
	});

	test('names the space, the later name over the earlier one, and tells who listens', async () => {
		const { a, b, flush } = await createSpacePair();
		expect(a.space.directory.spaceName()).toBeUndefined();
		expectOk(await a.space.directory.nameSpace('Home'));
		flush();
		let told = 0;
		using _ = a.space.directory.subscribe(() => told++);
		expectOk(await b.space.directory.nameSpace('Our flat'));
		flush();
		expect([a.space.directory.spaceName(), b.space.directory.spaceName(), told]).toEqual(['Our flat', 'Our flat', 1]);
	});
});
