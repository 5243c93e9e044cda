import { createAgent } from '@pocketeer/core/agent/create-agent';
import { answerEvents } from '@pocketeer/core/agent/model/stream-events';
import type { DeviceId, PersonId } from '@pocketeer/core/ids';
import type { Model, ModelRequest } from '@pocketeer/core/ports/model';
import { createSpace } from '@pocketeer/core/space/create-space';
import { createSystemClock } from '@pocketeer/core/system';
import { createEchoTool } from '@pocketeer/core/testing/echo-tools';
import { createMemoryDocs } from '@pocketeer/core/testing/memory-docs';
import { createMemoryStore } from '@pocketeer/core/testing/memory-store';
import { createMemoryTabs } from '@pocketeer/core/testing/memory-tabs';
import { createSeededRandom } from '@pocketeer/core/testing/seeded-random';
import { type Figure, printFigures } from './figure.ts';

/**
 * What the loop itself costs: `npm run bench:loop`. A line of 2,000 messages over a real space in memory, a model that
 * answers at once, tools that do nothing: whatever time passes outside the model is overhead of the loop. Of a machine
 * that does other things besides, the time of the processor says more than the clock's.
 */

const TURNS = 1000;
const MEASURED = 60;
const LIMIT_MS = 15;
const PROSE = 'A sentence of some length, as people say them to each other on a line. '.repeat(4);

const log = { info() {}, warn() {} };
const self = { device: 'laptop' as DeviceId, person: 'anna' as PersonId };
const clock = createSystemClock();
const random = createSeededRandom(1);
const space = expectOk(await createSpace({ docs: createMemoryDocs(), clock, random, self, log }));
const line = expectOk(await space.lines.ensure('chat')).id;
using view = expectOk(await space.lines.open(line));
const tool = createEchoTool('look', { isReadOnly: true });

let rounds = 0;
/** Moments at which the model was asked, and at which its answer was over. */
const moments: { readonly asked: Moment; over: Moment }[] = [];
let calls = 0;
const model: Model = {
	kind: 'agent',
	id: 'claude-bench-1',
	async *stream(request: ModelRequest) {
		const moment = { asked: now(), over: now() };
		const isDone = roundsOf(request) >= rounds;
		const use = { type: 'tool_use', id: `toolu_${calls++}`, name: 'look', input: { calls } } as const;
		const content = isDone ? [{ type: 'text', text: PROSE } as const] : [use];
		const stop = isDone ? 'end_turn' : 'tool_use';
		yield* answerEvents({ id: `msg_${calls}`, model: model.id, content, stop });
		moment.over = now();
		moments.push(moment);
	},
};
const { files, lines, runs, directory, blobs } = space;
const agent = createAgent(
	{
		...{ clock, random, log, self, files, lines, runs, directory, blobs, store: createMemoryStore() },
		tabs: createMemoryTabs().open(),
		models: { choose: async () => model },
	},
	{ tools: [tool], compaction: { isOn: () => false } },
);

console.error(`${TURNS} turns …`);
for (let turn = 0; turn < TURNS; turn++) await say();

rounds = 4;
moments.length = 0;
const steps: Moment[] = [];
const begins: Moment[] = [];
const ends: Moment[] = [];
for (let turn = 0; turn < MEASURED; turn++) {
	moments.length = 0;
	const said = now();
	const answered = await say();
	const [first, last] = [moments[0], moments.at(-1)];
	if (!first || !last) throw new Error('the model was not asked');
	begins.push(between(said, first.asked));
	ends.push(between(last.over, answered));
	for (const [index, { asked }] of moments.entries()) {
		const before = moments[index - 1];
		if (before) steps.push(between(before.over, asked));
	}
}
agent[Symbol.dispose]();

const messages = view.records().filter(({ kind }) => kind === 'message').length;
const note = `${messages} messages and as many answers on the line, ${view.records().length} records`;
const figures: readonly Figure[] = [
	...figuresOf('step', steps, `from the end of an answer through a tool call to the next request; ${note}`),
	...figuresOf('begin', begins, 'from send to the first request: message, epoch, head and turn stored'),
	...figuresOf('end', ends, 'from the last answer to the end of the turn'),
];
printFigures(figures);

/** Says something; resolves with the moment at which the turn's end stood on the line. */
async function say(): Promise<Moment> {
	const { promise, resolve } = Promise.withResolvers<Moment>();
	const before = ended();
	using _watch = view.subscribe(() => {
		if (view.records().at(-1)?.kind === 'turn-end' && ended() > before) resolve(now());
	});
	expectOk(await agent.send({ line, text: PROSE }));
	const at = await promise;
	while (agent.live(line)) await new Promise((done) => setImmediate(done));
	return at;
}

function ended(): number {
	return view.records().reduce((count, { kind }) => count + Number(kind === 'turn-end'), 0);
}

function roundsOf({ messages }: ModelRequest): number {
	let count = 0;
	for (const { content } of messages.toReversed()) {
		const types = typeof content === 'string' ? ['text'] : content.map(({ type }) => type);
		if (types.includes('text')) break;
		if (types.includes('tool_result')) count++;
	}
	return count;
}

/** A moment by the clock and by the processor's time spent, both in ms. */
interface Moment {
	readonly wall: number;
	readonly cpu: number;
}

function now(): Moment {
	const { user, system } = process.cpuUsage();
	return { wall: performance.now(), cpu: (user + system) / 1000 };
}

function between(from: Moment, to: Moment): Moment {
	return { wall: to.wall - from.wall, cpu: to.cpu - from.cpu };
}

function figuresOf(name: string, values: readonly Moment[], note: string): readonly Figure[] {
	return [
		figure(
			`loop ${name}, p95`,
			values.map(({ wall }) => wall),
			note,
		),
		figure(
			`loop ${name}, p95, processor`,
			values.map(({ cpu }) => cpu),
			'the same without waiting for other programs',
		),
	];
}

function figure(name: string, values: readonly number[], note: string): Figure {
	const sorted = values.toSorted((a, b) => a - b);
	const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
	const whole = `${note}; median ${at(0.5).toFixed(1)} ms`;
	return { name, value: at(0.95), min: at(0), max: at(1), unit: 'ms', limit: LIMIT_MS, note: whole };
}

function expectOk<T>(
	result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown },
): T {
	if (!result.ok) throw new Error(JSON.stringify(result.error));
	return result.value;
}
