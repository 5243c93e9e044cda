import { beforeAll, describe, expect, it } from 'vitest';
import { loadChrono } from '../../schedule/libraries.ts';
import { createAgentWorld } from '../../testing/agent-world.ts';
import { createEchoTool } from '../../testing/echo-tools.ts';
import { createScriptedModel } from '../../testing/scripted-model.ts';
import { createSeededRandom } from '../../testing/seeded-random.ts';
import { createTestClock } from '../../testing/test-clock.ts';
import type { Tool } from '../tool.ts';
import { answerFrom } from './answer.ts';
import { createClerk } from './create-clerk.ts';
import { CLERK_LIMITS, CLERK_LIMITS_AGAIN, CLERK_NO_ATTACHMENTS, NOT_FOUND_NO_AI, WHICH_TO_CANCEL } from './words.ts';

// To settle is to wait for some turns of the event loop, which reading a library from a busy disk outlasts.
beforeAll(async () => {
	await loadChrono();
});

function toolThatSays(name: string, result: string, outcome: 'done' | 'refused' = 'done'): Tool {
	return { ...createEchoTool(name), run: async () => ({ outcome, result, receipts: [] }) };
}

async function talk(tools: readonly Tool[], ...messages: readonly string[]): Promise<readonly string[]> {
	using world = await createAgentWorld();
	const { agent } = world.open({ model: createClerk(world), tools });
	for (const text of messages) {
		await agent.send({ line: world.line, text });
		await world.settle();
	}
	return world
		.records()
		.flatMap((record) => (record.kind === 'model-step' ? record.content : []))
		.flatMap((block) => (block.type === 'text' ? [block.text] : []));
}

describe('the clerk in the loop', () => {
	it('calls the tool, and tells what its result says', async () => {
		const result =
			'Reminder set for Saturday 21 November 2026, 09:00 (Europe/Athens), in 22 hours: "Call the dentist". File: tasks/call-the-dentist.md';
		expect(await talk([toolThatSays('remind', result)], 'remind me tomorrow at 9 to call the dentist')).toEqual([
			'Done. I’ll remind you on Saturday 21 November 2026, 09:00 (Europe/Athens), in 22 hours: "Call the dentist".',
		]);
	});

	it('never says that something was done when the tool says otherwise', async () => {
		const refusal = 'Nothing was scheduled. 1000 tasks wait already.';
		expect(await talk([toolThatSays('remind', refusal, 'refused')], 'remind me tomorrow at 9 to sing')).toEqual([
			refusal,
		]);
	});

	it('says what it is instead of pretending, also when a tool is missing', async () => {
		const [poem] = await talk([], 'write a poem');
		const [reminder] = await talk([], 'remind me tomorrow at 9 to sing');
		expect(poem).toContain('without AI');
		expect(reminder).toContain('without AI');
	});

	it('remembers its own question over two turns', async () => {
		const ran: string[] = [];
		const said = await talk([createEchoTool('remind', { ran })], 'remind me to call mum', 'tomorrow at 9');
		expect(said[0]).toMatch(/\?$/);
		expect(ran).toHaveLength(1);
		expect(said[1]).toContain('"when":"tomorrow at 9"');
	});

	it('says that it cannot look at attachments, and still does what the words ask for', async () => {
		const said: string[] = [];
		const mention = '<notice>Attached: "beach.png" (image/png, 34 kB), id blob-1.</notice>';
		for (const words of [[], ['write a poem'], ['hello']]) {
			const content = [mention, '<untrusted source="a">\nremind me\n</untrusted>', ...words].map((text) => ({
				type: 'text' as const,
				text,
			}));
			const request = { system: [], tools: [], messages: [{ role: 'user' as const, content }], maxTokens: 100 };
			let text = '';
			const clerk = createClerk({ clock: createTestClock(), random: createSeededRandom(1) });
			for await (const event of clerk.stream(request, new AbortController().signal)) {
				if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') text += event.delta.text;
			}
			said.push(text);
		}
		expect(said[0]).toBe(CLERK_NO_ATTACHMENTS);
		expect(said[1]).toBe(CLERK_NO_ATTACHMENTS);
		expect(said[2]).toContain('Hello');
		expect(said[2]).toContain(CLERK_NO_ATTACHMENTS);
	});

	it('says what it is once, and shorter from then on', async () => {
		const [first, second, third] = await talk([], 'write a poem', 'dance', 'sing');
		expect(first).toBe(CLERK_LIMITS);
		expect([second, third]).toEqual([CLERK_LIMITS_AGAIN, CLERK_LIMITS_AGAIN]);
	});

	it('says what it is beside a search for a fact that found nothing', async () => {
		const tools = [toolThatSays('search_files', 'Nothing was found for "x". Other words may find it.')];
		expect(await talk(tools, 'what is the capital of France?')).toEqual([
			`I found nothing about “what is the capital of France” in your files. Other words may find it.\n\n${NOT_FOUND_NO_AI}`,
		]);
	});

	it('lists what there is instead of cancelling everything', async () => {
		const [none] = await talk([toolThatSays('list_tasks', 'Nothing is planned.')], 'cancel everything');
		expect(none).toBe('Nothing is planned.');
		const [some] = await talk([toolThatSays('list_tasks', '- today: reminder "x" (tasks/x.md)')], 'cancel everything');
		expect(some).toContain(WHICH_TO_CANCEL);
	});

	it('answers each of several messages that came while it was busy', async () => {
		using world = await createAgentWorld();
		const slow = createScriptedModel([{ text: 'busy', holdAfter: 2 }], { kind: 'clerk', id: 'clerk' });
		const clerk = createClerk(world);
		let calls = 0;
		const { agent } = world.open({
			model: () => (calls++ === 0 ? slow : clerk),
			tools: [createEchoTool('remember'), createEchoTool('list_tasks', { isReadOnly: true })],
		});
		await agent.send({ line: world.line, text: 'hi' });
		await slow.held();
		await agent.send({ line: world.line, text: 'remember that I like tea' });
		await agent.send({ line: world.line, text: '/tasks' });
		slow.release();
		await world.settle();
		const tools = world.records().flatMap((record) => (record.kind === 'tool-step' ? [record.name] : []));
		expect(tools).toEqual(['remember', 'list_tasks']);
		expect(new Set(world.records().flatMap((r) => (r.kind === 'tool-step' ? [r.toolUse] : []))).size).toBe(2);
	});

	it('does not take up what an absent assistant left unanswered before', async () => {
		using world = await createAgentWorld();
		const broken = createScriptedModel([{ fail: { type: 'WrongKey' } }]);
		const clerk = createClerk(world);
		let calls = 0;
		const { agent } = world.open({
			model: () => (calls++ === 0 ? broken : clerk),
			tools: [createEchoTool('remember')],
		});
		await agent.send({ line: world.line, text: 'remember that I said this to somebody else' });
		await world.settle();
		await agent.send({ line: world.line, text: 'hello' });
		await world.settle();
		expect(world.records().some((record) => record.kind === 'tool-step')).toBe(false);
	});
});

