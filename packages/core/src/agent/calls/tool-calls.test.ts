import type { ToolUseBlockParam } from '@anthropic-ai/sdk/resources/messages';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BlobId, MessageId, TurnId } from '../../ids.ts';
import { ok } from '../../result.ts';
import type { Decision, LineRecord, ToolStepRecord, TurnRecord } from '../../space/records.ts';
import type { Blobs } from '../../space/space.ts';
import { createEchoTool } from '../../testing/echo-tools.ts';
import { createMemoryStore } from '../../testing/memory-store.ts';
import { createScriptedModel } from '../../testing/scripted-model.ts';
import { createSeededRandom } from '../../testing/seeded-random.ts';
import { createTestSpace, expectOk } from '../../testing/test-space.ts';
import { createLineIndexer } from '../line/line-index.ts';
import type { Tool, ToolCall, ToolOutcome } from '../tool.ts';
import { createInFlight } from '../turn/in-flight.ts';
import { createLiveTurns } from '../turn/live-turns.ts';
import type { TurnScope } from '../turn/turn-scope.ts';
import { LONGEST_RESULT } from './long-results.ts';
import { runTools } from './tool-calls.ts';

const TURN = 'turn-1' as TurnId;
const MESSAGE = 'message-1' as MessageId;

/** A turn whose newest answer asks for some calls, on a real line in memory. */
async function createCalls(options: { readonly tools: readonly Tool[]; readonly isTainted?: boolean }) {
	const { space, clock, docs } = await createTestSpace();
	const { self } = space;
	const line = expectOk(await space.lines.open(expectOk(await space.lines.ensure('chat')).id));
	const log = { info() {}, warn() {} };
	const store = createMemoryStore();
	const stop = new AbortController();
	const blobs: Partial<Blobs> = { put: async () => ok('blob-1' as BlobId) };
	const turn: TurnRecord = {
		kind: 'turn',
		id: TURN,
		at: clock.now(),
		trigger: { type: 'message', message: MESSAGE },
		device: self.device,
		by: 'agent',
		model: 'claude',
		epoch: 'e',
		head: '',
		context: [{ message: MESSAGE }],
	};
	let fence = true;
	let isGone = false;
	const deps = {
		...{ clock, log, self, blobs, random: createSeededRandom(1), directory: space.directory },
		...createLineIndexer(),
	};
	const live = createLiveTurns(deps);
	const scope = {
		deps,
		line,
		turn,
		epoch: { kind: 'epoch', id: 'e', at: 1, system: [], tools: [] },
		model: createScriptedModel([]),
		tools: new Map(options.tools.map((tool) => [tool.definition.name, tool])),
		person: self.person,
		live: live.begin(line.id, turn),
		inFlight: createInFlight({ store, clock, log }),
		signal: stop.signal,
		hold: {
			fence: 0,
			claimed: 0,
			check: async () => fence,
			get isLost() {
				return !fence;
			},
			[Symbol.dispose]() {},
		},
		isGone: () => isGone,
	} satisfies Partial<TurnScope>;
	const attachments = [{ blob: 'b' as BlobId, name: 'page.pdf', mediaType: 'application/pdf', sizeBytes: 1 }];
	const said: LineRecord = {
		...{ kind: 'message', id: MESSAGE, at: clock.now(), content: [] },
		author: { type: 'person', ...self },
		...(options.isTainted ? { attachments } : {}),
	};
	await line.append([said, turn]);

	return {
		clock,
		docs,
		line,
		store,
		live: () => live.get(line.id),
		stop: () => stop.abort(),
		/** Another runner went on with the turn. */
		lose() {
			fence = false;
		},
		/** The tab goes. */
		leave() {
			isGone = true;
			stop.abort();
		},
		/** Asks for calls and runs them, as `turn.ts` does. */
		async run(uses: readonly ToolUseBlockParam[], begun: readonly string[] = []) {
			if (!line.records().some(({ kind }) => kind === 'model-step')) await answer(uses);
			const known = new Set(steps().map((step) => step.toolUse));
			return runTools(
				scope as TurnScope,
				uses.filter(({ id }) => !known.has(id)),
				new Set(begun),
			);
		},
		answer,
		async decide(toolUse: string, decision: Decision) {
			await line.append([{ kind: 'decision', turn: TURN, toolUse, at: clock.now(), ...self, decision }]);
		},
		steps,
		outcomes: () => steps().map(({ toolUse, outcome }) => `${toolUse} ${outcome}`),
		resultOf: (id: string) => steps().find(({ toolUse }) => toolUse === id)?.result,
	};

	/** The model's answer that asks for the calls. */
	async function answer(content: readonly ToolUseBlockParam[]) {
		const common = { turn: TURN, at: clock.now(), model: 'claude', usage: undefined, durationMs: 1 };
		await line.append([{ kind: 'model-step', id: 's', content, stop: 'tool_use', ...common }]);
	}

	function steps(): readonly ToolStepRecord[] {
		return line.records().flatMap((record) => (record.kind === 'tool-step' ? [record] : []));
	}
}

