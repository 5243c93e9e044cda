import { describe, expect, it } from 'vitest';
import { utf8 } from '../../bytes.ts';
import type { BlobId, DeviceId, FileId, LineId, OccurrenceId, PersonId, TurnId } from '../../ids.ts';
import type { EpochRecord, TurnRecord } from '../../space/records.ts';
import { type AgentTab, type AgentWorld, createAgentWorld } from '../../testing/agent-world.ts';
import { createEchoTool } from '../../testing/echo-tools.ts';
import { createScriptedModel, type ScriptedModel } from '../../testing/scripted-model.ts';
import type { ToolCall } from '../tool.ts';

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

/** Blobs are hashed and read in their own time. */
async function ended(world: AgentWorld, turns: number): Promise<void> {
	for (let tries = 0; world.outcomes().length < turns && tries < 10_000; tries++) await world.settle();
	expect(world.outcomes()).toHaveLength(turns);
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
		expect(said(model, 8).length).toBeLessThan(20_000);
		expect(said(model, 8)).toContain('message 5');
	});

	it.each([{ fail: { type: 'TooLarge' } }, { text: 'And', stop: 'model_context_window_exceeded' }] as const)(
		'is narrowed and the message answered once more by itself when it outgrew the window: %j',
		async (answer) => {
			using world = await createAgentWorld();
			const model = createScriptedModel((_, call) => (call === 6 ? answer : { text: 'x'.repeat(6000) }));
			const tab = world.open({ model });
			for (let message = 0; message < 7; message++) await say(world, tab, `message ${message}`);
			expect(model.requests).toHaveLength(8);
			expect(epochs(world)).toHaveLength(2);
			expect(said(model, 7).length).toBeLessThan(20_000);
			expect(said(model, 7)).toContain('message 6');
			expect(said(model, 7)).toContain('another answer');
			expect(world.outcomes().at(-1)).toEqual({ type: 'answered' });
		},
	);

	it('is narrowed by itself once: what still does not fit is left to the person', async () => {
		using world = await createAgentWorld();
		const model = createScriptedModel((_, call) => (call === 0 ? { text: 'Hi' } : { fail: { type: 'TooLarge' } }));
		const tab = world.open({ model });
		for (const text of ['one', 'two']) await say(world, tab, text);
		expect(model.requests).toHaveLength(3);
		expect(world.outcomes()).toMatchObject([{ type: 'answered' }, { type: 'failed' }, { type: 'failed' }]);
	});

	it('never does again what the turn had done before it outgrew the window: the narrow request tells it', async () => {
		using world = await createAgentWorld();
		const ran: string[] = [];
		const model = createScriptedModel([
			{ text: 'y'.repeat(40_000) },
			{ tools: [{ name: 'put', input: { a: 1 } }] },
			{ fail: { type: 'TooLarge' } },
			{ text: 'Done.' },
		]);
		const tab = world.open({ model, tools: [createEchoTool('put', { ran })] });
		for (const text of ['one', 'two']) await say(world, tab, text);
		expect(ran).toHaveLength(1);
		expect(said(model, 3)).toContain('"tool_result"');
		expect(said(model, 3)).not.toContain('yyy');
		expect(world.outcomes().at(-1)).toEqual({ type: 'answered' });
	});

	it('sends what was attached in it whole each time, and names it in the next one', async () => {
		using world = await createAgentWorld();
		const model = plainModel();
		const tab = world.open({ model });
		const blob = await world.space.blobs.put(utf8('Flour, eggs'));
		if (!blob.ok) throw new Error(blob.error.type);
		const attached = { blob: blob.value, name: 'list.txt', mediaType: 'text/plain', sizeBytes: 11 };
		await tab.agent.send({ line: world.line, text: 'see', attachments: [attached] });
		await ended(world, 1);
		await tab.agent.send({ line: world.line, text: 'two' });
		await ended(world, 2);
		expect(said(model, 1)).toContain('Flour, eggs');
		expect(said(model, 1).startsWith(said(model, 0).slice(0, -2))).toBe(true);
		const by = { type: 'person', ...world.space.self } as const;
		await world.space.files.write({ path: 'SOUL.md', text: 'Be a pirate.' }, by);
		await say(world, tab, 'three');
		expect(said(model, 2)).not.toContain('Flour, eggs');
		expect(said(model, 2)).toContain('list.txt');
	});

	it('ends where an attachment of it was lost, so that the line goes on without it', async () => {
		using world = await createAgentWorld();
		const model = plainModel();
		const tab = world.open({ model });
		const attached = { blob: 'gone' as BlobId, name: 'gone.txt', mediaType: 'text/plain', sizeBytes: 5 };
		await tab.agent.send({ line: world.line, text: 'see', attachments: [attached] });
		await world.clock.advance(600_000);
		expect(world.outcomes()).toEqual([{ type: 'failed', failure: { type: 'AttachmentMissing', name: 'gone.txt' } }]);
		await say(world, tab, 'never mind');
		expect(world.outcomes().at(-1)).toEqual({ type: 'answered' });
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
		expect(said(model, 1)).toContain('20 days since the last message');
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

describe('the head of a turn', () => {
	it('tells which files others changed since the last turn, and who', async () => {
		using world = await createAgentWorld();
		const { files, directory, self } = world.space;
		const model = plainModel();
		const tab = world.open({ model });
		await say(world, tab, 'one');
		await directory.namePerson('ben' as PersonId, 'Ben');
		await directory.nameDevice('phone' as DeviceId, 'The phone');
		await files.write({ path: 'notes/own.md', text: 'new' }, { type: 'person', ...self });
		const ben = { person: 'ben' as PersonId, device: 'phone' as DeviceId };
		await files.write({ path: 'notes/ben.md', text: 'new' }, { type: 'person', ...ben });
		const elsewhere = { line: 'work' as LineId, turn: 'other' as TurnId };
		await files.write({ path: 'notes/agent.md', text: 'new' }, { type: 'agent', ...self, ...elsewhere });
		await files.remove('notes/ben.md', { type: 'clerk', ...self });
		await say(world, tab, 'two');
		await say(world, tab, 'three');
		const head = turns(world)[1]?.head;
		expect(head).toContain('"notes/own.md" (by anna on this device)');
		expect(head).toContain('"notes/agent.md" (by you, from the line "work")');
		expect(head).toContain('"notes/ben.md" (deleted by "Ben" (ben) on "The phone" and the clerk)');
		expect(turns(world)[2]?.head).not.toContain('notes/');
	});

	it('does not tell of what the last turn changed itself, but of what was changed while it ran', async () => {
		using world = await createAgentWorld();
		const { files, self } = world.space;
		const write = (path: string, call?: ToolCall) =>
			files.append({ path, text: 'line' }, call ? call.actor : { type: 'person', ...self });
		const put = createEchoTool('put', {
			async during(call) {
				world.clock.jump(1000);
				await write('notes/agent.md', call);
				await write('notes/both.md', call);
				await write('notes/both.md');
				await write('notes/person.md');
			},
		});
		const model = createScriptedModel([{ tools: [{ name: 'put', input: {} }] }, { text: 'Done.' }, { text: 'Yes.' }]);
		const tab = world.open({ model, tools: [put] });
		for (const text of ['one', 'two']) await say(world, tab, text);
		const head = turns(world)[1]?.head;
		expect(head).not.toContain('notes/agent.md');
		expect(head).toContain('"notes/both.md" (by anna on this device)');
		expect(head).toContain('"notes/person.md" (by anna on this device)');
	});

	it('tells what people put on messages and answers, as it stands now', async () => {
		using world = await createAgentWorld();
		const tab = world.open({ model: plainModel() });
		await say(world, tab, 'one');
		const turn = turns(world)[0]?.id ?? ('' as TurnId);
		for (const emoji of ['🎉', '👍']) await tab.agent.react({ line: world.line, to: { turn }, emoji });
		await say(world, tab, 'two');
		await say(world, tab, 'three');
		expect(turns(world)[1]?.head).toContain('Reactions since your last turn: anna put "👍" on your answer "Yes.".');
		expect(turns(world)[2]?.head).not.toContain('Reactions');
	});
});
