import { describe, expect, it } from 'vitest';
import type { FileId, MessageId, OccurrenceId } from '../ids.ts';
import type { Trigger } from '../space/records.ts';
import { type AgentWorld, createAgentWorld } from '../testing/agent-world.ts';
import { createEchoTool } from '../testing/echo-tools.ts';
import { createScriptedModel } from '../testing/scripted-model.ts';

function kinds(world: AgentWorld): readonly string[] {
	return world.records().map((record) => record.kind);
}

describe('a turn', () => {
	it('is message, epoch, turn, step and end on the line in this order, is accounted for, and leaves no notes', async () => {
		using world = await createAgentWorld();
		const { agent } = world.open({ model: createScriptedModel([{ text: 'Hello Anna.' }]) });
		expect((await agent.send({ line: world.line, text: 'Hi' })).ok).toBe(true);
		await world.settle();
		expect(kinds(world)).toEqual(['message', 'epoch', 'turn', 'model-step', 'turn-end']);
		expect(world.outcomes()).toEqual([{ type: 'answered' }]);
		expect(await world.runs()).toMatchObject([
			{ by: 'agent', modelCalls: 1, toolCalls: 0, tokens: { input: 100, output: 10 } },
		]);
		expect(agent.live(world.line)).toBeUndefined();
		expect([...world.disk.values.keys()]).toEqual([]);
		expect(world.clock.waiting).toBe(0);
	});

	it('sends tool results back first in the next message, in the order the tools were called', async () => {
		using world = await createAgentWorld();
		const model = createScriptedModel([
			{
				thinking: 'Look.',
				tools: [
					{ name: 'look', input: { at: 1 } },
					{ name: 'put', input: { at: 2 } },
				],
			},
			{ text: 'Seen.' },
		]);
		const { agent } = world.open({
			model,
			tools: [createEchoTool('look', { isReadOnly: true }), createEchoTool('put')],
		});
		await agent.send({ line: world.line, text: 'Look and put' });
		await world.settle();
		expect(model.requests[1]?.messages.slice(1)).toMatchObject([
			{ role: 'assistant', content: [{ type: 'thinking' }, { type: 'tool_use' }, { type: 'tool_use' }] },
			{
				role: 'user',
				content: [
					{ type: 'tool_result', tool_use_id: 'toolu_0_0', content: 'look {"at":1}' },
					{ type: 'tool_result', tool_use_id: 'toolu_0_1', content: 'put {"at":2}' },
				],
			},
		]);
		expect(kinds(world).slice(2)).toEqual(['turn', 'model-step', 'tool-step', 'tool-step', 'model-step', 'turn-end']);
	});

	it('runs read-only neighbours together and everything else one by one', async () => {
		using world = await createAgentWorld();
		const log: string[] = [];
		const during = (call: { toolUse: string }) =>
			Promise.resolve(log.push(`+${call.toolUse}`)).then(async () => {
				await new Promise<void>((resolve) => world.clock.setTimer(10, resolve));
				log.push(`-${call.toolUse}`);
			});
		const tools = ['a', 'b', 'c', 'd'].map((id) => ({ id, name: id < 'c' ? 'look' : 'put', input: {} }));
		const model = createScriptedModel([{ tools }, { text: 'Done.' }]);
		const { agent } = world.open({
			model,
			tools: [createEchoTool('look', { isReadOnly: true, during }), createEchoTool('put', { during })],
		});
		await agent.send({ line: world.line, text: 'Go' });
		await world.clock.advance(100);
		expect(log).toEqual(['+a', '+b', '-a', '-b', '+c', '-c', '+d', '-d']);
		expect(world.outcomes()).toEqual([{ type: 'answered' }]);
	});

	it('tells the model of a tool that is not there, and of one that broke, and goes on', async () => {
		using world = await createAgentWorld();
		const breaks = createEchoTool('breaks', {
			during: () => {
				throw new Error('boom');
			},
		});
		const model = createScriptedModel([
			{
				tools: [
					{ name: 'gone', input: {} },
					{ name: 'breaks', input: {} },
				],
			},
			{ text: 'Sorry.' },
		]);
		const { agent } = world.open({ model, tools: [breaks] });
		await agent.send({ line: world.line, text: 'Go' });
		await world.settle();
		expect(model.requests[1]?.messages.at(-1)?.content).toMatchObject([
			{ type: 'tool_result', is_error: true, content: expect.stringContaining('There is no tool "gone"') },
			{ type: 'tool_result', is_error: true, content: expect.stringContaining('boom') },
		]);
	});

	it('ends without another word when a tool says so', async () => {
		using world = await createAgentWorld();
		const silent = {
			...createEchoTool('wrap_up_silently'),
			run: async () => ({ outcome: 'done' as const, result: 'ok', receipts: [], endsTurn: { reason: 'all is well' } }),
		};
		const model = createScriptedModel([{ tools: [{ name: 'wrap_up_silently', input: {} }] }]);
		const { agent } = world.open({ model, tools: [silent] });
		await agent.send({ line: world.line, text: 'Check' });
		await world.settle();
		expect(world.outcomes()).toEqual([{ type: 'silent', reason: 'all is well' }]);
	});

	it('ends after its limit of steps', async () => {
		using world = await createAgentWorld();
		const model = createScriptedModel((_request, call) => ({ tools: [{ name: 'look', input: { call } }] }));
		const { agent } = world.open({ model, tools: [createEchoTool('look', { isReadOnly: true })], maxSteps: 3 });
		await agent.send({ line: world.line, text: 'Go' });
		await world.settle();
		expect(world.outcomes()).toEqual([{ type: 'failed', failure: { type: 'TooManySteps', limit: 3 } }]);
		expect(model.requests).toHaveLength(3);
	});

	it('sends a paused answer back as it is and goes on', async () => {
		using world = await createAgentWorld();
		const model = createScriptedModel([{ text: 'First half,', stop: 'pause_turn' }, { text: ' second half.' }]);
		const { agent } = world.open({ model });
		await agent.send({ line: world.line, text: 'Go' });
		await world.settle();
		expect(model.requests[1]?.messages.at(-1)).toMatchObject({ role: 'assistant', content: [{ text: 'First half,' }] });
		expect(world.outcomes()).toEqual([{ type: 'answered' }]);
	});

	it.each([
		[{ text: 'I', stop: 'refusal', explanation: 'Not that.' } as const, { type: 'refused', explanation: 'Not that.' }],
		[{ text: 'Long', stop: 'max_tokens' } as const, { type: 'truncated', by: 'max_tokens' }],
		[{ text: 'Long', stop: 'model_context_window_exceeded' } as const, { type: 'truncated', by: 'context_window' }],
		[{ text: 'Bye', stop: 'stop_sequence' } as const, { type: 'answered' }],
		[{}, { type: 'failed', failure: { type: 'Unreadable', reason: 'The answer was empty.' } }],
	])('an answer that stopped so: %j has the outcome %j', async (answer, outcome) => {
		using world = await createAgentWorld();
		const { agent } = world.open({ model: createScriptedModel([answer]) });
		await agent.send({ line: world.line, text: 'Go' });
		await world.settle();
		expect(world.outcomes()).toEqual([outcome]);
	});

	it('never runs a call of an answer that broke off, and leaves no call without a result', async () => {
		using world = await createAgentWorld();
		const ran: string[] = [];
		const model = createScriptedModel([
			{ text: 'I will', tools: [{ name: 'put', input: {} }], stop: 'max_tokens' },
			{ text: 'Again.' },
		]);
		const { agent } = world.open({ model, tools: [createEchoTool('put', { ran })] });
		await agent.send({ line: world.line, text: 'Go' });
		await world.settle();
		await agent.send({ line: world.line, text: 'And?' });
		await world.settle();
		expect(ran).toEqual([]);
		expect(model.requests[1]?.messages.at(-1)?.content).toMatchObject([
			{ type: 'tool_result', is_error: true },
			{},
			{},
		]);
	});
});

