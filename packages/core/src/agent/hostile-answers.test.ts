import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Model } from '../ports/model.ts';
import { type AgentWorld, createAgentWorld } from '../testing/agent-world.ts';
import { createEchoTool } from '../testing/echo-tools.ts';
import { createScriptedModel, type ScriptedAnswer } from '../testing/scripted-model.ts';

import { answerEvents } from './stream-events.ts';

/** What a model, or something that passes for one, may answer: the turn ends, and the line goes on after it. */
let world: AgentWorld;
beforeEach(async () => {
	world = await createAgentWorld();
});
afterEach(() => world[Symbol.dispose]());

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
});

function nested(depth: number): unknown {
	return JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`);
}
