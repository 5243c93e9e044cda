import { describe, expect, it } from 'vitest';
import { type AgentWorld, createAgentWorld } from '../../testing/agent-world.ts';
import { createEchoTool } from '../../testing/echo-tools.ts';
import { createScriptedModel } from '../../testing/scripted-model.ts';

function contentOf(world: AgentWorld, stop: string) {
	return world
		.records()
		.flatMap((record) => (record.kind === 'model-step' && record.stop === stop ? [record.content] : []));
}

describe('stop', () => {
	it('keeps the partial answer, asks nothing more, and the next request shows what was said', async () => {
		using world = await createAgentWorld();
		const model = createScriptedModel([{ thinking: 'Hm', text: 'Once upon a time', holdAfter: 8 }, { text: 'Yes.' }]);
		const { agent } = world.open({ model });
		await agent.send({ line: world.line, text: 'Tell me a story' });
		await model.held();
		agent.stop(world.line);
		await world.settle();
		expect(world.outcomes()).toEqual([{ type: 'stopped' }]);
		expect(contentOf(world, 'stopped-by-person')).toEqual([[{ type: 'text', text: 'Once upo' }]]);
		await agent.send({ line: world.line, text: 'Shorter' });
		await world.settle();
		expect(model.requests[1]?.messages).toMatchObject([
			{ role: 'user' },
			{ role: 'assistant', content: [{ type: 'text', text: 'Once upo' }] },
			{ role: 'user' },
		]);
	});

	it('while a tool runs lets that one end, runs no other, and gives each call a result', async () => {
		using world = await createAgentWorld();
		const ran: string[] = [];
		const gate = Promise.withResolvers<void>();
		const tools = [
			{ name: 'put', input: 1, id: 'a' },
			{ name: 'put', input: 2, id: 'b' },
		];
		const model = createScriptedModel([{ tools }]);
		const { agent } = world.open({ model, tools: [createEchoTool('put', { ran, during: () => gate.promise })] });
		await agent.send({ line: world.line, text: 'Go' });
		await world.settle();
		agent.stop(world.line);
		gate.resolve();
		await world.settle();
		expect(ran).toEqual(['a']);
		const steps = world.records().flatMap((record) => (record.kind === 'tool-step' ? [record] : []));
		expect(steps.map(({ toolUse, outcome }) => [toolUse, outcome])).toEqual([
			['a', 'done'],
			['b', 'stopped'],
		]);
		expect(world.outcomes()).toEqual([{ type: 'stopped' }]);
	});

	it('ends the waiting for another try at once', async () => {
		using world = await createAgentWorld();
		const { agent } = world.open({ model: createScriptedModel([{ fail: { type: 'Overloaded' } }]) });
		await agent.send({ line: world.line, text: 'Go' });
		await world.settle();
		agent.stop(world.line);
		await world.settle();
		expect(world.outcomes()).toEqual([{ type: 'stopped' }]);
		expect(world.clock.waiting).toBe(0);
	});
});

