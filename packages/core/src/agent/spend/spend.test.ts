import { describe, expect, it } from 'vitest';
import type { DeviceId, LineId, MessageId, PersonId, TurnId } from '../../ids.ts';
import type { ModelRequest } from '../../ports/model.ts';
import { err } from '../../result.ts';
import type { ModelStepRecord, RunRecord, TurnRecord } from '../../space/records.ts';
import { createMemoryStore } from '../../testing/memory-store.ts';
import { createSeededRandom } from '../../testing/seeded-random.ts';
import { createTestSpace, expectOk } from '../../testing/test-space.ts';
import { createInFlight } from '../turn/in-flight.ts';
import { type Caps, DEFAULT_CAPS } from './caps.ts';
import { createSpend, type NextSpend } from './spend.ts';

const SONNET = 'claude-sonnet-5-5';
const NO_LIMIT = { turnUsd: 'off' } as const;

async function createWorld(caps: Partial<Caps> = NO_LIMIT) {
	const { space, clock, logged } = await createTestSpace();
	const store = createMemoryStore();
	const log = { info() {}, warn: (event: string) => void warned.push(event) };
	const warned: string[] = [];
	let state: Caps = { ...DEFAULT_CAPS, ...caps };
	const deps = { ...space, clock, store, log, caps: { current: () => state } };
	const spend = createSpend(deps);
	const inFlight = createInFlight(deps);
	let count = 0;
	return {
		spend,
		deps,
		space,
		clock,
		logged,
		warned,
		setCaps: (change: Partial<Caps>) => {
			state = { ...state, ...change };
		},
		async ran(usd: number, fields: Partial<RunRecord> = {}) {
			expectOk(
				await space.runs.append(run(`run-${count++}`, { ended: clock.now(), cost: { usd, unpriced: 0 }, ...fields })),
			);
		},
		/** A turn that runs on a line of its own on this device, with these calls so far. */
		async runs(id: string, steps: readonly ModelStepRecord[]) {
			const line = expectOk(await space.lines.ensure(`line of ${id}`)).id;
			using open = expectOk(await space.lines.open(line));
			expectOk(await open.append([turnOf(id), ...steps]));
			expectOk(await inFlight.put({ line, turn: id as TurnId, partial: '', toolsBegun: [] }));
			return {
				add: async (step: ModelStepRecord) => {
					using again = expectOk(await space.lines.open(line));
					expectOk(await again.append([step]));
				},
			};
		},
	};
}

/** A request of so many characters, and a call of it. */
function next(characters: number, rest: Partial<NextSpend> = {}): NextSpend {
	const request: ModelRequest = {
		system: [],
		tools: [],
		messages: [{ role: 'user', content: 'x'.repeat(characters) }],
		maxTokens: 32_000,
	};
	return { turn: turnOf('own'), steps: [], model: SONNET, request, ...rest };
}

function turnOf(id: string): TurnRecord {
	return {
		kind: 'turn',
		id: id as TurnId,
		at: 0,
		trigger: { type: 'message', message: 'm' as MessageId },
		device: 'device-a' as DeviceId,
		by: 'agent',
		model: SONNET,
		epoch: 'e',
		head: '',
		context: [],
	};
}

function step(
	turn: string,
	at: number,
	counts: { readonly input?: number; readonly output?: number; readonly read?: number },
): ModelStepRecord {
	return {
		kind: 'model-step',
		id: `${turn}-${at}-${counts.input}`,
		turn: turn as TurnId,
		at,
		model: SONNET,
		content: [],
		stop: 'tool_use',
		usage: {
			cache_creation: null,
			cache_creation_input_tokens: null,
			cache_read_input_tokens: counts.read ?? null,
			inference_geo: null,
			input_tokens: counts.input ?? 0,
			output_tokens: counts.output ?? 0,
			output_tokens_details: null,
			server_tool_use: null,
			service_tier: null,
			speed: null,
		},
		durationMs: 0,
	};
}

function run(id: string, fields: Partial<RunRecord>): RunRecord {
	return {
		kind: 'run',
		id,
		line: 'main' as LineId,
		trigger: { type: 'message', message: 'm' as MessageId },
		device: 'device-a' as DeviceId,
		person: 'ada' as PersonId,
		by: 'agent',
		model: SONNET,
		started: fields.ended ?? 0,
		ended: 0,
		outcome: { type: 'answered' },
		modelCalls: 1,
		toolCalls: 0,
		tokens: { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 },
		files: [],
		...fields,
	};
}