function use(id: string, name: string, input: unknown = {}): ToolUseBlockParam {
	return { type: 'tool_use', id, name, input };
}

/** Tools whose calls end when the test says so, with a trace of what began and ended. */
function createHeldTool(name: string, as: Partial<Tool> = {}) {
	const trace: string[] = [];
	const gates = new Map<string, () => void>();
	const tool: Tool = {
		...createEchoTool(name),
		...as,
		async run(input, call): Promise<ToolOutcome> {
			trace.push(`+${call.toolUse}`);
			await new Promise<void>((resolve) => gates.set(call.toolUse, resolve));
			trace.push(`-${call.toolUse}`);
			return { outcome: 'done', result: `${name} ${JSON.stringify(input)}`, receipts: [] };
		},
	};
	return {
		tool,
		trace,
		running: () => [...gates.keys()],
		end(id: string) {
			gates.get(id)?.();
			gates.delete(id);
		},
	};
}

const byKey = { worksOn: (input: unknown) => [String(input)], isIdempotent: true };
const trusting = { needsTrust: () => ({ type: 'instructions', path: 'SOUL.md' }) as const };

describe('calls of one answer', () => {
	it('run together where they can, each recorded as it ends, a later one on the same only then', async () => {
		const held = createHeldTool('put', byKey);
		const calls = await createCalls({ tools: [held.tool] });
		const running = calls.run([use('a', 'put', 'x'), use('b', 'put', 'y'), use('c', 'put', 'x')]);
		await calls.clock.advance(0);
		expect(held.trace).toEqual(['+a', '+b']);
		held.end('b');
		await calls.clock.advance(0);
		expect(calls.outcomes()).toEqual(['b done']);
		expect(calls.live()?.tools.map(({ toolUse }) => toolUse)).toEqual(['a', 'c']);
		held.end('a');
		await calls.clock.advance(0);
		expect(held.trace).toEqual(['+a', '+b', '-b', '-a', '+c']);
		held.end('c');
		expect(await running).toEqual({ type: 'on' });
		expect(calls.outcomes()).toEqual(['b done', 'a done', 'c done']);
		expect(calls.clock.waiting).toBe(0);
	});

	it('begin only once what they wait for is on disk', async () => {
		const ran: string[] = [];
		const recorded: string[][] = [];
		const tool = {
			...createEchoTool('put', { ran, during: () => void recorded.push([...calls.outcomes()]) }),
			...byKey,
		};
		const calls = await createCalls({ tools: [tool] });
		await calls.run([use('a', 'put', 'x'), use('b', 'put', 'x'), use('c', 'put', 'x')]);
		expect(ran).toEqual(['a', 'b', 'c']);
		expect(recorded).toEqual([[], ['a done'], ['a done', 'b done']]);
	});

	it('are at most six at a time', async () => {
		const held = createHeldTool('put', { ...byKey, isReadOnly: true });
		const calls = await createCalls({ tools: [held.tool] });
		const running = calls.run([...'abcdefgh'].map((id) => use(id, 'put', id)));
		await calls.clock.advance(0);
		expect(held.running()).toHaveLength(6);
		for (const id of 'abcdefgh') {
			held.end(id);
			await calls.clock.advance(0);
		}
		expect(await running).toEqual({ type: 'on' });
	});

	it('property: whatever they work on and whenever they end, on each thing they take effect in the order given', async () => {
		const one = fc.record({
			keys: fc.uniqueArray(fc.constantFrom<string[]>('x', 'y', 'z'), { maxLength: 2 }),
			ends: fc.nat(9),
		});
		await fc.assert(
			fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 9 }), async (given) => {
				const effects = new Map<string, string[]>();
				const tool: Tool = {
					...createEchoTool('put'),
					isIdempotent: true,
					worksOn: (input) => given[Number(input)]?.keys ?? [],
					async run(input, { toolUse }) {
						const { keys = [], ends = 0 } = given[Number(input)] ?? {};
						await new Promise<void>((resolve) => void calls.clock.setTimer(ends, resolve));
						for (const key of keys) effects.set(key, [...(effects.get(key) ?? []), toolUse]);
						return { outcome: 'done', result: 'ok', receipts: [] };
					},
				};
				const calls = await createCalls({ tools: [tool] });
				const running = calls.run(given.map((_, at) => use(String(at), 'put', at)));
				await calls.clock.advance(200);
				expect(await running).toEqual({ type: 'on' });
				for (const key of ['x', 'y', 'z']) {
					const wanted = given.flatMap(({ keys }, at) => (keys.includes(key) ? [String(at)] : []));
					expect(effects.get(key) ?? []).toEqual(wanted);
				}
				expect(calls.steps()).toHaveLength(given.length);
			}),
			{ numRuns: 40 },
		);
	});

	it('that must not run twice are all noted on disk before they begin, and not run again when their tab died', async () => {
		const noted: unknown[] = [];
		const ran: string[] = [];
		const during = async () => void noted.push(expectOk(await calls.store.value(`turn/${TURN}`)));
		const tool = { ...createEchoTool('pay', { ran, during }), worksOn: (input: unknown) => [String(input)] };
		const calls = await createCalls({ tools: [tool] });
		await calls.run([use('a', 'pay', 'x'), use('b', 'pay', 'y'), use('c', 'pay', 'x')], ['b']);
		expect(ran).toEqual(['a', 'c']);
		expect(noted).toMatchObject([{ toolsBegun: ['b', 'a'] }, { toolsBegun: ['b', 'a', 'c'] }]);
		expect(calls.outcomes()).toEqual(['b unknown', 'a done', 'c done']);
	});

	it('of a tool that there is not are refused by name, beside the others', async () => {
		const calls = await createCalls({ tools: [createEchoTool('put')] });
		expect(await calls.run([use('a', 'fly'), use('b', 'put')])).toEqual({ type: 'on' });
		expect(calls.outcomes()).toEqual(['a refused', 'b done']);
		expect(calls.resultOf('a')).toContain('There is no tool "fly"');
	});

	it('behind call_tool are ordered, approved and kept as what they are', async () => {
		const hidden = { ...createEchoTool('hidden'), ...trusting, worksOn: () => ['x'] };
		const front: Tool = {
			...createEchoTool('call_tool'),
			target: (input) => ({ tool: hidden, input: { inner: input } }),
		};
		const calls = await createCalls({ tools: [front], isTainted: true });
		expect(await calls.run([use('a', 'call_tool', 1)])).toEqual({ type: 'waits' });
		await calls.decide('a', { type: 'approved' });
		expect(await calls.run([use('a', 'call_tool', 1)])).toEqual({ type: 'on' });
		expect(calls.steps()).toMatchObject([{ name: 'call_tool', outcome: 'done', result: 'hidden {"inner":1}' }]);
	});

	it('with a long result have it kept whole and cut', async () => {
		const tool: Tool = {
			...createEchoTool('page', { isReadOnly: true }),
			run: async () => ({
				outcome: 'done',
				result: 'x'.repeat(LONGEST_RESULT + 1),
				receipts: [],
				untrusted: { source: 's' },
			}),
		};
		const calls = await createCalls({ tools: [tool] });
		await calls.run([use('a', 'page')]);
		expect(calls.steps()).toMatchObject([
			{ untrusted: { source: 's' }, whole: { blob: 'blob-1', name: 'page-result.txt' }, result: [{}, {}] },
		]);
	});
});

