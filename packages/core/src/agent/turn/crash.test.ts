import { describe, expect, it } from 'vitest';
import type { ModelRequest } from '../../ports/model.ts';
import type { Files } from '../../space/space.ts';
import {
	type AgentTab,
	type AgentWorld,
	createAgentWorld,
	type Moment,
	type TabOptions,
} from '../../testing/agent-world.ts';
import { createMemoryClaims } from '../../testing/memory-claims.ts';
import { linkDocs } from '../../testing/memory-docs.ts';
import { createScriptedModel, type ScriptedAnswer, type ScriptedModel } from '../../testing/scripted-model.ts';
import { createTestClock } from '../../testing/test-clock.ts';
import { LONGEST_RESULT } from '../calls/long-results.ts';
import { waitingCalls } from '../calls/trust.ts';
import { type IndexedTurn, indexLine } from '../line/line-index.ts';
import { paidCalls, type Spent, spentOnCalls, spentOnRun, spentOnRuns } from '../spend/usage.ts';
import type { Tool, ToolCall } from '../tool.ts';
import { TURN_LEASE_MS } from './claims.ts';

/** What one turn does: the answers of the model by how many of its results it was given, and who says what meanwhile. */
interface Story {
	readonly name: string;
	/** By the number of answers in the request. */
	readonly answers: readonly ScriptedAnswer[];
	/** Calls fail for a while before they work. */
	readonly overloads?: number;
	/** Said while the first tool runs. */
	readonly meanwhile?: string;
}

const use = (name: string, id: string) => ({ name, input: {}, id });
const STORIES: readonly Story[] = [
	{
		name: 'two rounds of tools',
		answers: [
			{ tools: [use('look', 'u1'), use('note', 'u2'), use('put', 'u3')] },
			{ tools: [use('note', 'u4')] },
			{ text: 'Ok.' },
		],
	},
	{ name: 'a retry', overloads: 1, answers: [{ tools: [use('note', 'u1')] }, { text: 'Ok.' }] },
	{ name: 'a question', answers: [{ tools: [use('ask', 'u1'), use('note', 'u2')] }, { text: 'Ok.' }] },
	{ name: 'steering', meanwhile: 'And?', answers: [{ tools: [use('note', 'u1')] }, { text: 'Ok.' }] },
	{ name: 'a result too long to show', answers: [{ tools: [use('dig', 'u1'), use('note', 'u2')] }, { text: 'Ok.' }] },
];
/** One whose price is known, so that what was paid can be compared. */
const MODEL = 'claude-sonnet-5-5';

/** One story on one or two devices of a person. */
interface Stage extends Disposable {
	readonly story: Story;
	readonly worlds: readonly [AgentWorld, AgentWorld];
	readonly model: ScriptedModel;
	/** Tool uses in the order they were really run, by whomever. */
	readonly ran: readonly string[];
	/** Makes all devices know what the others know. */
	sync(): void;
	open(world: AgentWorld, moment?: Pick<TabOptions, 'dieAt' | 'freezeAt'>): AgentTab;
	/** Lets time pass; the person decides whatever they are asked, on this tab. */
	live(tab: AgentTab, world: AgentWorld): Promise<void>;
}

async function openStage(story: Story, devices: 1 | 2 = 1): Promise<Stage> {
	const clock = createTestClock();
	const relay = createMemoryClaims(clock);
	const laptop = await createAgentWorld({ clock, relay, device: 'laptop', seed: 1 });
	const phone = devices === 2 ? await createAgentWorld({ clock, relay, device: 'phone', seed: 2 }) : laptop;
	const link = phone === laptop ? undefined : linkDocs(laptop.docs, phone.docs);
	let overloads = story.overloads ?? 0;
	let isSaid = false;
	const ran: string[] = [];
	const answer = (request: ModelRequest): ScriptedAnswer => {
		if (overloads-- > 0) return { fail: { type: 'Overloaded' } };
		const said = saidIn(request);
		if (story.meanwhile !== undefined && JSON.stringify(said.message).includes(story.meanwhile)) return { text: 'Ok.' };
		return story.answers[said.answers] ?? { text: 'Ok.' };
	};
	const model = createScriptedModel(answer, { id: MODEL });

	return {
		story,
		worlds: [laptop, phone],
		model,
		ran,
		sync: () => link?.flush(),
		open(world, moment = {}) {
			const tab: AgentTab = world.open({ model, tools: toolsOf(world.space.files, speak), ...moment });
			return tab;
			function speak(toolUse: string): void {
				ran.push(toolUse);
				if (isSaid || story.meanwhile === undefined) return;
				isSaid = true;
				void tab.agent.send({ line: world.line, text: story.meanwhile });
			}
		},
		async live(tab, world) {
			for (let round = 0; round < 2; round++) {
				await pass();
				decide(tab, world);
			}
			await pass();

			async function pass(): Promise<void> {
				do await clock.advance(5_000);
				while (await world.hashed());
			}
		},
		[Symbol.dispose]() {
			for (const world of new Set([laptop, phone])) world[Symbol.dispose]();
		},
	};
}

