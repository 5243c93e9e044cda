import { describe, expect, it } from 'vitest';
import type { ModelRequest } from '../../ports/model.ts';
import { type AgentWorld, createAgentWorld, type TabOptions } from '../../testing/agent-world.ts';
import { createEchoTool } from '../../testing/echo-tools.ts';
import { createMessagesRules } from '../../testing/messages-rules.ts';
import { createScriptedModel, type ScriptedAnswer } from '../../testing/scripted-model.ts';
import { type IndexedTurn, indexLine } from '../line/line-index.ts';

/** Looks twice, puts (not idempotent), keeps (idempotent), answers; asked anew, it goes on from where it stands. */
function nextAnswer({ messages }: ModelRequest): ScriptedAnswer {
	if (messages.some((message) => message.role === 'assistant')) return { text: 'All done.' };
	const tools = ['look', 'look', 'put', 'keep'].map((name, index) => ({ name, input: { index }, id: `use_${index}` }));
	return { text: 'I will.', tools };
}

function tabOptions(ran: string[], dieAt?: NonNullable<TabOptions['dieAt']>): TabOptions {
	const rules = createMessagesRules();
	const model = createScriptedModel((request) => {
		const { maxTokens, cache: _, ...rest } = request;
		expect(rules.refuse({ model: 'claude', max_tokens: maxTokens, ...rest })).toBeUndefined();
		return nextAnswer(request);
	});
	return {
		model,
		tools: [
			createEchoTool('look', { isReadOnly: true, isIdempotent: true, ran }),
			createEchoTool('put', { ran }),
			createEchoTool('keep', { isIdempotent: true, ran }),
		],
		...(dieAt ? { dieAt } : {}),
	};
}

function onlyTurn(world: AgentWorld): IndexedTurn {
	const [turn, ...others] = indexLine(world.records()).turns.values();
	expect(others).toEqual([]);
	if (!turn) throw new Error('no turn');
	return turn;
}

async function runAndKill(world: AgentWorld, dieAt: NonNullable<TabOptions['dieAt']>): Promise<string[]> {
	const ran: string[] = [];
	const first = world.open(tabOptions(ran, dieAt));
	void first.agent.send({ line: world.line, text: 'Go' });
	await world.clock.advance(1000);
	expect(first.isDead, `it dies at effect ${dieAt.effect}`).toBe(true);
	const second = world.open(tabOptions(ran));
	await second.agent.resume();
	await world.clock.advance(1000);
	return ran;
}

async function countEffects(): Promise<number> {
	using world = await createAgentWorld();
	const tab = world.open(tabOptions([]));
	await tab.agent.send({ line: world.line, text: 'Go' });
	await world.settle();
	expect(world.outcomes()).toEqual([{ type: 'answered' }]);
	return tab.effects;
}

describe('a tab that dies at any moment of a turn', async () => {
	const effects = await countEffects();
	for (const when of ['before', 'after'] as const) {
		for (let effect = 1; effect <= effects; effect++) {
			it(`${when} effect ${effect} of ${effects}: the next one ends the turn, and no call is run or answered twice`, async () => {
				using world = await createAgentWorld();
				const ran = await runAndKill(world, { effect, when });
				if (!world.records().some((record) => record.kind === 'message')) {
					// Nothing was promised yet: `send` had not resolved.
					expect(world.records()).toEqual([]);
					return;
				}
				const turn = onlyTurn(world);
				expect(world.outcomes()).toEqual([{ type: 'answered' }]);
				expect(ran.filter((id) => id === 'use_2').length, 'a call that is not idempotent').toBeLessThanOrEqual(1);
				expect([...turn.toolSteps.keys()].sort()).toEqual(['use_0', 'use_1', 'use_2', 'use_3']);
				const steps = world.records().filter((record) => record.kind === 'tool-step');
				expect(steps, 'one result a call').toHaveLength(4);
				const put = turn.toolSteps.get('use_2');
				expect(['done', 'unknown']).toContain(put?.outcome);
				if (put?.outcome === 'done') expect(ran).toContain('use_2');
				expect(await world.runs()).toHaveLength(1);
				expect([...world.disk.values.keys()]).toEqual([]);
			});
		}
	}
});

