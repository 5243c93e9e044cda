import { createAgent } from '@pocketeer/core/agent/create-agent';
import { createAnthropicModel } from '@pocketeer/core/agent/model/anthropic-model';
import { type AnswerBlock, answerEvents, NO_USAGE } from '@pocketeer/core/agent/model/stream-events';
import type { CompactorOptions } from '@pocketeer/core/agent/request/compaction';
import { isJsonObject } from '@pocketeer/core/json';
import { createRecall } from '@pocketeer/core/recall/create-recall';
import type { LineRecord } from '@pocketeer/core/space/records';
import { createMemoryTabs } from '@pocketeer/core/testing/memory-tabs';
import { startMessagesServer } from '@pocketeer/core/testing/node/messages-server';
import { createPromptCache, type PromptUsage } from '@pocketeer/core/testing/prompt-cache';
import { createSeededRandom, type SeededRandom } from '@pocketeer/core/testing/seeded-random';
import { createTaskWorld } from '@pocketeer/core/testing/task-world';
import { createTools } from '@pocketeer/tools';

/** A day on one line, as it is played. */
export interface DayOptions {
	readonly turns: number;
	/** Minutes from the end of a turn to the next message. */
	readonly gaps?: (random: SeededRandom, turn: number) => number;
	readonly compaction?: CompactorOptions;
	readonly seed?: number;
}

/** One request as the service got it. */
export interface SentRequest {
	readonly body: unknown;
	/** Wall clock in ms. */
	readonly at: number;
	/** Counted from 0; a summary belongs to the turn before it. */
	readonly turn: number;
	readonly usage: PromptUsage & { readonly output_tokens: number };
}

/** A day that was played. */
export interface PlayedDay {
	readonly requests: readonly SentRequest[];
	readonly records: readonly LineRecord[];
	readonly model: string;
}

const MODEL = 'claude-sonnet-5-5';
const KEY = 'sk-ant-test';
const MINUTE = 60_000;
const WORDS =
	'garden soup train ticket morning letter Anna kitchen Friday doctor invoice river bicycle window school market call report answer plan lamp mountain paper holiday guest table'.split(
		' ',
	);
const NOTES = 12;

/**
 * Plays a day: somebody chats, the agent reads a note, changes one, and answers. The loop, the tools, the space and the
 * model's adapter are the real ones; the service is the strict local server, which answers by a script, with the
 * usage that the documented rules of the prompt cache give at the test clock's moment.
 */
export async function playDay(options: DayOptions): Promise<PlayedDay> {
	const { turns, seed = 1, gaps = fiveToSixty } = options;
	const random = createSeededRandom(seed);
	const world = await createTaskWorld({ now: '2026-11-20T05:00:00Z' });
	const { clock, space, log, tasks } = world;
	await using server = await startMessagesServer();
	const cache = createPromptCache();
	const script = createScript(random);
	const requests: SentRequest[] = [];
	let turn = 0;

	const model = createAnthropicModel({ fetch: answering, apiKey: KEY, baseUrl: server.url, model: MODEL });
	const { files, lines, runs, directory, blobs, self } = space;
	const recall = createRecall({ files });
	const agent = createAgent(
		{
			...{ clock, log, files, lines, runs, directory, blobs, self, random: createSeededRandom(seed + 1) },
			store: world.store,
			tabs: createMemoryTabs().open(),
			models: { choose: async () => model },
		},
		{
			tools: createTools({ files, recall, lines, directory, blobs, tasks, clock }),
			...(options.compaction ? { compaction: options.compaction } : {}),
		},
	);
	const line = expectOk(await lines.ensure('chat')).id;
	using view = expectOk(await lines.open(line));
	const me = { type: 'person', ...self } as const;
	for (let note = 0; note < NOTES; note++) expectOk(await files.write({ path: pathOf(note), text: page(random) }, me));

	for (; turn < turns; turn++) {
		await clock.advance(gaps(random, turn) * MINUTE);
		// Now and then the person works in a note, which every prompt that holds them would have to follow.
		if (turn % 5 === 4) {
			const path = pathOf(random.below(NOTES));
			expectOk(await files.append({ path, text: `- ${sentence(random)}` }, me));
		}
		expectOk(await agent.send({ line, text: sentence(random, 8 + random.below(30)) }));
		await until(() => endsOf(view.records()) === turn + 1);
		// A summary, where there is one, is asked for right after the turn.
		await settled();
	}
	agent[Symbol.dispose]();
	const failed = view.records().flatMap((record) => (record.kind === 'turn-end' ? [record.outcome] : []));
	const other = failed.find(({ type }) => type !== 'answered');
	if (other) throw new Error(`a turn ended otherwise: ${JSON.stringify(other)}`);
	return { requests, records: view.records(), model: MODEL };

	/** Puts the next answer on the server's queue before the request gets there: its usage depends on the request. */
	async function answering(input: string | URL | Request, init?: RequestInit): Promise<Response> {
		const body: unknown = JSON.parse(String(init?.body));
		const answer = script(body, requests.length);
		const output_tokens = Math.ceil(JSON.stringify(answer.content).length / 4);
		const usage = { ...cache.take(body, clock.now()).usage, output_tokens };
		server.enqueue({ recorded: toStream(answer, usage) });
		requests.push({ body, at: clock.now(), turn, usage });
		// A model takes its time.
		await clock.advance(2000);
		return fetch(input, init);
	}

	/** Resolves when the agent has nothing more to do on the line. */
	async function settled(): Promise<void> {
		let last = -1;
		while (last !== requests.length) {
			last = requests.length;
			for (let breath = 0; breath < 20; breath++) await new Promise((resolve) => setImmediate(resolve));
			await until(() => server.remaining === 0);
		}
	}
}