/** What was said last before the model was asked at all, and how often it answered since. */
function saidIn({ messages }: ModelRequest) {
	const at = messages.findLastIndex(
		({ role, content }) =>
			role === 'user' && Array.isArray(content) && !content.some((block) => block.type === 'tool_result'),
	);
	return { message: messages[at], answers: messages.slice(at).filter(({ role }) => role === 'assistant').length };
}

function decide(tab: AgentTab, world: AgentWorld): void {
	if (tab.isDead || tab.isFrozen) return;
	const index = indexLine(world.records());
	const tools = new Map(toolsOf(world.space.files, () => {}).map((tool) => [tool.definition.name, tool]));
	for (const turn of index.turns.values()) {
		for (const { toolUse } of waitingCalls(index, turn, tools)) {
			const decision = { type: 'answered', text: 'Yes' } as const;
			void tab.agent.decide({ line: world.line, turn: turn.record.id, toolUse, decision });
		}
	}
}

function toolsOf(files: Files, onRun: (toolUse: string) => void): readonly Tool[] {
	const write = (name: string, isIdempotent: boolean): Tool => ({
		definition: { name, description: name, input_schema: { type: 'object' } },
		isReadOnly: false,
		isIdempotent,
		async run(_, call) {
			onRun(call.toolUse);
			const line = `${call.toolUse}.`;
			const before = isIdempotent ? await doneBefore(files, call) : undefined;
			const made = before ?? (await files.append({ path: 'notes/log.md', text: line }, call.actor));
			if (!made.ok) return { outcome: 'failed', result: made.error.type, receipts: [] };
			const { entry, linesAdded, linesRemoved, patch } = made.value;
			return {
				outcome: 'done',
				result: `Wrote ${line}`,
				receipts: [
					{
						type: 'file',
						change: 'edited',
						file: entry.id,
						path: entry.path,
						linesAdded,
						linesRemoved,
						...(patch && { patch }),
					},
				],
			};
		},
	});
	const look: Tool = {
		definition: { name: 'look', description: 'look', input_schema: { type: 'object' } },
		isReadOnly: true,
		isIdempotent: true,
		run: async () => ({ outcome: 'done', result: 'Nothing', receipts: [] }),
	};
	const dig: Tool = {
		...look,
		definition: { name: 'dig', description: 'dig', input_schema: { type: 'object' } },
		run: async () => ({ outcome: 'done', result: 'Sand. '.repeat(LONGEST_RESULT / 4), receipts: [] }),
	};
	const ask: Tool = {
		...look,
		definition: { name: 'ask', description: 'ask', input_schema: { type: 'object' } },
		question: () => ({ text: 'Really?', choices: ['Yes', 'No'] }),
	};
	return [look, dig, ask, write('note', true), write('put', false)];
}

async function doneBefore(files: Files, call: ToolCall) {
	const history = await files.history('notes/log.md');
	const patch = history.ok ? history.value.findLast(({ actor }) => actor.toolUse === call.toolUse) : undefined;
	const entry = files.find('notes/log.md');
	if (!patch || !entry) return undefined;
	return { ok: true, value: { entry, linesAdded: 1, linesRemoved: 0, patch: patch.id } } as const;
}

/** What is left of a story: what counts of its turns, and what it did to the files. */
async function outcomeOf(world: AgentWorld, model: ScriptedModel) {
	const index = indexLine(world.records());
	const turns = [...index.turns.values()];
	const read = await world.space.files.read('notes/log.md');
	const runs = await world.runs();
	return { turns, wrote: read.ok ? read.value.text.split('\n').filter((line) => line !== '') : [], runs, index, model };
}

function stepsOf(turn: IndexedTurn) {
	return turn.modelSteps.filter(({ stop }) => stop !== 'cut').map(({ content, stop }) => ({ content, stop }));
}

