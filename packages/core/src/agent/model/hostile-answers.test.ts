import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Model } from '../../ports/model.ts';
import { type AgentWorld, createAgentWorld } from '../../testing/agent-world.ts';
import { createEchoTool } from '../../testing/echo-tools.ts';
import { createMessagesRules } from '../../testing/messages-rules.ts';
import { createQuiet, type Quiet } from '../../testing/quiet.ts';
import { createScriptedModel, type ScriptedAnswer, type ScriptedModel } from '../../testing/scripted-model.ts';
import { createTestClock } from '../../testing/test-clock.ts';
import { wellFormed } from '../../well-formed.ts';
import { answerEvents } from './stream-events.ts';

/** What a model, or something that passes for one, may answer: the turn ends, and the line goes on after it. */
let world: AgentWorld;
let quiet: Quiet;
beforeEach(async () => {
	// A long result is kept as a blob, whose name other threads compute.
	quiet = createQuiet();
	world = await createAgentWorld({ clock: createTestClock({ settle: quiet.settle }) });
});
afterEach(() => {
	world[Symbol.dispose]();
	quiet[Symbol.dispose]();
});

const SEARCH = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'q' } } as const;
const CALL = { type: 'tool_use', id: 'toolu_a', name: 'echo', input: {} } as const;

function call(id: string) {
	return { name: 'echo', input: {}, id };
}

const HOSTILE: readonly (readonly [string, ScriptedAnswer])[] = [
	['a tool that does not exist', { tools: [{ name: 'format_disk', input: {} }] }],
	['a tool whose name is a megabyte', { tools: [{ name: 'x'.repeat(1_000_000), input: {} }] }],
	['a tool named like a property of every object', { tools: [{ name: '__proto__', input: {} }] }],
	['arguments of a megabyte', { tools: [{ name: 'echo', input: { text: 'x'.repeat(1_000_000) } }] }],
	['arguments nested a thousand deep', { tools: [{ name: 'echo', input: nested(1_000) }] }],
	['arguments nested too deep to be kept', { tools: [{ name: 'echo', input: nested(20_000) }] }],
	['arguments that are null', { tools: [{ name: 'echo', input: null }] }],
	['arguments that are a list', { tools: [{ name: 'echo', input: [1, 2] }] }],
	['arguments that are a text', { tools: [{ name: 'echo', input: 'rm -rf' }] }],
	['arguments that poison prototypes', { tools: [{ name: 'echo', input: JSON.parse('{"__proto__":{"a":1}}') }] }],
	['half a character', { text: 'a \ud800 b', tools: [{ name: 'echo', input: { text: '\udfff' } }] }],
	['a call without an id', { tools: [{ name: 'echo', input: {}, id: '' }] }],
	['two calls of one id', { tools: [call('twice'), call('twice')] }],
	['an id with blanks and quotes', { tools: [call('a "b" c')] }],
	['an id of a megabyte', { tools: [call('x'.repeat(1_000_000))] }],
	['a tool named with blanks', { tools: [{ name: 'format disk', input: {} }] }],
	['a tool without a name', { tools: [{ name: '', input: {} }] }],
	['a search that has no result', { content: [SEARCH, { type: 'text', text: 'Well.' }] }],
	['a search that has no result, and a call', { content: [SEARCH, CALL], stop: 'tool_use' }],
	['nothing but a search that has no result', { content: [SEARCH], stop: 'pause_turn' }],
	[
		'thinking without a signature',
		{ content: [{ type: 'thinking', thinking: 'Hm.', signature: '' }, CALL], stop: 'tool_use' },
	],
	[
		'thinking behind its text',
		{
			content: [
				{ type: 'text', text: 'So.' },
				{ type: 'thinking', thinking: 'Hm.', signature: '' },
			],
		},
	],
	['names in its arguments that are half a character', { tools: [{ name: 'echo', input: { '\ud800': 1 } }] }],
	['a hundred calls at once', { tools: Array.from({ length: 100 }, () => ({ name: 'echo', input: {} })) }],
];