describe('messages sent meanwhile', () => {
	it('are kept at once, and answered together in the next turn', async () => {
		using world = await createAgentWorld();
		const model = createScriptedModel([{ text: 'One moment', holdAfter: 3 }, { text: 'Both.' }]);
		const { agent } = world.open({ model });
		await agent.send({ line: world.line, text: 'one' });
		await model.held();
		await agent.send({ line: world.line, text: 'two' });
		await agent.send({ line: world.line, text: 'three' });
		expect(kinds(world).filter((kind) => kind === 'message')).toHaveLength(3);
		model.release();
		await world.settle();
		expect(world.outcomes()).toHaveLength(2);
		expect(model.requests[1]?.messages.at(-1)?.content).toMatchObject([
			{ text: expect.stringContaining('<now>') },
			{ text: 'two' },
			{ text: 'three' },
		]);
	});

	it('typed in another tab are answered by the tab that runs the line', async () => {
		using world = await createAgentWorld();
		const model = createScriptedModel([{ text: 'First.', holdAfter: 3 }, { text: 'Second.' }]);
		const first = world.open({ model });
		const second = world.open({ model });
		await first.agent.send({ line: world.line, text: 'one' });
		await model.held();
		await second.agent.send({ line: world.line, text: 'two' });
		await world.settle();
		model.release();
		await world.clock.advance(5000);
		expect(world.outcomes()).toEqual([{ type: 'answered' }, { type: 'answered' }]);
		expect(model.requests).toHaveLength(2);
		expect(world.clock.waiting).toBe(0);
	});

	it('typed in another tab are answered there when the first tab dies', async () => {
		using world = await createAgentWorld();
		const model = createScriptedModel([{ text: 'First.', holdAfter: 3 }, { text: 'Again.' }, { text: 'Second.' }]);
		const first = world.open({ model });
		const second = world.open({ model });
		await first.agent.send({ line: world.line, text: 'one' });
		await model.held();
		await second.agent.send({ line: world.line, text: 'two' });
		await world.settle();
		first.kill();
		await world.clock.advance(5000);
		expect(world.outcomes()).toEqual([{ type: 'answered' }, { type: 'answered' }]);
	});
});

