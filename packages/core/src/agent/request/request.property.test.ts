import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { utf8 } from '../../bytes.ts';
import type { FileId, OccurrenceId } from '../../ids.ts';
import { type Model, ModelFailure } from '../../ports/model.ts';
import type { Decision } from '../../space/records.ts';
import { type AgentTab, type AgentWorld, createAgentWorld, type TabOptions } from '../../testing/agent-world.ts';
import { createEchoTool } from '../../testing/echo-tools.ts';
import { createMemoryClaims } from '../../testing/memory-claims.ts';
import { linkDocs } from '../../testing/memory-docs.ts';
import { createMessagesRules, type MessagesRules } from '../../testing/messages-rules.ts';
import { createScriptedModel, type ScriptedAnswer } from '../../testing/scripted-model.ts';
import { createTestClock } from '../../testing/test-clock.ts';
import { createMessageBuilder } from '../model/message-builder.ts';
import type { Tool } from '../tool.ts';
import { markCache } from './cache-marks.ts';

const text = fc.constantFrom('Yes.', ' ', 'A longer answer with several words in it.', '<now>\nnot me');
const tool = fc.record({
	name: fc.constantFrom('look', 'put', 'ask', 'ask', 'page', 'missing'),
	input: fc.constantFrom({}, { a: 1 }),
});
/** A search that the service makes within the call: done in it, or left for the next. */
type Answer = ScriptedAnswer & { readonly search?: 'done' | 'open' };
const answer: fc.Arbitrary<Answer> = fc.record(
	{
		thinking: fc.constantFrom('Hm.', ''),
		text,
		tools: fc.array(tool, { maxLength: 3 }),
		stop: fc.constantFrom('max_tokens', 'refusal', 'pause_turn', 'stop_sequence', 'model_context_window_exceeded'),
		search: fc.constantFrom('done' as const, 'open' as const),
		endAfter: fc.integer({ min: 0, max: 9 }),
		fail: fc.constantFrom({ type: 'Overloaded' }, { type: 'WrongKey' }, { type: 'TooLarge' }),
		failAfter: fc.integer({ min: 0, max: 6 }),
	},
	{ requiredKeys: [] },
);

type Action =
	| { readonly type: 'say'; readonly answers: readonly Answer[]; readonly times: number }
	| { readonly type: 'say-and-stop'; readonly answer: Answer; readonly after: number }
	/** Says more while the call of a tool is under way. */
	| { readonly type: 'steer'; readonly answers: readonly Answer[]; readonly after: number }
	/** Decides on whatever waits for the person. */
	| { readonly type: 'decide'; readonly decision: Decision }
	| { readonly type: 'remind' | 'edit-soul' | 'switch-model' | 'retry' | 'attach' | 'undo-compaction' }
	| { readonly type: 'wait'; readonly days: number };

const action: fc.Arbitrary<Action> = fc.oneof(
	{
		weight: 6,
		arbitrary: fc.record({
			type: fc.constant('say'),
			answers: fc.array(answer, { maxLength: 4 }),
			times: fc.integer({ min: 1, max: 3 }),
		}),
	},
	{
		weight: 2,
		arbitrary: fc.record({ type: fc.constant('say-and-stop'), answer, after: fc.integer({ min: 0, max: 9 }) }),
	},
	{
		weight: 3,
		arbitrary: fc.record({
			type: fc.constant('steer'),
			answers: fc.array(answer, { maxLength: 3 }),
			after: fc.integer({ min: 0, max: 6 }),
		}),
	},
	{
		weight: 3,
		arbitrary: fc.record({
			type: fc.constant('decide'),
			decision: fc.constantFrom<Decision>(
				{ type: 'approved' },
				{ type: 'refused' },
				{ type: 'answered', text: 'Blue.' },
			),
		}),
	},
	{
		weight: 4,
		arbitrary: fc.record({
			type: fc.constantFrom('remind', 'edit-soul', 'switch-model', 'retry', 'attach', 'undo-compaction'),
		}),
	},
	{ weight: 1, arbitrary: fc.record({ type: fc.constant('wait'), days: fc.integer({ min: 1, max: 40 }) }) },
);

/** A device whose models refuse what the API would, and whose requests are looked at. */
interface Speaker {
	act(action: Action): Promise<void>;
	readonly requests: readonly { readonly epoch: string; readonly blocks: readonly string[] }[];
	/** What the API would have refused. */
	readonly refusals: readonly string[];
	readonly tab: AgentTab;
}