it('what had been written when the tab died stays on the line as cut, and the answer is asked for again', async () => {
	using world = await createAgentWorld();
	const model = createScriptedModel([{ text: 'Once upon a time there was', holdAfter: 5 }, { text: 'The end.' }]);
	const first = world.open({ model });
	await first.agent.send({ line: world.line, text: 'Tell' });
	await model.held();
	await world.clock.advance(300);
	first.kill();
	const second = world.open({ model });
	await second.agent.resume();
	expect(onlyTurn(world).modelSteps.map(({ stop, content }) => [stop, content])).toMatchObject([
		['cut', [{ type: 'text', text: 'Once upon a ' }]],
		['end_turn', [{ type: 'text', text: 'The end.' }]],
	]);
	expect(model.requests[1]?.messages).toEqual(model.requests[0]?.messages);
});

it('writes the growing answer down at most every 300 ms', async () => {
	using world = await createAgentWorld();
	const model = createScriptedModel([{ text: 'word '.repeat(50), holdAfter: 20 }]);
	const tab = world.open({ model });
	let writes = 0;
	tab.store.faults.pace = async (method) => {
		if (method === 'putValues') writes++;
	};
	await tab.agent.send({ line: world.line, text: 'Tell' });
	await model.held();
	const before = writes;
	await world.clock.advance(299);
	expect(writes - before).toBe(0);
	await world.clock.advance(1);
	expect(writes - before).toBe(1);
	const [kept] = [...world.disk.values].filter(([key]) => key.startsWith('turn/'));
	expect(kept?.[1]).toMatchObject({ partial: expect.stringMatching(/^(word )+/) });
	await world.clock.advance(1000);
	expect(writes - before, 'nothing new, nothing written').toBe(1);
});

it('a turn whose tab is alive is left alone', async () => {
	using world = await createAgentWorld();
	const model = createScriptedModel([{ text: 'Slowly', holdAfter: 4 }]);
	const first = world.open({ model });
	await first.agent.send({ line: world.line, text: 'Go' });
	await model.held();
	const second = world.open({ model });
	await second.agent.resume();
	expect(model.requests).toHaveLength(1);
	model.release();
	await world.settle();
	expect(world.outcomes()).toEqual([{ type: 'answered' }]);
});

it('a turn is not continued by another model: it ends as cut, and can be answered again', async () => {
	using world = await createAgentWorld();
	const first = world.open({ model: createScriptedModel([{ text: 'Slowly', holdAfter: 4 }]) });
	await first.agent.send({ line: world.line, text: 'Go' });
	await world.settle();
	first.kill();
	const other = createScriptedModel([{ text: 'Me instead.' }], { id: 'claude-other' });
	const second = world.open({ model: other });
	await second.agent.resume();
	expect(world.outcomes()).toEqual([{ type: 'failed', failure: { type: 'Cut' } }]);
	await second.agent.retry(world.line);
	await world.settle();
	expect(world.outcomes().at(-1)).toEqual({ type: 'answered' });
});

it('a note of a message that never came to be is dropped after a while', async () => {
	using world = await createAgentWorld();
	const first = world.open({ model: createScriptedModel([]), dieAt: { effect: 1, when: 'after' } });
	void first.agent.send({ line: world.line, text: 'Lost with the tab' });
	await world.settle();
	expect([...world.disk.values.keys()]).toHaveLength(1);
	await world.clock.advance(61_000);
	await world.open({ model: createScriptedModel([]) }).agent.resume();
	expect([...world.disk.values.keys()]).toEqual([]);
	expect(world.records()).toEqual([]);
});
