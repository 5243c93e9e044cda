import { describe, expect, test } from 'vitest';
import type { Agent } from '../agent/agent.ts';
import type { DeviceId, LineId, MessageId, TurnId, WakeId } from '../ids.ts';
import type { RunRecord } from '../space/records.ts';
import { linkDocs } from '../testing/memory-docs.ts';
import { createTaskWorld, createWakeRelay, type TaskWorld, type WakeRelay } from '../testing/task-world.ts';
import { createTaskRunner } from './runner.ts';

/** Friday 20 November 2026, 11:00 in Athens. */
const NOW = '2026-11-20T09:00:00Z';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A device with a runner whose agent only keeps its account, as the real one does when a turn has ended. */
function start(world: TaskWorld, relay: WakeRelay = createWakeRelay(world.clock)) {
	const prompts: string[] = [];
	const agent: Pick<Agent, 'runTask'> = {
		async runTask({ line, trigger, prompt }) {
			prompts.push(prompt);
			await world.space.runs.append({ ...emptyRun(world, line), id: `turn-${prompts.length}`, trigger, by: 'agent' });
		},
	};
	const sync = relay.connect();
	const { lines, runs, self } = world.space;
	const runner = createTaskRunner({ ...world, lines, runs, self, agent, sync });
	return { runner, prompts, sync };
}

function emptyRun(world: TaskWorld, line: LineId): Omit<RunRecord, 'id' | 'trigger' | 'by'> {
	const now = world.clock.now();
	return {
		kind: 'run',
		line,
		device: world.space.self.device,
		model: 'test',
		started: now,
		ended: now,
		outcome: { type: 'answered' },
		modelCalls: 1,
		toolCalls: 0,
		tokens: { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 },
		files: [],
	};
}

async function runsOf(world: TaskWorld): Promise<readonly RunRecord[]> {
	const runs = await world.space.runs.recent(100);
	if (!runs.ok) throw new Error(runs.error.type);
	return runs.value;
}

async function remindersOf(world: TaskWorld, line: string): Promise<readonly string[]> {
	const opened = await world.space.lines.open(line as LineId);
	if (!opened.ok) throw new Error(opened.error.type);
	using open = opened.value;
	const reminders = open.records().filter((record) => record.kind === 'reminder');
	// As every reader does: of one occurrence the first.
	return [...Map.groupBy(reminders, ({ id }) => id).values()].flatMap(([first]) => first?.text ?? []);
}

function write(world: TaskWorld, name: string, front: string, body = name) {
	return world.space.files.write({ path: `tasks/${name}.md`, text: `---\n${front}\n---\n${body}\n` }, world.actor());
}