describe('what a tool says besides its result', () => {
	it('is recorded with it', async () => {
		const shows = { blob: 'b' as BlobId, name: 'a.png', mediaType: 'image/png', sizeBytes: 1 };
		const said = {
			receipts: [{ type: 'reacted', emoji: '👍' }],
			untrusted: { source: 's' },
			shows,
			endsTurn: { reason: 'r' },
		} as const;
		const tool: Tool = { ...createEchoTool('put'), run: async () => ({ outcome: 'done', result: 'x', ...said }) };
		const calls = await createCalls({ tools: [tool] });
		await calls.run([use('a', 'put')]);
		expect(calls.steps()).toMatchObject([said]);
	});
});

describe('a call that cannot end', () => {
	it('is given up, recorded, and what depends on it goes on', async () => {
		const deaf: Tool = {
			...createEchoTool('deaf', { during: () => new Promise(() => {}) }),
			...byKey,
			timeLimitMs: 1000,
		};
		const calls = await createCalls({ tools: [deaf, { ...createEchoTool('put'), ...byKey }] });
		const running = calls.run([use('a', 'deaf', 'x'), use('b', 'put', 'x')]);
		await calls.clock.advance(2000);
		expect(await running).toEqual({ type: 'on' });
		expect(calls.outcomes()).toEqual(['a failed', 'b done']);
	});

	it('does not keep a stop waiting: it is told, and given up a moment later, and no other begins', async () => {
		const signals: AbortSignal[] = [];
		const during = ({ signal }: ToolCall) => {
			signals.push(signal);
			return new Promise<void>(() => {});
		};
		const deaf: Tool = { ...createEchoTool('deaf', { during }), ...byKey };
		const calls = await createCalls({ tools: [deaf] });
		const running = calls.run([use('a', 'deaf', 'x'), use('b', 'deaf', 'y'), use('c', 'deaf', 'x')]);
		await calls.clock.advance(0);
		calls.stop();
		expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
		await calls.clock.advance(500);
		expect(await running).toEqual({ type: 'stopped' });
		expect(calls.outcomes()).toEqual(['a stopped', 'b stopped', 'c stopped']);
		expect(calls.resultOf('a')).toContain('not known');
		expect(calls.resultOf('c')).toContain('before it ran');
	});

	it('does not hold a tab that goes, and writes nothing after it', async () => {
		const held = createHeldTool('put', byKey);
		const calls = await createCalls({ tools: [held.tool] });
		const running = calls.run([use('a', 'put', 'x')]);
		await calls.clock.advance(0);
		calls.leave();
		expect(await running).toEqual({ type: 'gone' });
		held.end('a');
		await calls.clock.advance(1000);
		expect(calls.steps()).toEqual([]);
	});
});