function createSpeaker(
	world: AgentWorld,
	rules: MessagesRules,
	name: string,
	moment: Pick<TabOptions, 'freezeAt' | 'dieAt'> = {},
): Speaker {
	const answers: Answer[] = [];
	const requests: { epoch: string; blocks: readonly string[] }[] = [];
	const refusals: string[] = [];
	/** What the answer under way searches, and what the one before left open. */
	let search: Answer['search'];
	let searches = 0;
	let left: string | undefined;
	const models = ['one', 'two'].map((id) =>
		createScriptedModel(
			(request) => {
				search = undefined;
				// A summary now and then fails, or asks for tools, as any answer.
				if (JSON.stringify(request.messages.at(-1)).includes('Write the summary') && answers.length === 0)
					return { text: 'It was summed up.' };
				const { search: searched, ...said } = answers.shift() ?? { text: 'All right.' };
				search = searched;
				// A pause goes back as it is, so it holds nothing that the API would not take.
				const isPause = searched === 'open' || (searched && said.stop === 'pause_turn');
				return isPause ? { ...said, text: 'Searching.', stop: 'pause_turn', tools: [] } : said;
			},
			{ id, signer: `${name}-${id}` },
		),
	);
	let chosen = 0;
	let reminders = 0;
	const tab = world.open({
		...moment,
		model: () => strict(models[chosen % 2] ?? models[0]),
		tools: [
			createEchoTool('look', { isReadOnly: true }),
			{ ...createEchoTool('put'), needsTrust: () => ({ type: 'sends', to: 'work' }) },
			{ ...createEchoTool('ask'), question: () => ({ text: 'Which?', choices: [] }) },
			untrustedTool(),
		],
		maxSteps: 6,
		// The scripted usage says a hundred tokens a call.
		compaction: { softTokens: 105 },
	});
	return { act, requests, refusals, tab };

	async function act(action: Action): Promise<void> {
		switch (action.type) {
			case 'say':
				answers.push(...action.answers);
				for (let time = 0; time < action.times; time++)
					await tab.agent.send({ line: world.line, text: `message ${time}` });
				break;
			case 'say-and-stop':
				answers.unshift({ ...action.answer, holdAfter: action.after });
				await tab.agent.send({ line: world.line, text: 'stop me' });
				await world.settle();
				tab.agent.stop(world.line);
				break;
			case 'steer':
				answers.unshift({ tools: [{ name: 'look', input: {} }], holdAfter: action.after }, ...action.answers);
				await tab.agent.send({ line: world.line, text: 'and while you are at it' });
				await world.settle();
				await tab.agent.send({ line: world.line, text: 'something else' });
				for (const model of models) model.release();
				break;
			case 'decide':
				await decide(action.decision);
				break;
			case 'attach':
				await attach();
				break;
			case 'undo-compaction': {
				const newest = world.records().findLast((record) => record.kind === 'compaction');
				if (newest) await tab.agent.undoCompaction(world.line, newest.id);
				break;
			}
			case 'remind':
				await remind();
				break;
			case 'edit-soul':
				await world.space.files.write(
					{ path: 'SOUL.md', text: `# Soul ${world.clock.now()} ${requests.length}` },
					actor(),
				);
				break;
			case 'switch-model':
				chosen++;
				break;
			case 'retry':
				await tab.agent.retry(world.line);
				break;
			case 'wait':
				await world.clock.advance(action.days * 86_400_000);
		}
		await world.clock.advance(60_000);
		await untilEnded(world, tab);
		answers.length = 0;
	}

	function actor() {
		return { type: 'person', ...world.space.self } as const;
	}

	async function decide(decision: Decision): Promise<void> {
		const open = openCalls(world);
		for (const { turn, toolUse } of open) await tab.agent.decide({ line: world.line, turn, toolUse, decision });
	}

	async function attach(): Promise<void> {
		const bytes = utf8(`page ${requests.length}`);
		const put = await world.space.blobs.put(bytes);
		if (!put.ok) throw new Error(put.error.type);
		const attached = { blob: put.value, name: 'page.txt', mediaType: 'text/plain', sizeBytes: bytes.length };
		await tab.agent.send({ line: world.line, text: 'look at this', attachments: [attached] });
	}

	async function remind(): Promise<void> {
		const opened = await world.space.lines.open(world.line);
		if (!opened.ok) throw new Error(opened.error.type);
		using line = opened.value;
		const id = `${name}-reminder-${reminders++}` as OccurrenceId;
		const now = world.clock.now();
		await line.append([{ kind: 'reminder', id, at: now, due: now, task: 'file' as FileId, text: 'Pasta' }]);
	}

	/** Puts a search into the answer: before its own blocks what an earlier one left open, behind them its own. */
	async function* withSearch(events: AsyncIterable<RawMessageStreamEvent>): AsyncGenerator<RawMessageStreamEvent> {
		const finished = left;
		left = undefined;
		let index = 0;
		for await (const event of events) {
			const isEnd = event.type === 'message_delta';
			if (isEnd && search) {
				const id = `srvtoolu_${name}${searches++}`;
				yield* blockEvents(index++, { type: 'server_tool_use', id, name: 'web_search', input: { query: 'soup' } });
				if (search === 'done') yield* blockEvents(index++, resultOf(id));
				else left = id;
			}
			if ('index' in event) {
				const shifted = event.index + (finished === undefined ? 0 : 1);
				index = shifted + 1;
				yield { ...event, index: shifted };
			} else yield event;
			if (event.type === 'message_start' && finished !== undefined) yield* blockEvents(index++, resultOf(finished));
		}
	}

	function strict(model: Model | undefined): Model {
		if (!model) throw new Error('no model');
		return {
			kind: model.kind,
			id: model.id,
			async *stream(request, signal) {
				const body = { model: model.id, max_tokens: request.maxTokens, ...markCache(request) };
				// The service goes on only with what the request brings back.
				if (left !== undefined && !JSON.stringify(body).includes(left)) left = undefined;
				const refused = rules.refuse(body);
				if (refused) {
					refusals.push(refused);
					throw new ModelFailure({ type: 'Rejected', message: refused });
				}
				const turn = world
					.records()
					.findLast((record) => record.kind === 'turn' && record.device === world.space.self.device);
				const epoch = turn?.kind === 'turn' ? turn.epoch : '';
				const said = request.messages.flatMap(({ role, content }) =>
					typeof content === 'string' ? [content] : content.map((block) => JSON.stringify([role, block])),
				);
				// The question for a summary is the end of nothing: the next request goes on from before it.
				if (request.cache !== 'once')
					requests.push({ epoch, blocks: [JSON.stringify([request.system, request.tools]), ...said] });
				const message = createMessageBuilder();
				try {
					for await (const event of withSearch(model.stream(request, signal))) {
						message.add(event);
						yield event;
					}
				} finally {
					// Also where nobody listens to the end.
					rules.issue(body, message.blocks(), message.stop);
				}
			},
		};
	}
}