describe('the cap of a day', () => {
	it('is on by default: at two dollars nothing more is sent, and below it everything', async () => {
		const world = await createWorld({});
		await world.ran(1.95);
		expect(await world.spend.check(next(300))).toBeUndefined();
		await world.ran(0.045);
		expect(await world.spend.check(next(300))).toEqual({
			type: 'DayCap',
			capUsd: 2,
			spentUsd: 1.995,
			// 100 tokens written to the cache, a thousand said, and the brackets of what is empty.
			nextUsd: expect.closeTo(0.01025, 4),
		});
	});

	it('does not refuse a call of a cent because the longest answer would cost a third of a dollar', async () => {
		const world = await createWorld();
		// 32,000 tokens of output at list price are $0.32.
		await world.ran(1.98);
		expect(await world.spend.check(next(3_000))).toBeUndefined();
	});

	it('refuses what could not be paid for by its input alone, before it is sent', async () => {
		const world = await createWorld();
		await world.ran(1.5);
		expect(await world.spend.check(next(300_000))).toBeUndefined();
		expect(await world.spend.check(next(900_000))).toMatchObject({ type: 'DayCap' });
	});

	it('counts every device of the person who pays, and no other person', async () => {
		const world = await createWorld();
		await world.ran(5, { person: 'bea' as PersonId });
		expect(await world.spend.check(next(300))).toBeUndefined();
		await world.ran(1.2, { device: 'phone' as DeviceId });
		await world.ran(0.8, { device: 'tablet' as DeviceId });
		expect(await world.spend.check(next(300))).toMatchObject({ type: 'DayCap', spentUsd: 2 });
	});

	it('is of the local day, and counts a turn on the day it ended', async () => {
		const world = await createWorld();
		// It is 11:00 in Athens; in Tashkent, three hours ahead, the day began three hours earlier.
		const hoursAgo = (hours: number) => world.clock.now() - hours * 3_600_000;
		await world.ran(1.995, { started: hoursAgo(40), ended: hoursAgo(12) });
		expect(await world.spend.check(next(300))).toBeUndefined();
		world.clock.moveTo('Asia/Tashkent');
		expect(await world.spend.check(next(300))).toMatchObject({ type: 'DayCap' });
		world.clock.moveTo('Europe/Athens');
		await world.ran(1.995, { started: hoursAgo(24 * 30), ended: hoursAgo(1) });
		expect(await world.spend.check(next(300))).toMatchObject({ type: 'DayCap', spentUsd: 1.995 });
		await world.clock.advance(24 * 3_600_000);
		expect(await world.spend.check(next(300))).toBeUndefined();
	});

	it('counts the turn’s own calls, and those of turns that run on other lines of this device', async () => {
		const world = await createWorld();
		await world.ran(1);
		const now = world.clock.now();
		const own = [step('own', now, { output: 50_000 })];
		expect(await world.spend.check(next(300, { steps: own }))).toBeUndefined();
		await world.runs('other', [step('other', now, { output: 48_000 })]);
		expect(await world.spend.check(next(300, { steps: own }))).toMatchObject({ type: 'DayCap', spentUsd: 1.98 });
		// Once it has its row, it is not counted twice.
		world.setCaps({ dayUsd: 2.5 });
		await world.ran(0.48, { id: 'other' });
		expect(await world.spend.check(next(300, { steps: own }))).toBeUndefined();
	});

	it('counts yesterday’s calls of a running turn for yesterday', async () => {
		const world = await createWorld();
		const yesterday = world.clock.now() - 24 * 3_600_000;
		await world.runs('other', [step('other', yesterday, { output: 150_000 })]);
		const steps = [step('own', yesterday, { output: 150_000 })];
		expect(await world.spend.check(next(300, { steps }))).toBeUndefined();
	});

	it('of two calls that each fit, lets only one go until it is known what that one cost', async () => {
		const world = await createWorld();
		await world.ran(1.98);
		const other = await world.runs('other', []);
		const [first, second] = await Promise.all([
			world.spend.check(next(3_000, { turn: turnOf('other') })),
			world.spend.check(next(3_000)),
		]);
		expect(first).toBeUndefined();
		expect(second).toMatchObject({ type: 'DayCap' });
		await other.add(step('other', world.clock.now(), { input: 10 }));
		expect(await world.spend.check(next(3_000))).toBeUndefined();
	});

	it('can be raised for its day, changed, and switched off', async () => {
		const world = await createWorld();
		await world.ran(2.5);
		expect(await world.spend.check(next(300))).toMatchObject({ type: 'DayCap', capUsd: 2 });
		world.setCaps({ raised: { day: '2026-11-20', usd: 4 } });
		expect(await world.spend.check(next(300))).toBeUndefined();
		world.setCaps({ raised: { day: '2026-11-19', usd: 4 } });
		expect(await world.spend.check(next(300))).toMatchObject({ capUsd: 2 });
		world.setCaps({ dayUsd: 3 });
		expect(await world.spend.check(next(300))).toBeUndefined();
		world.setCaps({ dayUsd: 'off' });
		await world.ran(500);
		expect(await world.spend.check(next(900_000))).toBeUndefined();
	});

	it('counts what has no known price at the dearest price, and says how much of that there was', async () => {
		const world = await createWorld();
		const tokens = { input: 0, cacheRead: 0, cacheWrite: 0, output: 40_000 };
		await world.ran(0, { model: 'llama', cost: { usd: 0, unpriced: 1 }, tokens });
		expect(await world.spend.check(next(300))).toBeUndefined();
		await world.ran(0.39);
		expect(await world.spend.check(next(300))).toMatchObject({
			type: 'DayCap',
			capUsd: 2,
			spentUsd: 1.99,
			unpriced: 1,
		});
		// And so is the next call.
		const unknown = await createWorld();
		await unknown.ran(1.97);
		expect(await unknown.spend.check(next(300))).toBeUndefined();
		expect(await unknown.spend.check(next(300, { model: 'llama' }))).toMatchObject({ type: 'DayCap' });
	});

	it('counts a row of an older version, which tells no cost, all the same', async () => {
		const world = await createWorld();
		const { cost: _cost, person: _person, ...old } = run('old', { ended: world.clock.now() });
		expectOk(await world.space.runs.append({ ...old, tokens: { ...old.tokens, output: 50_000 } }));
		expect(await world.spend.check(next(300))).toMatchObject({ type: 'DayCap', spentUsd: 2, unpriced: 1 });
	});

	it('a call that was cut before its usage came counts like the others of its turn', async () => {
		const world = await createWorld({ dayUsd: 'off', turnUsd: 0.1 });
		const now = world.clock.now();
		const cut: ModelStepRecord = { ...step('own', now + 1, {}), stop: 'cut', usage: undefined };
		const steps = [step('own', now, { output: 5_000 }), cut];
		expect(await world.spend.check(next(300, { steps }))).toMatchObject({
			type: 'TurnCap',
			spentUsd: 0.1,
			unpriced: 1,
		});
	});

	it('an account that cannot be read stops nobody, and is logged', async () => {
		const world = await createWorld();
		const runs = { ...world.space.runs, since: async () => err({ type: 'StoreUnavailable', reason: 'x' } as const) };
		const spend = createSpend({ ...world.deps, runs });
		expect(await spend.check(next(300))).toBeUndefined();
		expect(world.warned).toEqual(['spend-unreadable']);
	});
});