function resultsOf(turn: IndexedTurn) {
	const results = [...turn.toolSteps.values()].sort((a, b) => (a.toolUse < b.toolUse ? -1 : 1));
	return results.map(({ toolUse, outcome, result, whole }) => ({ toolUse, outcome, result, whole }));
}

type Outcome = Awaited<ReturnType<typeof outcomeOf>>;

async function uninterrupted(story: Story): Promise<{ readonly outcome: Outcome; readonly effects: number }> {
	using stage = await openStage(story);
	const [laptop] = stage.worlds;
	const tab = stage.open(laptop);
	await tab.agent.send({ line: laptop.line, text: 'Go' });
	await stage.live(tab, laptop);
	return { outcome: await outcomeOf(laptop, stage.model), effects: tab.effects };
}

/** The same as without a break: what counts, what it did, one row a turn, and every call in the account. */
function expectSame(actual: Outcome, whole: Outcome, cuts: number): void {
	const { turns, wrote, runs, index, model } = actual;
	if (index.messages.size === 0) {
		// Nothing was promised: `send` had not resolved.
		expect([turns, wrote]).toEqual([[], []]);
		return;
	}
	expect(turns.map(({ end }) => end?.outcome)).toEqual(turns.map(() => ({ type: 'answered' })));
	const held = turns.flatMap(({ record, steering }) => [
		...record.context.flatMap((item) => ('message' in item ? [item.message] : [])),
		...steering.flatMap(({ messages }) => messages),
	]);
	expect([...new Set(held)].sort(), 'every message has its answer').toEqual([...index.messages.keys()].sort());
	const triggers = turns.map(({ record }) => record.trigger.message);
	expect(new Set(triggers).size, 'and no message two').toBe(triggers.length);
	const [first, ...later] = turns;
	const [model1] = whole.turns;
	if (!first || !model1) throw new Error('no turn');
	expect(stepsOf(first)).toEqual(stepsOf(model1));
	// What is not idempotent may have to be reported as unknown, and then was done once or not at all.
	const results = resultsOf(first);
	const unknown = results.filter(({ outcome }) => outcome === 'unknown').map(({ toolUse }) => toolUse);
	expect(unknown.every((toolUse) => toolUse === 'u3')).toBe(true);
	const known = (each: { readonly toolUse: string }) => !unknown.includes(each.toolUse);
	expect(results.filter(known)).toEqual(resultsOf(model1).filter(known));
	expect(results.map(({ toolUse }) => toolUse)).toEqual(resultsOf(model1).map(({ toolUse }) => toolUse));
	expect(later.flatMap(resultsOf)).toEqual([]);
	const done = wrote.filter((line) => unknown.length === 0 || line !== 'u3.').sort();
	expect(done).toEqual(whole.wrote.filter((line) => unknown.length === 0 || line !== 'u3.').sort());
	expect(wrote.filter((line) => line === 'u3.').length).toBeLessThanOrEqual(1);
	expect(runs.map((run) => run.id).sort(), 'one row a turn').toEqual(turns.map(({ record }) => record.id).sort());
	const calls = runs.reduce((sum, run) => sum + run.modelCalls, 0);
	const sent =
		model.requests.length - (whole.model.requests.length - whole.runs.reduce((sum, run) => sum + run.modelCalls, 0));
	expect(calls, 'calls that were made are in the account').toBeGreaterThanOrEqual(sent);
	expect(calls - sent, 'at most those that were about to be made are there too').toBeLessThanOrEqual(cuts);
	expectPaid(actual, whole);
}

/** Each row tells what all its turn's calls cost, and no call that answered or said its cost is forgotten. */
function expectPaid({ turns, runs }: Outcome, whole: Outcome): void {
	for (const run of runs) {
		const turn = turns.find(({ record }) => record.id === run.id);
		expect(spentOnRun(run), 'a row tells of all its calls').toEqual(spentOnCalls(turn ? paidCalls(turn) : []));
	}
	const [all, least]: readonly Spent[] = [spentOnRuns(runs), spentOnRuns(whole.runs)];
	expect(all?.usd).toBeGreaterThanOrEqual(least?.usd ?? Number.NaN);
	expect(all?.tokens.input, 'a call that was cut before its usage is of unknown cost, not of none').toBe(
		100 * ((all?.calls ?? 0) - (all?.unpriced ?? 0)),
	);
}