describe('reminders', () => {
	test('a reminder that comes due while the app is open appears on its line, with one row, and is over', async () => {
		const world = await createTaskWorld({ now: NOW });
		using _ = start(world).runner;
		await world.tasks.schedule({ kind: 'reminder', text: 'pasta', when: 'in 20 minutes', line: 'chat' }, world.actor());
		await world.clock.advance(20 * MINUTE - 1);
		expect(await remindersOf(world, 'chat')).toEqual([]);
		await world.clock.advance(1);
		expect(await remindersOf(world, 'chat')).toEqual(['pasta']);
		await world.clock.advance(2 * HOUR);
		expect(await remindersOf(world, 'chat')).toEqual(['pasta']);
		expect(await runsOf(world)).toMatchObject([
			{ outcome: { type: 'shown' }, by: 'none', line: 'chat', trigger: { type: 'reminder' } },
		]);
		expect(await world.tasks.list()).toMatchObject([{ schedule: { next: undefined } }]);
	});

	test('without a line of its own it lands on one named after the task', async () => {
		const world = await createTaskWorld({ now: NOW });
		using _ = start(world).runner;
		await world.tasks.schedule({ kind: 'reminder', text: 'Water the plants', when: 'in 1 minute' }, world.actor());
		await world.clock.advance(MINUTE);
		expect(await remindersOf(world, 'water-the-plants')).toEqual(['Water the plants']);
	});

	test('what came due while the app was closed is shown when it opens, also days later', async () => {
		const world = await createTaskWorld({ now: NOW });
		await world.tasks.schedule({ kind: 'reminder', text: 'pasta', when: 'in 20 minutes', line: 'chat' }, world.actor());
		world.clock.jump(6 * 24 * HOUR);
		expect(await world.tasks.list()).toMatchObject([{ schedule: { next: Date.parse(NOW) + 20 * MINUTE } }]);
		using _ = start(world).runner;
		await world.clock.advance(0);
		expect(await remindersOf(world, 'chat')).toEqual(['pasta']);
	});

	test('of a recurring reminder only the newest missed moment is shown, then each that comes', async () => {
		const world = await createTaskWorld({ now: NOW });
		await write(world, 'pills', 'every: daily at 8\ntimezone: Europe/Athens');
		world.clock.jump(5 * 24 * HOUR);
		using _ = start(world).runner;
		await world.clock.advance(0);
		expect((await runsOf(world)).map(({ started }) => started)).toEqual([world.clock.now()]);
		for (let day = 0; day < 2; day++) {
			world.clock.jump(24 * HOUR);
			await world.clock.advance(MINUTE);
		}
		expect(await runsOf(world)).toHaveLength(3);
		expect(await remindersOf(world, 'pills')).toHaveLength(3);
	});

	test('a moment from before the task was made is not called up', async () => {
		const world = await createTaskWorld({ now: NOW });
		using _ = start(world).runner;
		await write(world, 'pills', 'every: daily at 8\ntimezone: Europe/Athens');
		await world.clock.advance(MINUTE);
		expect(await runsOf(world)).toEqual([]);
	});

	test('an edit of the text does not show a reminder again', async () => {
		const world = await createTaskWorld({ now: NOW });
		using _ = start(world).runner;
		await write(world, 'pills', 'when: 2026-11-20T11:20\ntimezone: Europe/Athens', 'Take two pills');
		await world.clock.advance(20 * MINUTE);
		await world.space.files.edit({ path: 'tasks/pills.md', old: 'two', new: 'three' }, world.actor());
		await world.clock.advance(HOUR);
		expect(await remindersOf(world, 'pills')).toEqual(['Take two pills']);
		expect(await world.tasks.list()).toMatchObject([{ schedule: { next: undefined } }]);
	});

	test('missed: skip leaves a row that says so, and shows nothing', async () => {
		const world = await createTaskWorld({ now: NOW });
		await write(world, 'bus', 'when: 2026-11-20T11:20\ntimezone: Europe/Athens\nmissed: skip');
		world.clock.jump(3 * HOUR);
		using _ = start(world).runner;
		await world.clock.advance(0);
		expect(await remindersOf(world, 'bus')).toEqual([]);
		expect(await runsOf(world)).toMatchObject([
			{ outcome: { type: 'skipped', reason: 'It was due 2 hours and 40 minutes ago, when no device could act.' } },
		]);
	});

	test.each([
		[119, 'shown'],
		[121, 'skipped'],
	])('with maxLateness PT2H, %i minutes late is %s', async (late, outcome) => {
		const world = await createTaskWorld({ now: NOW });
		await write(world, 'bus', 'when: 2026-11-20T11:20\ntimezone: Europe/Athens\nmaxLateness: PT2H');
		world.clock.jump((20 + late) * MINUTE);
		using _ = start(world).runner;
		await world.clock.advance(0);
		expect(await runsOf(world)).toMatchObject([{ outcome: { type: outcome } }]);
	});

	test('silent: only the account tells', async () => {
		const world = await createTaskWorld({ now: NOW });
		await write(world, 'hush', 'when: 2026-11-20T11:20\ntimezone: Europe/Athens\nsilent: true');
		using _ = start(world).runner;
		await world.clock.advance(20 * MINUTE);
		expect(await remindersOf(world, 'hush')).toEqual([]);
		expect(await runsOf(world)).toMatchObject([{ outcome: { type: 'shown' } }]);
	});

	test('when the clock is set forward, what that makes due is found within a minute', async () => {
		const world = await createTaskWorld({ now: NOW });
		using _ = start(world).runner;
		await world.tasks.schedule({ kind: 'reminder', text: 'pasta', when: 'in 5 hours', line: 'chat' }, world.actor());
		await world.clock.advance(1);
		world.clock.jump(5 * HOUR);
		await world.clock.advance(MINUTE);
		expect(await remindersOf(world, 'chat')).toEqual(['pasta']);
	});

	test('when the relay says that something came due, the wall clock is asked at once', async () => {
		const world = await createTaskWorld({ now: NOW });
		const { runner, sync } = start(world);
		using _ = runner;
		await world.tasks.schedule({ kind: 'reminder', text: 'pasta', when: 'in 5 hours', line: 'chat' }, world.actor());
		await world.clock.advance(1);
		world.clock.jump(5 * HOUR);
		sync.fire('wake' as WakeId, world.clock.now());
		await world.clock.advance(0);
		expect(await remindersOf(world, 'chat')).toEqual(['pasta']);
	});

	test('cut between the line and its row, only the row is written', async () => {
		const world = await createTaskWorld({ now: NOW });
		await world.tasks.schedule({ kind: 'reminder', text: 'pasta', when: 'in 20 minutes', line: 'chat' }, world.actor());
		world.clock.jump(HOUR);
		const [task] = await world.tasks.list();
		const [booked] = await world.book.list();
		if (!task || booked?.read.type !== 'valid') throw new Error('no task');
		const due = Date.parse(NOW) + 20 * MINUTE;
		const id = await world.occurrences.idOf({ entry: booked.entry, read: booked.read }, due);
		const line = await world.space.lines.open('chat' as LineId);
		if (!line.ok) throw new Error(line.error.type);
		await line.value.append([{ kind: 'reminder', id, at: world.clock.now(), due, task: task.file, text: 'pasta' }]);
		using _ = start(world).runner;
		await world.clock.advance(0);
		expect(await remindersOf(world, 'chat')).toEqual(['pasta']);
		expect(await runsOf(world)).toHaveLength(1);
	});
});