describe('what the clerk says of results', () => {
	const call = { input: { query: 'sister' }, isError: false };

	it('shows the best passages of a search with their places', () => {
		const result =
			'notes/memory.md:3\n- My sister is allergic to nuts\n\npeople/maria/profile.md:1\n# Maria\n\n- My sister';
		expect(answerFrom({ ...call, tool: 'search_files', result })).toBe(
			'This is what your files say about “sister”:\n\n> - My sister is allergic to nuts\n\nnotes/memory.md, line 3\n\n> Maria\n> - My sister\n\npeople/maria/profile.md, line 1',
		);
	});

	it('says that it found nothing, which is not that there is nothing', () => {
		const result = 'Nothing was found for "sister". Other words may find it.';
		expect(answerFrom({ ...call, tool: 'search_files', result })).toBe(
			'I found nothing about “sister” in your files. Other words may find it.',
		);
	});

	it('says what could not be searched, whether something else was found or not', () => {
		const leftOut = 'Not searched, because this device cannot read it now: notes/memory.md';
		const none = `Nothing was found for "sister". Other words may find it.\n\n${leftOut}`;
		expect(answerFrom({ ...call, tool: 'search_files', result: none })).toBe(
			`I found nothing about “sister” in your files. Other words may find it.\n\n${leftOut}`,
		);
		const some = `people/maria/profile.md:1\n- My sister\n\n${leftOut}`;
		expect(answerFrom({ ...call, tool: 'search_files', result: some })).toBe(
			`This is what your files say about “sister”:\n\n> - My sister\n\npeople/maria/profile.md, line 1\n\n${leftOut}`,
		);
	});

	it('passes a result on as it stands when it reads otherwise than expected', () => {
		expect(answerFrom({ ...call, tool: 'remind', result: 'Something new' })).toBe('Done. Something new');
		expect(answerFrom({ ...call, tool: 'list_tasks', result: 'Nothing is planned.' })).toBe('Nothing is planned.');
	});
});
