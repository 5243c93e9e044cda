import { describe, expect, it } from 'vitest';
import type { FileId, OccurrenceId } from '../ids.ts';
import type { EpochRecord, TurnRecord } from '../space/records.ts';
import { type AgentTab, type AgentWorld, createAgentWorld } from '../testing/agent-world.ts';
import { createEchoTool } from '../testing/echo-tools.ts';
import { createScriptedModel, type ScriptedModel } from '../testing/scripted-model.ts';

function epochs(world: AgentWorld): readonly EpochRecord[] {
	return world.records().flatMap((record) => (record.kind === 'epoch' ? [record] : []));
}

function turns(world: AgentWorld): readonly TurnRecord[] {
	return world.records().flatMap((record) => (record.kind === 'turn' ? [record] : []));
}

async function say(world: AgentWorld, tab: AgentTab, text: string): Promise<void> {
	await tab.agent.send({ line: world.line, text });
	await world.clock.advance(60_000);
}

function plainModel(id = 'claude-one'): ScriptedModel {
	return createScriptedModel(() => ({ thinking: 'Hm.', text: 'Yes.' }), { id });
}

function said(model: ScriptedModel, request: number): string {
	return JSON.stringify(model.requests[request]?.messages);
}

describe('an epoch', () => {
	it('goes on from turn to turn with the same bytes of system and tools, and a list that only grows', async () => {
		using world = await createAgentWorld();
		const model = plainModel();
		const tab = world.open({ model, tools: [createEchoTool('look')] });
		for (const text of ['one', 'two', 'three']) await say(world, tab, text);
		expect(epochs(world)).toHaveLength(1);
		const [first, second, third] = turns(world).map((turn) => turn.context);
		expect(second?.slice(0, first?.length)).toEqual(first);
		expect(third?.slice(0, second?.length)).toEqual(second);
		for (const request of model.requests) {
			expect(JSON.stringify([request.system, request.tools])).toBe(
				JSON.stringify([epochs(world)[0]?.system, epochs(world)[0]?.tools]),
			);
		}
		expect(said(model, 2)).toContain('"thinking":"Hm."');
	});

	it('holds the base prompt, SOUL and PRACTICE, in this order', async () => {
		using world = await createAgentWorld();
		const tab = world.open({ model: plainModel() });
		await say(world, tab, 'one');
		const [epoch] = epochs(world);
		expect(epoch?.system).toHaveLength(3);
		expect(epoch?.system[0]?.text).toContain('inside Pocketeer');
		expect(epoch?.system[1]?.text).toContain('<file path="SOUL.md">\n# Soul');
		expect(epoch?.system[2]?.text).toContain('<file path="PRACTICE.md">');
	});

	it.each(['SOUL.md', 'PRACTICE.md'])(
		'ends when %s was changed: the next one sends the talk so far without thinking',
		async (path) => {
			using world = await createAgentWorld();
			const model = plainModel();
			const tab = world.open({ model });
			await say(world, tab, 'one');
			await world.space.files.write({ path, text: 'Be a pirate.' }, { type: 'person', ...world.space.self });
			await say(world, tab, 'two');
			expect(epochs(world)).toHaveLength(2);
			expect(JSON.stringify(model.requests[1]?.system)).toContain('pirate');
			expect(said(model, 1)).toContain('"one"');
			expect(said(model, 1)).not.toContain('thinking');
		},
	);

	it('ends when the tools or the model change', async () => {
		using world = await createAgentWorld();
		await say(world, world.open({ model: plainModel() }), 'one');
		await say(world, world.open({ model: plainModel(), tools: [createEchoTool('look')] }), 'two');
		await say(world, world.open({ model: plainModel('claude-two'), tools: [createEchoTool('look')] }), 'three');
		expect(epochs(world)).toHaveLength(3);
	});

	it('ends after a request that was too large, and sends less', async () => {
		using world = await createAgentWorld();
		let isFull = false;
		const model = createScriptedModel(() => (isFull ? { fail: { type: 'TooLarge' } } : { text: 'x'.repeat(6000) }));
		const tab = world.open({ model });
		for (let message = 0; message < 6; message++) await say(world, tab, `message ${message}`);
		isFull = true;
		await say(world, tab, 'too much');
		isFull = false;
		await say(world, tab, 'again');
		expect(epochs(world)).toHaveLength(2);
		expect(said(model, 7).length).toBeLessThan(20_000);
		expect(said(model, 7)).toContain('message 5');
	});

	it('ends after a refusal, which is left behind', async () => {
		using world = await createAgentWorld();
		const model = createScriptedModel([{ text: 'Hi' }, { text: 'I', stop: 'refusal' }, { text: 'Gladly.' }]);
		const tab = world.open({ model });
		for (const text of ['hello', 'something bad', 'something good']) await say(world, tab, text);
		expect(said(model, 2)).toContain('hello');
		expect(said(model, 2)).not.toContain('something bad');
	});

	it('begins with at most twenty turns, and is renewed before its lists grow without bound', async () => {
		using world = await createAgentWorld();
		const model = createScriptedModel(() => ({ text: 'Yes.' }));
		const tab = world.open({ model });
		for (let message = 0; message < 65; message++) await say(world, tab, `message ${message}`);
		expect(epochs(world)).toHaveLength(2);
		expect(Math.max(...turns(world).map((turn) => turn.context.length))).toBeLessThanOrEqual(120);
		const renewed = turns(world).find((turn) => turn.epoch === epochs(world)[1]?.id);
		expect(renewed?.context.filter((item) => 'turn' in item)).toHaveLength(20);
		expect(renewed?.context[0]).toHaveProperty('message');
	});

	it('goes on across the end of a month and a restart', async () => {
		using world = await createAgentWorld();
		const model = plainModel();
		await say(world, world.open({ model }), 'in November');
		await world.clock.advance(20 * 86_400_000);
		await say(world, world.open({ model }), 'in December');
		expect(epochs(world)).toHaveLength(1);
		expect(said(model, 1)).toContain('in November');
		expect(said(model, 1)).toMatch(/2[78]\d\d\d minutes since the last message/);
	});
});