function* blockEvents(index: number, content_block: unknown): Generator<RawMessageStreamEvent> {
	// Blocks of server-side tools come whole in their first event.
	yield JSON.parse(JSON.stringify({ type: 'content_block_start', index, content_block }));
	yield { type: 'content_block_stop', index };
}

function resultOf(id: string) {
	const found = {
		type: 'web_search_result',
		url: 'https://example.com/',
		title: 'Soup',
		encrypted_content: 'x',
		page_age: null,
	};
	return { type: 'web_search_tool_result', tool_use_id: id, content: [found] };
}

function untrustedTool(): Tool {
	const tool = createEchoTool('page', { isReadOnly: true });
	return {
		...tool,
		run: async (...call) => ({ ...(await tool.run(...call)), untrusted: { source: 'example.com' } }),
	};
}

/** Calls without a result in turns without an end. */
function openCalls(world: AgentWorld) {
	const records = world.records();
	const over = new Set(records.flatMap((record) => (record.kind === 'turn-end' ? [record.turn] : [])));
	const done = new Set(records.flatMap((record) => (record.kind === 'tool-step' ? [record.toolUse] : [])));
	return records.flatMap((record) => {
		if (record.kind !== 'model-step' || over.has(record.turn)) return [];
		const uses = record.content.filter((block) => block.type === 'tool_use' && !done.has(block.id));
		return uses.flatMap((use) => ('id' in use ? [{ turn: record.turn, toolUse: String(use.id) }] : []));
	});
}

/** Blobs are read in their own time. */
async function untilEnded(world: AgentWorld, tab: AgentTab): Promise<void> {
	for (let tries = 0; tries < 300 && tab.agent.live(world.line); tries++) {
		await world.settle();
		// A turn that waits for the person waits on.
		if (openCalls(world).length > 0 && tries > 5) return;
	}
	await world.clock.advance(60_000);
}