describe('an answer with', () => {
	it.each(HOSTILE)('%s is survived, and the line goes on', async (_, answer) => {
		const model = createScriptedModel([answer, { text: 'All right.' }, { text: 'Still here.' }]);
		const { agent } = world.open({ model, tools: [createEchoTool('echo')] });
		await agent.send({ line: world.line, text: 'Go' });
		await world.settle();
		await agent.send({ line: world.line, text: 'Again' });
		await world.settle();
		expect(world.outcomes()).toEqual([{ type: 'answered' }, { type: 'answered' }]);
		expect(agent.live(world.line)).toBeUndefined();
		expect(refusalsOf(model)).toEqual([]);
	});

	it('the same call ids in every answer, as some endpoints count them, runs each call and sends each back', async () => {
		const ran: string[] = [];
		const calls = { tools: [call('call_0'), call('call_1')] };
		const model = createScriptedModel([calls, calls, { text: 'Done.' }, calls, { text: 'Done again.' }]);
		const { agent } = world.open({ model, tools: [createEchoTool('echo', { ran })] });
		for (const text of ['Go', 'Again']) {
			await agent.send({ line: world.line, text });
			await world.settle();
		}
		expect(world.outcomes()).toEqual([{ type: 'answered' }, { type: 'answered' }]);
		expect(ran).toHaveLength(6);
		expect(new Set(ran).size).toBe(6);
		expect(refusalsOf(model)).toEqual([]);
	});

	it('text that never ends is broken off, said so, and its beginning is kept', async () => {
		const model: Model = {
			kind: 'agent',
			id: 'endless',
			async *stream() {
				const [begin, block] = answerEvents({
					id: 'msg',
					model: 'endless',
					content: [{ type: 'text', text: '' }],
					stop: 'end_turn',
				});
				if (begin) yield begin;
				if (block) yield block;
				const text = 'and so on '.repeat(10_000);
				for (let piece = 0; piece < 1_000; piece++) {
					yield { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } };
				}
				throw new Error('nobody stopped it');
			},
		};
		const { agent } = world.open({ model });
		await agent.send({ line: world.line, text: 'Go' });
		await world.settle();
		expect(world.outcomes()).toMatchObject([{ type: 'failed' }]);
		expect(agent.live(world.line)).toBeUndefined();
		expect(world.records()).toContainEqual(expect.objectContaining({ kind: 'model-step', stop: 'cut' }));
	});

	it('blocks or citations that never end is broken off too', async () => {
		const [begin] = answerEvents({ id: 'msg', model: 'endless', content: [], stop: 'end_turn' });
		const open: RawMessageStreamEvent = {
			type: 'content_block_start',
			index: 0,
			content_block: { type: 'text', text: '', citations: null },
		};
		const place = { start_char_index: 0, end_char_index: 1, document_index: 0, document_title: null, file_id: null };
		const cited = { type: 'char_location', cited_text: 'x'.repeat(10_000), ...place } as const;
		const cite: RawMessageStreamEvent = {
			type: 'content_block_delta',
			index: 0,
			delta: { type: 'citations_delta', citation: cited },
		};
		for (const event of [open, cite]) {
			let sent = 0;
			const model: Model = {
				kind: 'agent',
				id: 'endless',
				async *stream() {
					if (begin) yield begin;
					yield open;
					while (++sent < 10_000) yield event;
				},
			};
			const { agent } = world.open({ model });
			await agent.send({ line: world.line, text: 'Go' });
			await world.settle();
			expect(sent).toBeLessThan(5_000);
		}
		expect(world.outcomes()).toMatchObject([{ type: 'failed' }, { type: 'failed' }]);
	});
});

/** What the API itself would refuse of all that the model was asked. */
function refusalsOf({ requests }: ScriptedModel): readonly string[] {
	const rules = createMessagesRules();
	// As the service would have it that paused there.
	rules.issue({ messages: [] }, [{ ...SEARCH, caller: { type: 'direct' } }], 'pause_turn');
	return requests.flatMap(
		({ system, tools, messages, maxTokens }) =>
			rules.refuse(wellFormed({ model: 'm', max_tokens: maxTokens, system, tools, messages })) ?? [],
	);
}

function nested(depth: number): unknown {
	return JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`);
}