type Variant = (stage: Stage, moment: Moment) => Promise<void>;

async function begin(stage: Stage, moment: Pick<TabOptions, 'dieAt' | 'freezeAt'>): Promise<AgentTab> {
	const [laptop] = stage.worlds;
	const tab = stage.open(laptop, moment);
	void tab.agent.send({ line: laptop.line, text: 'Go' });
	await stage.live(tab, laptop);
	return tab;
}

const VARIANTS: Readonly<Record<string, Variant>> = {
	'its tab dies and the next one goes on': async (stage, dieAt) => {
		const [laptop] = stage.worlds;
		const tab = await begin(stage, { dieAt });
		expect(tab.isDead).toBe(true);
		const next = stage.open(laptop);
		void next.agent.resume();
		await stage.live(next, laptop);
	},
	'its tab dies, then the next one at a moment of its own, and a third goes on': async (stage, dieAt) => {
		const [laptop] = stage.worlds;
		await begin(stage, { dieAt });
		// Another moment in each case: its first twenty all have their turn.
		const next = stage.open(laptop, { dieAt: { ...dieAt, effect: 1 + ((dieAt.effect * 9) % 20) } });
		void next.agent.resume();
		await stage.live(next, laptop);
		const third = stage.open(laptop);
		void third.agent.resume();
		await stage.live(third, laptop);
	},
	'its tab dies, another device takes over, and the first comes back': async (stage, dieAt) => {
		const [laptop, phone] = stage.worlds;
		await begin(stage, { dieAt });
		stage.sync();
		await goOnElsewhere(stage);
		stage.sync();
		const next = stage.open(laptop);
		void next.agent.resume();
		await stage.live(next, laptop);
		stage.sync();
		await laptop.clock.advance(1_000);
		stage.sync();
		expect(await textOf(phone)).toEqual(await textOf(laptop));
	},
	'its tab is frozen past the lease, another device takes over, and it thaws': async (stage, freezeAt) => {
		const [laptop] = stage.worlds;
		const tab = await begin(stage, { freezeAt });
		stage.sync();
		const phone = await goOnElsewhere(stage);
		tab.thaw();
		await laptop.clock.advance(1_000);
		stage.sync();
		await stage.live(tab, laptop);
		stage.sync();
		await phone.agent.attend(laptop.line);
		await stage.live(tab, laptop);
		stage.sync();
		await laptop.clock.advance(1_000);
	},
	'its tab is frozen, another tab takes the line from it, and it thaws': async (stage, freezeAt) => {
		const [laptop] = stage.worlds;
		const tab = await begin(stage, { freezeAt });
		const next = stage.open(laptop);
		void next.agent.resume();
		await stage.live(next, laptop);
		tab.thaw();
		await stage.live(tab, laptop);
		await stage.live(next, laptop);
	},
};

async function goOnElsewhere(stage: Stage): Promise<AgentTab> {
	const [laptop, phone] = stage.worlds;
	const tab = stage.open(phone);
	await laptop.clock.advance(TURN_LEASE_MS);
	void tab.agent.attend(phone.line);
	await stage.live(tab, phone);
	// Without a word from the first device it was left waiting for its person.
	void tab.agent.attend(phone.line);
	await stage.live(tab, phone);
	return tab;
}

async function textOf(world: AgentWorld): Promise<string> {
	const read = await world.space.files.read('notes/log.md');
	return read.ok ? read.value.text : '';
}

for (const story of STORIES) {
	describe(`a turn with ${story.name}, cut at each of its moments`, async () => {
		const { outcome: whole, effects } = await uninterrupted(story);
		for (const [name, play] of Object.entries(VARIANTS)) {
			for (const when of ['before', 'after'] as const) {
				it(`${name}: ${when} each effect`, async () => {
					for (let effect = 1; effect <= effects; effect++) {
						using stage = await openStage(story, name.includes('device') ? 2 : 1);
						await play(stage, { effect, when });
						const actual = await outcomeOf(stage.worlds[0], stage.model);
						try {
							const times = stage.ran.filter((toolUse) => toolUse === 'u3').length;
							expect(times, 'what is not idempotent is run once at most').toBeLessThanOrEqual(1);
							expectSame(actual, whole, name.includes('a third') ? 2 : 1);
						} catch (error) {
							throw new Error(`${when} effect ${effect} of ${effects}`, { cause: error });
						}
					}
				}, 30_000);
			}
		}
	});
}