describe('the cap of a turn', () => {
	it('ends a turn that went on for too long, whatever the day has left', async () => {
		const world = await createWorld({ turnUsd: 0.5 });
		const steps = [1, 2, 3].map((at) => step('own', at, { output: 10_000 }));
		expect(await world.spend.check(next(300, { steps }))).toBeUndefined();
		const more = [...steps, step('own', 4, { output: 12_000 })];
		const failure = await world.spend.check(next(300, { steps: more }));
		expect(failure).toMatchObject({ type: 'TurnCap', capUsd: 0.5 });
		expect(failure).toHaveProperty('spentUsd', expect.closeTo(0.42, 9));
	});

	it('does not take for unread what the last call of the epoch has left in the cache', async () => {
		const world = await createWorld({ turnUsd: 0.1 });
		const last = step('before', world.clock.now(), { read: 400_000 });
		// Read from the cache $0.04, written anew $1.
		expect(await world.spend.check(next(300, { last }))).toBeUndefined();
		expect(await world.spend.check(next(300, { last: { ...last, at: last.at - 301_000 } }))).toMatchObject({
			type: 'TurnCap',
			spentUsd: 0,
		});
	});
});

it('a day never goes over its cap by more than the output of one call, whatever the calls turn out to take', async () => {
	const random = createSeededRandom(4);
	for (let day = 0; day < 25; day++) {
		const world = await createWorld({ dayUsd: 0.5 + random.fraction() * 2, turnUsd: 'off' });
		const capUsd = world.deps.caps.current().dayUsd;
		let spentUsd = 0;
		for (let turn = 0; ; turn++) {
			const characters = Math.floor(random.fraction() * 200_000);
			const id = `t${day}-${turn}`;
			if (await world.spend.check(next(characters, { turn: turnOf(id) }))) break;
			// A token has four characters of this text, and the answer may be as long as the request allows.
			const usd = ((characters / 4) * 2 * 1.25 + random.fraction() * 32_000 * 10) / 1e6;
			spentUsd += usd;
			await world.ran(usd, { id });
		}
		expect(spentUsd).toBeLessThan(Number(capUsd) + 0.32);
		expect(spentUsd).toBeGreaterThan(Number(capUsd) - 0.2);
	}
});