describe('a runner that lost its turn', () => {
	it('begins no further call and records no result', async () => {
		const held = createHeldTool('put', byKey);
		const calls = await createCalls({ tools: [held.tool] });
		const running = calls.run([use('a', 'put', 'x'), use('b', 'put', 'x')]);
		await calls.clock.advance(0);
		calls.lose();
		held.end('a');
		expect(await running).toEqual({ type: 'taken-over' });
		expect(held.trace).toEqual(['+a', '-a']);
		expect(calls.steps()).toEqual([]);
	});

	it('begins none at all when it was lost before', async () => {
		const ran: string[] = [];
		const calls = await createCalls({ tools: [createEchoTool('put', { ran })] });
		calls.lose();
		expect(await calls.run([use('a', 'put')])).toEqual({ type: 'taken-over' });
		expect(ran).toEqual([]);
	});
});

describe('a disk that refuses a result', () => {
	it('ends the turn: no further call begins, those under way are told to stop', async () => {
		const ran: string[] = [];
		const during = ({ toolUse, signal }: ToolCall) => {
			calls.docs.failWith({ type: 'QuotaExceeded' });
			if (toolUse === 'a') return;
			return new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
		};
		const calls = await createCalls({ tools: [{ ...createEchoTool('put', { ran, during }), ...byKey }] });
		const progress = await calls.run([use('a', 'put', 'x'), use('b', 'put', 'y'), use('c', 'put', 'x')]);
		expect(progress).toEqual({ type: 'not-stored', error: { type: 'QuotaExceeded' } });
		expect(ran).toEqual(['a', 'b']);
	});
});