it('a reminder that was shown meanwhile is told as a notice, in the turn that sees it first and ever after', async () => {
	using world = await createAgentWorld();
	const model = plainModel();
	const tab = world.open({ model });
	await say(world, tab, 'one');
	const opened = await world.space.lines.open(world.line);
	if (!opened.ok) throw new Error(opened.error.type);
	using line = opened.value;
	const due = world.clock.now();
	await line.append([
		{ kind: 'reminder', id: 'o1' as OccurrenceId, at: due, due, task: 'f1' as FileId, text: 'Pasta off' },
	]);
	await say(world, tab, 'two');
	await say(world, tab, 'three');
	const [, second = '', third = ''] = model.requests.map((request) => JSON.stringify(request.messages));
	expect(second).toContain('<notice>The app showed this reminder on the line: ');
	expect(second).toContain('were due: Friday 20 November 2026');
	expect(third.match(/Pasta off/g)).toHaveLength(1);
	// Byte for byte: what was sent is sent again.
	expect(third.startsWith(second.slice(0, -2))).toBe(true);
});

it('tells which files changed since the last turn', async () => {
	using world = await createAgentWorld();
	const model = plainModel();
	const tab = world.open({ model });
	await say(world, tab, 'one');
	await world.space.files.write({ path: 'notes/new.md', text: 'new' }, { type: 'person', ...world.space.self });
	await say(world, tab, 'two');
	await say(world, tab, 'three');
	expect(turns(world)[1]?.head).toContain('"notes/new.md"');
	expect(turns(world)[2]?.head).not.toContain('notes/new.md');
});