describe('several devices', () => {
	test('two that show the same reminder while apart leave one record and one row', async () => {
		const laptop = await createTaskWorld({ now: NOW, device: 'laptop' });
		await laptop.tasks.schedule(
			{ kind: 'reminder', text: 'pasta', when: 'in 20 minutes', line: 'chat' },
			laptop.actor(),
		);
		const phone = await createTaskWorld({ device: 'phone', clock: laptop.clock });
		const link = linkDocs(laptop.docs, phone.docs);
		link.flush();
		using _a = start(laptop).runner;
		using _b = start(phone).runner;
		await laptop.clock.advance(20 * MINUTE);
		link.flush();
		for (const device of [laptop, phone]) {
			expect(await remindersOf(device, 'chat')).toEqual(['pasta']);
			expect(await runsOf(device)).toHaveLength(1);
		}
	});

	test('of two that reach the relay, one runs a nudge', async () => {
		const laptop = await createTaskWorld({ now: NOW, device: 'laptop' });
		await laptop.tasks.schedule({ kind: 'nudge', text: 'Look at the weather', when: 'in 20 minutes' }, laptop.actor());
		const phone = await createTaskWorld({ device: 'phone', clock: laptop.clock });
		const link = linkDocs(laptop.docs, phone.docs);
		link.flush();
		const relay = createWakeRelay(laptop.clock);
		const [a, b] = [start(laptop, relay), start(phone, relay)];
		using _a = a.runner;
		using _b = b.runner;
		await laptop.clock.advance(HOUR);
		expect([...a.prompts, ...b.prompts]).toEqual(['Look at the weather']);
		link.flush();
		await laptop.clock.advance(HOUR);
		expect([...a.prompts, ...b.prompts]).toHaveLength(1);
		for (const device of [laptop, phone]) expect(await runsOf(device)).toHaveLength(1);
	});

	test('a tab that does not lead carries out nothing until it does', async () => {
		const world = await createTaskWorld({ now: NOW });
		const { runner, sync } = start(world);
		using _ = runner;
		sync.set({ leader: false });
		await world.tasks.schedule({ kind: 'reminder', text: 'pasta', when: 'in 20 minutes', line: 'chat' }, world.actor());
		await world.clock.advance(HOUR);
		expect(await remindersOf(world, 'chat')).toEqual([]);
		sync.set({ leader: true });
		await world.clock.advance(0);
		expect(await remindersOf(world, 'chat')).toEqual(['pasta']);
	});
});