describe('a disk that refuses the note of a call that must not run twice', () => {
	it('ends the turn before the call begins, and tells those under way to stop', async () => {
		const ran: string[] = [];
		const during = ({ toolUse, signal }: ToolCall) => {
			if (toolUse === 'a')
				return new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
			calls.store.faults.isFull = true;
		};
		const put = { ...createEchoTool('put', { ran, during }), ...byKey };
		const pay = { ...createEchoTool('pay', { ran }), worksOn: () => ['y'] };
		const calls = await createCalls({ tools: [put, pay] });
		const progress = await calls.run([use('a', 'put', 'x'), use('b', 'put', 'y'), use('c', 'pay')]);
		expect(progress).toEqual({ type: 'not-stored', error: { type: 'QuotaExceeded' } });
		expect(ran).toEqual(['a', 'b']);
	});
});

describe('a call that needs the person', () => {
	it('waits, and only what works on the same waits with it', async () => {
		const ran: string[] = [];
		const put = { ...createEchoTool('put', { ran }), ...byKey };
		const soul = { ...createEchoTool('soul', { ran }), ...byKey, ...trusting };
		const calls = await createCalls({ tools: [put, soul], isTainted: true });
		const uses = [use('a', 'soul', 'x'), use('b', 'put', 'x'), use('c', 'put', 'y')];
		expect(await calls.run(uses)).toEqual({ type: 'waits' });
		expect(ran).toEqual(['c']);
		expect(calls.live()).toMatchObject({ phase: 'asking', tools: [{ toolUse: 'a' }] });
		expect(await calls.run(uses), 'asking again changes nothing').toEqual({ type: 'waits' });
		await calls.clock.advance(3 * 86_400_000);
		await calls.decide('a', { type: 'approved' });
		expect(await calls.run(uses)).toEqual({ type: 'on' });
		expect(ran).toEqual(['c', 'a', 'b']);
	});

	it('runs without asking while nothing untrusted is in the context', async () => {
		const calls = await createCalls({ tools: [{ ...createEchoTool('soul'), ...trusting }] });
		expect(await calls.run([use('a', 'soul')])).toEqual({ type: 'on' });
		expect(calls.outcomes()).toEqual(['a done']);
	});

	it('is not held back by what another call of the same answer read, not even when the turn is taken up again', async () => {
		const page: Tool = {
			...createEchoTool('page', { isReadOnly: true }),
			run: async () => ({ outcome: 'done', result: 'x', receipts: [], untrusted: { source: 's' } }),
		};
		const calls = await createCalls({ tools: [page, { ...createEchoTool('soul'), ...trusting }] });
		const uses = [use('a', 'page'), use('b', 'soul')];
		await calls.answer(uses);
		await calls.run(uses.slice(0, 1));
		expect(await calls.run(uses)).toEqual({ type: 'on' });
		expect(calls.outcomes()).toEqual(['a done', 'b done']);
	});

	it.each([
		[{ type: 'refused', reason: 'Not my style' }, 'Not done: the person refused it. Their reason: "Not my style".'],
		[{ type: 'refused' }, 'Not done: the person refused it. Do not'],
		[{ type: 'passed-over' }, 'wrote something else instead'],
		[{ type: 'answered', text: 'Only the first line' }, '"Only the first line"'],
	] as const)('is not run when the person says %j, and the model hears it', async (decision, says) => {
		const ran: string[] = [];
		const calls = await createCalls({ tools: [{ ...createEchoTool('soul', { ran }), ...trusting }], isTainted: true });
		await calls.run([use('a', 'soul')]);
		await calls.decide('a', decision);
		await calls.decide('a', { type: 'approved' });
		expect(await calls.run([use('a', 'soul')])).toEqual({ type: 'on' });
		expect(ran, 'the first decision counts').toEqual([]);
		expect(calls.outcomes()).toEqual(['a refused']);
		expect(calls.resultOf('a')).toContain(says);
	});

	it('is let go on by a decision that comes while others still run', async () => {
		const held = createHeldTool('put', byKey);
		const ran: string[] = [];
		const soul = { ...createEchoTool('soul', { ran }), ...byKey, ...trusting };
		const calls = await createCalls({ tools: [held.tool, soul], isTainted: true });
		const running = calls.run([use('a', 'soul', 'x'), use('b', 'put', 'y')]);
		await calls.clock.advance(0);
		await calls.decide('a', { type: 'approved' });
		held.end('b');
		expect(await running).toEqual({ type: 'on' });
		expect(ran).toEqual(['a']);
	});

	it('asks a question that is never run: the answer is its result, in the person’s words', async () => {
		const ran: string[] = [];
		const ask: Tool = {
			...createEchoTool('ask', { ran }),
			question: () => ({ text: 'Which?', choices: ['Red', 'Blue'] }),
		};
		const put = { ...createEchoTool('put', { ran }), ...byKey };
		const calls = await createCalls({ tools: [ask, put] });
		const uses = [use('a', 'ask'), use('b', 'put', 'x')];
		expect(await calls.run(uses)).toEqual({ type: 'waits' });
		expect(ran, 'nobody waits for a question').toEqual(['b']);
		await calls.decide('a', { type: 'answered', text: 'Red, please' });
		expect(await calls.run(uses)).toEqual({ type: 'on' });
		expect(calls.steps().at(-1)).toMatchObject({ toolUse: 'a', outcome: 'done', result: 'Red, please' });
		expect(ran).toEqual(['b']);
	});

	it('that waited when its tab died has not begun: it waits on', async () => {
		const ran: string[] = [];
		const calls = await createCalls({ tools: [{ ...createEchoTool('soul', { ran }), ...trusting }], isTainted: true });
		expect(await calls.run([use('a', 'soul')], ['a'])).toEqual({ type: 'waits' });
		expect(calls.steps()).toEqual([]);
	});

	it('gets a result that says so when the person stops the turn instead', async () => {
		const calls = await createCalls({ tools: [{ ...createEchoTool('soul'), ...trusting }], isTainted: true });
		await calls.run([use('a', 'soul')]);
		calls.stop();
		expect(await calls.run([use('a', 'soul')])).toEqual({ type: 'stopped' });
		expect(calls.outcomes()).toEqual(['a stopped']);
	});
});

describe('what a call is told of itself', () => {
	it.each([
		['of a turn with nothing untrusted', false, {}, undefined, undefined],
		['of a tainted turn', true, {}, undefined, { source: 'page.pdf' }],
		['that a person let become an instruction', true, trusting, true, undefined],
		[
			'that a person let send',
			true,
			{ needsTrust: () => ({ type: 'sends', to: 'x' }) as const },
			true,
			{ source: 'page.pdf' },
		],
	])('a call %s stamps its changes so', async (_, isTainted, as, isApproved, untrusted) => {
		const told: ToolCall[] = [];
		const calls = await createCalls({
			tools: [{ ...createEchoTool('put', { during: (call) => void told.push(call) }), ...as }],
			isTainted,
		});
		if (isApproved) await calls.decide('a', { type: 'approved' });
		await calls.run([use('a', 'put')]);
		expect(told).toHaveLength(1);
		expect(told[0]?.isApproved).toBe(isApproved);
		expect(told[0]?.actor.untrusted).toEqual(untrusted);
		expect(told[0]?.actor).toMatchObject({ type: 'agent', agent: 'general', toolUse: 'a', turn: TURN });
	});
});