interface Answer {
	readonly id: string;
	readonly model: string;
	readonly content: readonly AnswerBlock[];
	readonly stop: 'tool_use' | 'end_turn';
}

/** What the model says: two rounds of calls a turn, then an answer; a summary when it is asked for one. */
function createScript(random: SeededRandom) {
	return (body: unknown, call: number): Answer => {
		const round = roundOf(body);
		const thinking: AnswerBlock = { type: 'thinking', thinking: sentence(random, 25), signature: `signature-${call}` };
		const use = (index: number, name: string, input: unknown): AnswerBlock => ({
			type: 'tool_use',
			id: `toolu_${call}_${index}`,
			name,
			input,
		});
		const answer = (stop: Answer['stop'], ...content: readonly AnswerBlock[]): Answer => ({
			id: `msg_${call}`,
			model: MODEL,
			content,
			stop,
		});
		if (round === 'summary') return answer('end_turn', { type: 'text', text: page(random, 24) });
		if (round === 0) {
			const path = pathOf(random.below(NOTES));
			return answer(
				'tool_use',
				thinking,
				use(0, 'read_file', { path }),
				use(1, 'search_files', { query: sentence(random, 2) }),
			);
		}
		if (round === 1) {
			if (random.chance(0.5)) return answer('tool_use', use(0, 'journal_add', { text: sentence(random, 12) }));
			const text = page(random, 6);
			return answer('tool_use', use(0, 'write_file', { path: `notes/new-${call}.md`, text }));
		}
		return answer('end_turn', thinking, { type: 'text', text: page(random, 4 + random.below(5)) });
	};
}

/** How many rounds of calls the turn has made, by the results at the end of the request. */
function roundOf(body: unknown): number | 'summary' {
	const messages = isJsonObject(body) && Array.isArray(body.messages) ? body.messages.filter(isJsonObject) : [];
	const last = JSON.stringify(messages.at(-1));
	if (last.includes('Write the summary')) return 'summary';
	let rounds = 0;
	for (const { role, content } of messages.toReversed()) {
		if (role === 'user' && !JSON.stringify(content).includes('"tool_result"')) break;
		if (role === 'user') rounds++;
	}
	return rounds;
}

function toStream(answer: Answer, usage: SentRequest['usage']): Uint8Array {
	const events = [...answerEvents({ ...answer, usage: { ...NO_USAGE, ...usage } })];
	return Buffer.from(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''));
}

function fiveToSixty(random: SeededRandom): number {
	return 5 + random.below(56);
}

function pathOf(note: number): string {
	return `notes/${WORDS[note % WORDS.length]?.toLowerCase()}-${note}.md`;
}

function page(random: SeededRandom, sentences = 18): string {
	return Array.from({ length: sentences }, () => `${sentence(random, 6 + random.below(12))}.`).join('\n');
}

function sentence(random: SeededRandom, words = 10): string {
	return Array.from({ length: words }, () => random.pick(WORDS)).join(' ');
}

function endsOf(records: readonly LineRecord[]): number {
	return records.filter((record) => record.kind === 'turn-end').length;
}

async function until(isSo: () => boolean): Promise<void> {
	const deadline = performance.now() + 20_000;
	while (!isSo()) {
		if (performance.now() > deadline) throw new Error('the day stands still');
		await new Promise((resolve) => setTimeout(resolve, 1));
	}
}

function expectOk<T>(
	result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown },
): T {
	if (!result.ok) throw new Error(JSON.stringify(result.error));
	return result.value;
}