describe('nudges', () => {
	test('offline a nudge waits for the relay while a reminder is shown at once', async () => {
		const world = await createTaskWorld({ now: NOW });
		const { runner, prompts, sync } = start(world);
		using _ = runner;
		sync.set({ online: false });
		await world.tasks.schedule({ kind: 'nudge', text: 'think', when: 'in 20 minutes' }, world.actor());
		await world.tasks.schedule({ kind: 'reminder', text: 'pasta', when: 'in 20 minutes', line: 'chat' }, world.actor());
		await world.clock.advance(HOUR);
		expect(await remindersOf(world, 'chat')).toEqual(['pasta']);
		expect(prompts).toEqual([]);
		sync.set({ online: true });
		await world.clock.advance(0);
		expect(prompts).toEqual(['think']);
		await world.clock.advance(HOUR);
		expect(prompts).toEqual(['think']);
	});

	test('what another device claimed and never finished is taken over when its lease has ended', async () => {
		const world = await createTaskWorld({ now: NOW });
		await world.tasks.schedule({ kind: 'nudge', text: 'think', when: 'in 20 minutes' }, world.actor());
		const [booked] = await world.book.list();
		if (booked?.read.type !== 'valid') throw new Error('no task');
		const id = await world.occurrences.idOf({ entry: booked.entry, read: booked.read }, Date.parse(NOW) + 20 * MINUTE);
		const relay = createWakeRelay(world.clock);
		await relay.connect().wakes.claim(id, HOUR);
		const { runner, prompts } = start(world, relay);
		using _ = runner;
		await world.clock.advance(59 * MINUTE);
		expect(prompts).toEqual([]);
		await world.clock.advance(2 * MINUTE);
		expect(prompts).toEqual(['think']);
	});

	test.each([
		{
			it: 'has called a tool, and may wait for its person,',
			again: [],
			content: [{ type: 'tool_use', id: 'u', name: 'ask', input: {} }],
		},
		{ it: 'has come to nothing', again: ['think'], content: [] },
	])('one whose turn on another device $it is begun anew: $again', async ({ again, content }) => {
		const world = await createTaskWorld({ now: NOW });
		await world.tasks.schedule({ kind: 'nudge', text: 'think', when: 'in 20 minutes', line: 'chat' }, world.actor());
		const [booked] = await world.book.list();
		if (booked?.read.type !== 'valid') throw new Error('no task');
		const id = await world.occurrences.idOf({ entry: booked.entry, read: booked.read }, Date.parse(NOW) + 20 * MINUTE);
		const line = await world.space.lines.ensure('chat');
		if (!line.ok) throw new Error(line.error.type);
		const opened = await world.space.lines.open(line.value.id);
		if (!opened.ok) throw new Error(opened.error.type);
		using open = opened.value;
		const at = world.clock.now();
		const { entry } = booked;
		const message = id as string as MessageId;
		const turn = 'theirs' as TurnId;
		await open.append([
			{
				kind: 'turn',
				id: turn,
				at,
				trigger: { type: 'task', task: entry.id, path: entry.path, occurrence: id, message },
				device: 'phone' as DeviceId,
				by: 'agent',
				model: 'm',
				epoch: 'e',
				head: '',
				context: [],
			},
			{
				kind: 'model-step',
				id: 's',
				turn,
				at,
				model: 'm',
				content: content.map((block) => ({ ...block, type: 'tool_use' as const })),
				stop: content.length > 0 ? 'tool_use' : 'cut',
				usage: undefined,
				durationMs: 0,
			},
		]);
		const { runner, prompts } = start(world);
		using _ = runner;
		await world.clock.advance(HOUR);
		expect(prompts).toEqual(again);
	});

	test('missed: ask puts the question on the line instead of running late', async () => {
		const world = await createTaskWorld({ now: NOW });
		await write(
			world,
			'weather',
			'when: 2026-11-20T11:20\ntimezone: Europe/Athens\nkind: nudge\nmissed: ask',
			'Look at the sky',
		);
		world.clock.jump(3 * HOUR);
		const { runner, prompts } = start(world);
		using _ = runner;
		await world.clock.advance(HOUR);
		expect(prompts).toEqual([]);
		expect(await remindersOf(world, 'weather')).toEqual([
			'Missed: "Look at the sky" was due Friday 20 November 2026, 11:20 (Europe/Athens). It was not run; ask for it if it is still of use.',
		]);
	});
});

describe('daylight saving', () => {
	test('a daily hour that clocks skip or repeat is shown once a day', async () => {
		// Clocks in Athens go forward on 28 March 2027 and back on 31 October 2027, each at 03:00 or 04:00.
		for (const start_ of ['2027-03-27T22:00:00Z', '2027-10-30T22:00:00Z']) {
			const world = await createTaskWorld({ now: start_ });
			using _ = start(world).runner;
			await write(world, 'night', 'every: "30 3 * * *"\ntimezone: Europe/Athens');
			await world.clock.advance(28 * HOUR);
			expect(await runsOf(world)).toHaveLength(2);
		}
	});

	test('both of two equal wall times are occurrences of an interval', async () => {
		const world = await createTaskWorld({ now: '2027-10-31T00:10:00Z' });
		using _ = start(world).runner;
		await world.tasks.schedule({ kind: 'reminder', text: 'stretch', every: 'PT30M' }, world.actor());
		await world.clock.advance(2 * HOUR);
		expect(await remindersOf(world, 'stretch')).toHaveLength(4);
	});

	test('nothing is left behind when the runner is disposed of', async () => {
		const world = await createTaskWorld({ now: NOW });
		const waiting = world.clock.waiting;
		const { runner } = start(world);
		await world.clock.advance(0);
		runner[Symbol.dispose]();
		expect(world.clock.waiting).toBe(waiting);
	});
});
