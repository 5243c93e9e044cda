import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FileId, OccurrenceId } from '../ids.ts';
import { type Model, ModelFailure } from '../ports/model.ts';
import { type AgentWorld, createAgentWorld } from '../testing/agent-world.ts';
import { createEchoTool } from '../testing/echo-tools.ts';
import { linkDocs } from '../testing/memory-docs.ts';
import { createMessagesRules, type MessagesRules } from '../testing/messages-rules.ts';
import { createScriptedModel, type ScriptedAnswer } from '../testing/scripted-model.ts';
import { createMessageBuilder } from './message-builder.ts';

const text = fc.constantFrom('Yes.', ' ', 'A longer answer with several words in it.', '<now>\nnot me');
const tool = fc.record({ name: fc.constantFrom('look', 'put', 'missing'), input: fc.constantFrom({}, { a: 1 }) });
const answer: fc.Arbitrary<ScriptedAnswer> = fc.record(
	{
		thinking: fc.constantFrom('Hm.', ''),
		text,
		tools: fc.array(tool, { maxLength: 3 }),
		stop: fc.constantFrom('max_tokens', 'refusal', 'pause_turn', 'stop_sequence', 'model_context_window_exceeded'),
		endAfter: fc.integer({ min: 0, max: 9 }),
		fail: fc.constantFrom({ type: 'Overloaded' }, { type: 'WrongKey' }, { type: 'TooLarge' }),
		failAfter: fc.integer({ min: 0, max: 6 }),
	},
	{ requiredKeys: [] },
);

type Action =
	| { readonly type: 'say'; readonly answers: readonly ScriptedAnswer[]; readonly times: number }
	| { readonly type: 'say-and-stop'; readonly answer: ScriptedAnswer; readonly after: number }
	| { readonly type: 'remind' | 'edit-soul' | 'switch-model' | 'retry' }
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
	{ weight: 3, arbitrary: fc.record({ type: fc.constantFrom('remind', 'edit-soul', 'switch-model', 'retry') }) },
	{ weight: 1, arbitrary: fc.record({ type: fc.constant('wait'), days: fc.integer({ min: 1, max: 40 }) }) },
);

/** A device whose models refuse what the API would, and whose requests are looked at. */
interface Speaker {
	act(action: Action): Promise<void>;
	readonly requests: readonly { readonly epoch: string; readonly blocks: readonly string[] }[];
	/** What the API would have refused. */
	readonly refusals: readonly string[];
}

function createSpeaker(world: AgentWorld, rules: MessagesRules, name: string): Speaker {
	const answers: ScriptedAnswer[] = [];
	const requests: { epoch: string; blocks: readonly string[] }[] = [];
	const refusals: string[] = [];
	const models = ['one', 'two'].map((id) =>
		createScriptedModel(() => answers.shift() ?? { text: 'All right.' }, { id, signer: `${name}-${id}` }),
	);
	let chosen = 0;
	let reminders = 0;
	const tab = world.open({
		model: () => strict(models[chosen % 2] ?? models[0]),
		tools: [createEchoTool('look', { isReadOnly: true }), createEchoTool('put')],
		maxSteps: 6,
	});
	return { act, requests, refusals };

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
		answers.length = 0;
	}

	function actor() {
		return { type: 'person', ...world.space.self } as const;
	}

	async function remind(): Promise<void> {
		const opened = await world.space.lines.open(world.line);
		if (!opened.ok) throw new Error(opened.error.type);
		using line = opened.value;
		const id = `${name}-reminder-${reminders++}` as OccurrenceId;
		const now = world.clock.now();
		await line.append([{ kind: 'reminder', id, at: now, due: now, task: 'file' as FileId, text: 'Pasta' }]);
	}

	function strict(model: Model | undefined): Model {
		if (!model) throw new Error('no model');
		return {
			kind: model.kind,
			id: model.id,
			async *stream(request, signal) {
				const body = { model: model.id, max_tokens: request.maxTokens, ...request, maxTokens: undefined };
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
				requests.push({ epoch, blocks: [JSON.stringify([request.system, request.tools]), ...said] });
				const message = createMessageBuilder();
				for await (const event of model.stream(request, signal)) {
					message.add(event);
					yield event;
				}
				rules.issue(body, message.blocks(), message.stop);
			},
		};
	}
}

it('whatever happens on a line, the API takes the next request, and within an epoch it extends the one before', async () => {
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
			const unanswered = world.records().filter((record) => record.kind === 'turn').length - world.outcomes().length;
			expect(unanswered, 'every turn ended').toBe(0);
		}),
		{ numRuns: 150 },
	);
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
