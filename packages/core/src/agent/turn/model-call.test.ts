import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Model } from '../../ports/model.ts';
import { type AgentWorld, createAgentWorld } from '../../testing/agent-world.ts';
import { createEchoTool } from '../../testing/echo-tools.ts';
import { createScriptedModel } from '../../testing/scripted-model.ts';
import { answerEvents, NO_USAGE } from '../model/stream-events.ts';

let world: AgentWorld;
beforeEach(async () => {
	world = await createAgentWorld();
});
afterEach(() => world[Symbol.dispose]());

const SECOND = 1000;
const EVENTS = [
	...answerEvents({
		id: 'msg',
		model: 'slow',
		content: [{ type: 'text', text: 'Half of it.' }],
		stop: 'end_turn',
		usage: { ...NO_USAGE, input_tokens: 700, output_tokens: 9 },
	}),
];

/** A model whose stream stands still where the test holds it; each call after the first answers at once. */
function createSlowModel(stopsAfter: number) {
	let calls = 0;
	let heard: (() => void) | undefined;
	let go = Promise.withResolvers<void>();
	const model: Model = {
		kind: 'agent',
		id: 'slow',
		async *stream(_request, signal, alive): AsyncGenerator<RawMessageStreamEvent> {
			heard = alive;
			const isFirst = calls++ === 0;
			const aborted = new Promise<void>((resolve) => {
				signal.addEventListener('abort', () => resolve(), { once: true });
			});
			for (const [sent, event] of EVENTS.entries()) {
				if (isFirst && sent === stopsAfter) await Promise.race([go.promise, aborted]);
				if (signal.aborted) return;
				yield event;
			}
			if (isFirst && stopsAfter >= EVENTS.length) await Promise.race([go.promise, aborted]);
		},
	};
	return {
		model,
		get calls() {
			return calls;
		},
		ping: () => heard?.(),
		release() {
			go.resolve();
			go = Promise.withResolvers();
		},
	};
}

function stops(): readonly string[] {
	return world.records().flatMap((record) => (record.kind === 'model-step' ? [record.stop] : []));
}

async function begin(slow: ReturnType<typeof createSlowModel>) {
	const tab = world.open({ model: slow.model });
	await tab.agent.send({ line: world.line, text: 'Go' });
	await world.settle();
	return tab;
}

describe('a stream that stands still', () => {
	it('before anything came is given up after a minute and a half, said to be, and asked again', async () => {
		const slow = createSlowModel(0);
		const { agent } = await begin(slow);
		await world.clock.advance(94 * SECOND);
		expect(agent.live(world.line)?.failure).toBeUndefined();
		await world.clock.advance(1 * SECOND);
		expect(agent.live(world.line)).toMatchObject({ failure: { type: 'Stalled', afterMs: 95 * SECOND } });
		await world.clock.advance(2 * SECOND);
		expect(slow.calls).toBe(2);
		expect(world.outcomes()).toEqual([{ type: 'answered' }]);
		expect(world.clock.waiting).toBe(0);
	});

	it('is counted as paid: with what it had said of its cost, or as of unknown cost', async () => {
		for (const [events, usage] of [
			[0, undefined],
			[3, expect.objectContaining({ input_tokens: 700 })],
		] as const) {
			using other = await createAgentWorld();
			const slow = createSlowModel(events);
			const { agent } = other.open({ model: slow.model });
			await agent.send({ line: other.line, text: 'Go' });
			await other.settle();
			await other.clock.advance(100 * SECOND);
			const [cut] = other.records().flatMap((record) => (record.kind === 'model-step' ? [record] : []));
			expect(cut?.stop).toBe('cut');
			expect(cut?.usage).toEqual(usage);
			expect((await other.runs())[0]?.modelCalls).toBe(2);
		}
	});

	it('in its middle is given up after a minute, and its text is kept', async () => {
		await begin(createSlowModel(3));
		await world.clock.advance(64 * SECOND);
		expect(stops()).toEqual([]);
		await world.clock.advance(3 * SECOND);
		expect(stops()[0]).toBe('cut');
		expect(world.records()).toContainEqual(
			expect.objectContaining({ kind: 'model-step', stop: 'cut', content: [{ type: 'text', text: 'Half of it.' }] }),
		);
	});

	it('lives as long as pings come', async () => {
		const slow = createSlowModel(3);
		await begin(slow);
		for (let minute = 0; minute < 30; minute++) {
			await world.clock.advance(50 * SECOND);
			slow.ping();
		}
		expect(stops()).toEqual([]);
		slow.release();
		await world.settle();
		expect(stops()).toEqual(['end_turn']);
		expect(slow.calls).toBe(1);
	});

	it('because its tab was frozen is given a moment after the thaw to hand over what came meanwhile', async () => {
		const slow = createSlowModel(3);
		await begin(slow);
		world.clock.jump(3 * 60 * 60 * SECOND);
		// The thawed tab's timer fires first; the rest of the answer, which had come long ago, follows.
		await world.clock.advance(60 * SECOND);
		slow.release();
		await world.settle();
		await world.clock.advance(10 * SECOND);
		expect(stops()).toEqual(['end_turn']);
		expect(slow.calls).toBe(1);
	});

	it('after its answer was whole is waited for only a moment, and nothing is asked again', async () => {
		const slow = createSlowModel(EVENTS.length);
		await begin(slow);
		expect(world.outcomes()).toEqual([]);
		await world.clock.advance(5 * SECOND);
		expect(world.outcomes()).toEqual([{ type: 'answered' }]);
		expect(stops()).toEqual(['end_turn']);
		expect(slow.calls).toBe(1);
	});
});

it('stopped by the person, a call keeps its text as theirs and what it had cost', async () => {
	const { agent } = await begin(createSlowModel(3));
	agent.stop(world.line);
	await world.settle();
	expect(world.outcomes()).toEqual([{ type: 'stopped' }]);
	expect(world.records()).toContainEqual(
		expect.objectContaining({ stop: 'stopped-by-person', usage: expect.objectContaining({ input_tokens: 700 }) }),
	);
});

it('a tab killed in the middle of an answer leaves what that had cost to the next', async () => {
	const first = await begin(createSlowModel(3));
	await world.clock.advance(1 * SECOND);
	first.kill();
	const next = world.open({ model: createScriptedModel([{ text: 'Whole.' }], { id: 'slow' }) });
	await next.agent.resume();
	await world.settle();
	expect(stops()).toEqual(['cut', 'end_turn']);
	expect(world.records()).toContainEqual(
		expect.objectContaining({ stop: 'cut', usage: expect.objectContaining({ input_tokens: 700 }) }),
	);
});

it('nothing is sent for a turn that goes in circles', async () => {
	const model = createScriptedModel(() => ({ tools: [{ name: 'echo', input: { same: true } }] }));
	const { agent } = world.open({ model, tools: [createEchoTool('echo')] });
	await agent.send({ line: world.line, text: 'Go' });
	await world.settle();
	expect(world.outcomes()).toMatchObject([{ type: 'failed', failure: { type: 'Loop' } }]);
	expect(stops()).toHaveLength(model.requests.length);
});