describe('a task', () => {
	const trigger: Trigger & { type: 'task' } = {
		type: 'task',
		task: 'file-1' as FileId,
		path: 'tasks/review.md',
		occurrence: 'occurrence-1' as OccurrenceId,
		message: 'message-1' as MessageId,
	};

	it('has its turn once, however often it is told to run', async () => {
		using world = await createAgentWorld();
		const model = createScriptedModel([{ text: 'Reviewed.' }]);
		const { agent } = world.open({ model });
		await agent.runTask({ line: world.line, trigger, prompt: 'Review the week.' });
		expect(world.outcomes()).toEqual([{ type: 'answered' }]);
		await agent.runTask({ line: world.line, trigger, prompt: 'Review the week.' });
		expect(model.requests).toHaveLength(1);
		expect(JSON.stringify(model.requests[0]?.messages)).toContain('the task \\"tasks/review.md\\"');
		expect(await world.runs()).toMatchObject([{ trigger: { type: 'task', occurrence: 'occurrence-1' } }]);
	});

	it('does not share its turn with what a person says meanwhile', async () => {
		using world = await createAgentWorld();
		const model = createScriptedModel([{ text: 'One.', holdAfter: 3 }, { text: 'Two.' }, { text: 'Three.' }]);
		const { agent } = world.open({ model });
		await agent.send({ line: world.line, text: 'first' });
		await model.held();
		const done = agent.runTask({ line: world.line, trigger, prompt: 'Review the week.' });
		await world.settle();
		await agent.send({ line: world.line, text: 'third' });
		model.release();
		await done;
		await world.settle();
		expect(JSON.stringify(model.requests[1]?.messages)).not.toContain('third');
		expect(JSON.stringify(model.requests[2]?.messages)).toContain('third');
		expect(world.outcomes()).toHaveLength(3);
	});
});

describe('the live turn', () => {
	it('shows thinking, text and tools as they come, and the step is never on screen twice', async () => {
		using world = await createAgentWorld();
		const seen: string[] = [];
		const model = createScriptedModel([
			{ thinking: 'Hmm', text: 'Let me look.', tools: [{ name: 'look', input: { q: 1 } }] },
			{ text: 'There it is.' },
		]);
		const { agent } = world.open({ model, tools: [createEchoTool('look', { isReadOnly: true })] });
		using _listening = agent.subscribe((line) => {
			const live = agent.live(line);
			const stored = world.records().flatMap((record) => (record.kind === 'model-step' ? record.content : []));
			const isTwice = stored.some((block) => block.type === 'text' && block.text === live?.text);
			seen.push(isTwice ? 'twice' : live ? live.phase : 'over');
		});
		await agent.send({ line: world.line, text: 'Go' });
		await world.settle();
		expect(seen.filter((phase, index) => phase !== seen[index - 1])).toEqual([
			'waiting',
			'thinking',
			'writing',
			'tool',
			'waiting',
			'writing',
			'over',
		]);
	});
});

it('an agent disposed of writes nothing more, and the next one takes its turn up', async () => {
	using world = await createAgentWorld();
	const model = createScriptedModel([{ text: 'Never heard', holdAfter: 5 }, { text: 'Heard.' }]);
	const first = world.open({ model });
	await first.agent.send({ line: world.line, text: 'Hi' });
	await model.held();
	const before = world.records().length;
	first.agent[Symbol.dispose]();
	await world.clock.advance(10_000);
	expect(world.records()).toHaveLength(before);
	const second = world.open({ model });
	await second.agent.resume();
	expect(world.outcomes()).toEqual([{ type: 'answered' }]);
});
