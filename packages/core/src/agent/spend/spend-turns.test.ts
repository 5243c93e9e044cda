import { describe, expect, it } from 'vitest';
import type { DeviceId } from '../../ids.ts';
import { type AgentWorld, createAgentWorld } from '../../testing/agent-world.ts';
import { createEchoTool } from '../../testing/echo-tools.ts';
import { createMemoryStore } from '../../testing/memory-store.ts';
import { createScriptedModel } from '../../testing/scripted-model.ts';
import { type Caps, DEFAULT_CAPS } from './caps.ts';
import { createSpend, type Spend } from './spend.ts';

const SONNET = { id: 'claude-sonnet-5-5' };
/** A call of the script takes 100 tokens in and 10 out. */
const CALL_USD = 0.0003;

/** Caps over the world's own space, as they stand at each call. */
function spendOf(world: AgentWorld, caps: () => Caps): Spend {
	const log = { info() {}, warn() {} };
	const store = createMemoryStore(world.disk);
	return createSpend({ ...world.space, clock: world.clock, store, log, caps: { current: caps } });
}

describe('a turn that may not be paid for', () => {
	it('ends before its call is sent, has a row that cost nothing, and is answered once the cap is raised', async () => {
		using world = await createAgentWorld();
		const model = createScriptedModel([{ text: 'Here it is.' }], SONNET);
		let caps: Caps = { ...DEFAULT_CAPS, dayUsd: 0.001 };
		const { agent } = world.open({ model, spend: spendOf(world, () => caps) });
		await agent.send({ line: world.line, text: 'Hi' });
		await world.settle();
		expect(model.requests).toEqual([]);
		expect(world.outcomes()).toMatchObject([
			{ type: 'failed', failure: { type: 'DayCap', capUsd: 0.001, spentUsd: 0 } },
		]);
		expect(await world.runs()).toMatchObject([{ modelCalls: 0, cost: { usd: 0, unpriced: 0 } }]);
		// Nothing is tried again by itself.
		await world.clock.advance(3_600_000);
		expect(model.requests).toEqual([]);

		caps = { ...caps, raised: { day: '2026-11-20', usd: 2 } };
		await agent.retry(world.line);
		await world.settle();
		expect(model.requests).toHaveLength(1);
		expect(world.outcomes().at(-1)).toEqual({ type: 'answered' });
	});

	it('is ended in the middle when its own cap is reached, and keeps what was done', async () => {
		using world = await createAgentWorld();
		const ran: string[] = [];
		const model = createScriptedModel((_, call) => ({ tools: [{ name: 'put', input: { call } }] }), SONNET);
		const put = createEchoTool('put', { ran });
		const { agent } = world.open({
			model,
			tools: [put],
			maxSteps: 200,
			spend: spendOf(world, () => ({ dayUsd: 2, turnUsd: 0.03 })),
		});
		await agent.send({ line: world.line, text: 'Go' });
		await world.settle();
		const [outcome] = world.outcomes();
		expect(outcome).toMatchObject({ type: 'failed', failure: { type: 'TurnCap', capUsd: 0.03 } });
		expect(model.requests.length).toBeGreaterThan(10);
		expect(ran).toHaveLength(model.requests.length);
		const [row] = await world.runs();
		expect(row?.cost?.usd).toBeCloseTo(model.requests.length * CALL_USD, 9);
	});
});

it('the day’s cap counts the turns before, also those of another device of the person, over a restart of the tab', async () => {
	using world = await createAgentWorld();
	const model = createScriptedModel([{ text: 'Yes.' }, { text: 'Yes again.' }], SONNET);
	const open = () => world.open({ model, spend: spendOf(world, () => DEFAULT_CAPS) });
	const first = open();
	await first.agent.send({ line: world.line, text: 'One?' });
	await world.settle();
	first.kill();
	const [row] = await world.runs();
	expect(row).toMatchObject({ person: 'anna', cost: { usd: CALL_USD, unpriced: 0 } });
	if (!row) throw new Error('no row');
	await world.space.runs.append({
		...row,
		id: 'elsewhere',
		device: 'phone' as DeviceId,
		cost: { usd: 1.995, unpriced: 0 },
	});
	await open().agent.send({ line: world.line, text: 'Two?' });
	await world.settle();
	expect(model.requests).toHaveLength(1);
	expect(world.outcomes().at(-1)).toMatchObject({ failure: { type: 'DayCap', spentUsd: 1.9953 } });
});

it('a turn that goes in circles ends after four rounds, and is told as that', async () => {
	using world = await createAgentWorld();
	const model = createScriptedModel(() => ({ tools: [{ name: 'look', input: { at: 1 } }] }));
	const { agent } = world.open({ model, tools: [createEchoTool('look', { isReadOnly: true })] });
	await agent.send({ line: world.line, text: 'Look' });
	await world.settle();
	expect(model.requests).toHaveLength(4);
	expect(world.outcomes()).toEqual([{ type: 'failed', failure: { type: 'Loop', tool: 'look', times: 4 } }]);
});