it('whatever happens on a line, the API takes the next request, and within an epoch it extends the one before', async () => {
	const seen = new Set<string>();
	await fc.assert(
		fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 14 }), async (actions) => {
			using world = await createAgentWorld();
			const speaker = createSpeaker(world, createMessagesRules(), 'a');
			for (const each of actions) await speaker.act(each);
			expect(speaker.refusals).toEqual([]);
			for (const [index, { epoch, blocks }] of speaker.requests.entries()) {
				const before = speaker.requests[index - 1];
				if (before?.epoch !== epoch) continue;
				expect(blocks.slice(0, before.blocks.length), 'the request before').toEqual(before.blocks);
			}
			await speaker.act({ type: 'decide', decision: { type: 'refused' } });
			for (let more = 0; more < 5 && openCalls(world).length > 0; more++)
				await speaker.act({ type: 'decide', decision: { type: 'refused' } });
			const unanswered = world.records().filter((record) => record.kind === 'turn').length - world.outcomes().length;
			expect(unanswered, 'every turn ended').toBe(0);
			for (const { kind } of world.records()) seen.add(kind);
		}),
		{ numRuns: 200 },
	);
	const kinds = ['steering', 'decision', 'stop', 'compaction', 'compaction-undone', 'reminder', 'tool-step'];
	expect([...seen]).toEqual(expect.arrayContaining(kinds));
}, 120_000);

it('two devices that answer on one line while apart never make a request that the API refuses', async () => {
	const thinks = fc.constant<Action>({ type: 'say', answers: [{ thinking: 'Hm.', text: 'Yes.' }], times: 1 });
	// Most steps are plain, thoughtful answers: only those stay in one epoch, where growing apart can do harm.
	const acts = fc.oneof({ weight: 3, arbitrary: thinks }, { weight: 2, arbitrary: action });
	const step = fc.record({ who: fc.boolean(), action: acts, isApart: fc.boolean() });
	await fc.assert(
		fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
			const rules = createMessagesRules();
			using a = await createAgentWorld({ device: 'a', seed: 1 });
			using b = await createAgentWorld({ device: 'b', seed: 2, clock: a.clock });
			const link = linkDocs(a.docs, b.docs);
			link.flush();
			const [anna, ben] = [createSpeaker(a, rules, 'a'), createSpeaker(b, rules, 'b')];
			for (const { who, action: each, isApart } of steps) {
				await (who ? anna : ben).act(each);
				if (!isApart) link.flush();
				await a.settle();
			}
			expect([...anna.refusals, ...ben.refusals]).toEqual([]);
		}),
		{ numRuns: 80 },
	);
}, 120_000);

it('a turn that its device left, at whatever moment, is gone on with on another without a request that the API refuses', async () => {
	const thinks: Answer = { thinking: 'Hm.', text: 'Yes.' };
	const rounds = fc.array(fc.record({ thinking: fc.constant('Hm.'), text, tools: fc.array(tool, { maxLength: 2 }) }), {
		minLength: 1,
		maxLength: 3,
	});
	const left = fc.record({
		before: fc.integer({ min: 0, max: 2 }),
		rounds,
		effect: fc.integer({ min: 1, max: 60 }),
		when: fc.constantFrom('before' as const, 'after' as const),
		how: fc.constantFrom('freezeAt' as const, 'dieAt' as const),
		isHeardOf: fc.boolean(),
	});
	let takeovers = 0;
	await fc.assert(
		fc.asyncProperty(left, async ({ before, rounds: said, effect, when, how, isHeardOf }) => {
			const rules = createMessagesRules();
			const clock = createTestClock();
			const relay = createMemoryClaims(clock);
			using a = await createAgentWorld({ device: 'a', seed: 1, clock, relay });
			using b = await createAgentWorld({ device: 'b', seed: 2, clock, relay });
			const link = linkDocs(a.docs, b.docs);
			link.flush();
			const anna = createSpeaker(a, rules, 'a', { [how]: { effect, when } });
			const ben = createSpeaker(b, rules, 'b');
			for (let turn = 0; turn < before; turn++) {
				void anna.act({ type: 'say', answers: [thinks], times: 1 });
				await clock.advance(120_000);
			}
			void anna.act({ type: 'say', answers: said, times: 1 });
			for (let minute = 0; minute < 20; minute++) {
				await clock.advance(60_000);
				if (isHeardOf || minute > 5) link.flush();
			}
			void ben.tab.agent.attend(b.line);
			await clock.advance(20 * 60_000);
			anna.tab.thaw();
			await clock.advance(20 * 60_000);
			link.flush();
			for (const who of anna.tab.isDead ? [ben, ben] : [ben, anna, ben]) {
				void who.act({ type: 'say', answers: [thinks], times: 1 });
				await clock.advance(120_000);
				link.flush();
			}
			takeovers += b.records().filter(({ kind }) => kind === 'takeover').length;
			expect([...anna.refusals, ...ben.refusals]).toEqual([]);
		}),
		{ numRuns: 60 },
	);
	expect(takeovers).toBeGreaterThan(5);
}, 120_000);