describe('a failing call', () => {
	it('is tried three times more, each after a longer wait that shows, then the turn ends with its failure', async () => {
		using world = await createAgentWorld();
		const model = createScriptedModel(() => ({ fail: { type: 'Overloaded' } }));
		const { agent } = world.open({ model });
		await agent.send({ line: world.line, text: 'Go' });
		await world.settle();
		const waits: number[] = [];
		for (let live = agent.live(world.line); live?.retryAt !== undefined; live = agent.live(world.line)) {
			expect(live.failure).toEqual({ type: 'Overloaded' });
			waits.push(live.retryAt - world.clock.now());
			await world.clock.advance(live.retryAt - world.clock.now());
		}
		expect(waits).toHaveLength(3);
		for (const [index, wait] of waits.entries()) {
			expect(wait).toBeGreaterThanOrEqual(500 * 2 ** index);
			expect(wait).toBeLessThanOrEqual(1000 * 2 ** index);
		}
		expect(model.requests).toHaveLength(4);
		expect(world.outcomes()).toEqual([{ type: 'failed', failure: { type: 'Overloaded' } }]);
	});

	it('waits as long as the service asks, and gives up at once when that is too long', async () => {
		using world = await createAgentWorld();
		const model = createScriptedModel([
			{ fail: { type: 'RateLimited', retryAfterMs: 20_000 } },
			{ fail: { type: 'RateLimited', retryAfterMs: 600_000 } },
		]);
		const { agent } = world.open({ model });
		await agent.send({ line: world.line, text: 'Go' });
		await world.settle();
		expect(agent.live(world.line)?.retryAt).toBe(world.clock.now() + 20_000);
		await world.clock.advance(20_000);
		expect(world.outcomes()).toMatchObject([{ type: 'failed', failure: { type: 'RateLimited' } }]);
	});

	it('that was cut keeps its partial on the line, leaves it out of the next request, and answers whole', async () => {
		using world = await createAgentWorld();
		const model = createScriptedModel([{ text: 'Half an answer', endAfter: 4 }, { text: 'A whole answer.' }]);
		const { agent } = world.open({ model });
		await agent.send({ line: world.line, text: 'Go' });
		await world.clock.advance(2000);
		expect(contentOf(world, 'cut')).toEqual([[{ type: 'text', text: 'Half an ' }]]);
		expect(model.requests[1]?.messages).toEqual(model.requests[0]?.messages);
		expect(world.outcomes()).toEqual([{ type: 'answered' }]);
		// The cut call was paid for too.
		expect(await world.runs()).toMatchObject([{ modelCalls: 2, tokens: { input: 200 } }]);
	});

	it.each(['WrongKey', 'NoCredit', 'SpendLimit', 'CorsRefused', 'TooLarge'] as const)(
		'with %s is not tried again',
		async (type) => {
			using world = await createAgentWorld();
			const model = createScriptedModel([{ fail: { type } }]);
			const { agent } = world.open({ model });
			await agent.send({ line: world.line, text: 'Go' });
			await world.clock.advance(60_000);
			expect(world.outcomes()).toEqual([{ type: 'failed', failure: { type } }]);
			expect(model.requests).toHaveLength(1);
		},
	);

	it('is answered again when asked to, with the message sent once and its text still there', async () => {
		using world = await createAgentWorld();
		const model = createScriptedModel([{ fail: { type: 'WrongKey' } }, { text: 'Now.' }]);
		const { agent } = world.open({ model });
		await agent.send({ line: world.line, text: 'Go' });
		await world.settle();
		await agent.retry(world.line);
		await world.settle();
		expect(world.outcomes()).toEqual([{ type: 'failed', failure: { type: 'WrongKey' } }, { type: 'answered' }]);
		const content = JSON.stringify(model.requests[1]?.messages);
		expect(content.match(/"Go"/g)).toHaveLength(1);
		expect(content).toContain('asks for another answer');
		await agent.retry(world.line);
		await world.settle();
		expect(model.requests, 'an answered turn is not answered again').toHaveLength(2);
	});
});

describe('a disk that refuses', () => {
	it('keeps a message from being taken for sent', async () => {
		using world = await createAgentWorld();
		const tab = world.open({ model: createScriptedModel([]) });
		tab.store.faults.isFull = true;
		expect(await tab.agent.send({ line: world.line, text: 'Hi' })).toEqual({
			ok: false,
			error: { type: 'QuotaExceeded' },
		});
		expect(world.records()).toEqual([]);
	});

	it('ends the turn at the step it cannot keep, without asking the model again, and shows why', async () => {
		using world = await createAgentWorld();
		let isFull = false;
		const model = createScriptedModel([{ tools: [{ name: 'put', input: {} }] }, { text: 'Later.' }]);
		const fill = () => {
			isFull = true;
		};
		const tools = [createEchoTool('put', { during: fill })];
		const { agent } = world.open({ model, tools, isDiskFull: () => isFull });
		await agent.send({ line: world.line, text: 'Go' });
		await world.settle();
		expect(model.requests).toHaveLength(1);
		expect(agent.live(world.line)?.failure).toMatchObject({ type: 'NotStored' });
		isFull = false;
		await agent.retry(world.line);
		await world.settle();
		expect(world.outcomes()).toEqual([{ type: 'answered' }]);
		expect(
			model.requests[1]?.messages.at(-1)?.content,
			'what a call did is not known without its record',
		).toMatchObject([{ is_error: true }]);
	});
});

describe('a line that a newer version continued', () => {
	it('keeps what is said and starts no turn, until this app understands it', async () => {
		using world = await createAgentWorld();
		const model = createScriptedModel([{ text: 'Hello.' }, { text: 'At last.' }]);
		const { agent } = world.open({ model });
		await agent.send({ line: world.line, text: 'Hi' });
		await world.settle();
		const stream = world.docs.streams().find((name) => name.startsWith(`line/${world.line}/`));
		if (!stream) throw new Error('a month was begun');
		const opened = await world.docs.open(stream);
		if (!opened.ok) throw new Error(opened.error.type);
		const rows = opened.value.doc.getArray('records');
		rows.push([{ kind: 'from-the-future', critical: true }]);
		const at = rows.length - 1;

		const sent = await agent.send({ line: world.line, text: 'Still there?' });
		await world.settle();
		expect(sent.ok).toBe(true);
		expect(world.records().filter((record) => record.kind === 'message')).toHaveLength(2);
		expect(world.records().filter((record) => record.kind === 'turn')).toHaveLength(1);
		expect(agent.live(world.line)?.failure).toEqual({ type: 'NeedsUpdate' });
		expect(model.requests).toHaveLength(1);

		// What an update would do: the record no longer stands in the way.
		rows.delete(at);
		await world.open({ model }).agent.resume();
		await world.settle();
		expect(world.outcomes()).toEqual([{ type: 'answered' }, { type: 'answered' }]);
		opened.value[Symbol.dispose]();
	});
});
