import type { ContentBlockParam } from '@anthropic-ai/sdk/resources/messages';
import { describe, expect, it } from 'vitest';
import type { TurnOutcome } from '../../space/records.ts';
import { type AgentTab, type AgentWorld, createAgentWorld } from '../../testing/agent-world.ts';
import { createEchoTool } from '../../testing/echo-tools.ts';
import { createMessagesRules } from '../../testing/messages-rules.ts';
import { renderAnswer } from '../../testing/node/messages-script.ts';
import {
	type MessagesServer,
	readStream,
	type ServerAnswer,
	startMessagesServer,
} from '../../testing/node/messages-server.ts';
import {
	fetchOf,
	NO_RECORDINGS,
	type RecordedStream,
	readRecordedStreams,
} from '../../testing/node/recorded-streams.ts';
import { createAnthropicModel } from './anthropic-model.ts';

const SETTINGS = { apiKey: 'sk-ant-test', model: 'claude-sonnet-5-5' };
/** Cuts through a real connection; the others go without one. */
const CUTS = 4;

async function play(
	answers: readonly ServerAnswer[],
	look: (played: { world: AgentWorld; tab: AgentTab; server: MessagesServer }) => Promise<void>,
): Promise<void> {
	await using server = await startMessagesServer({ script: answers, fallback: { text: 'Go on.' } });
	using world = await createAgentWorld();
	const tab = world.open({ model: createAnthropicModel({ ...SETTINGS, fetch, baseUrl: server.url }) });
	await look({ world, tab, server });
}

/** Says something and waits for the turn's end, letting time pass where the turn waits to try again. */
async function sayTo(
	{ world, tab }: { world: AgentWorld; tab: AgentTab },
	text: string,
): Promise<TurnOutcome | undefined> {
	const before = world.outcomes().length;
	await tab.agent.send({ line: world.line, text });
	while (world.outcomes().length === before) {
		const changed = Promise.withResolvers<void>();
		using _ = tab.agent.subscribe(() => changed.resolve());
		const retryAt = tab.agent.live(world.line)?.retryAt;
		if (retryAt !== undefined) await world.clock.advance(retryAt - world.clock.now());
		else if (world.outcomes().length === before) await changed.promise;
	}
	return world.outcomes().at(-1);
}

function steps(world: AgentWorld) {
	return world.records().flatMap((record) => (record.kind === 'model-step' ? [record] : []));
}

function textOf(content: readonly ContentBlockParam[]): string {
	return content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

const OUTCOMES: Readonly<Record<string, TurnOutcome['type']>> = {
	end_turn: 'answered',
	tool_use: 'answered',
	max_tokens: 'truncated',
	refusal: 'refused',
};

/** In the middle of each event, at its end, and a byte before and behind: what a cut leaves depends on nothing else. */
function cutsOf({ eventEnds }: RecordedStream): readonly number[] {
	return eventEnds.flatMap((end, index) => {
		const start = eventEnds[index - 1] ?? 0;
		return [Math.floor((start + end) / 2), end - 1, end];
	});
}

/** The first call gets a recording up to a byte, the later ones a whole answer, as far as the API would take what is asked. */
async function playCut({ bytes }: RecordedStream, cutAt: number) {
	const rules = createMessagesRules();
	const whole = readStream(bytes);
	const bodies: string[] = [];
	const refusals: string[] = [];
	const ran: string[] = [];
	using world = await createAgentWorld();
	const answering: typeof fetch = async (input, init) => {
		const body = String(init?.body);
		bodies.push(body);
		const refused = rules.refuse(JSON.parse(body));
		if (refused) refusals.push(refused);
		if (bodies.length === 1) rules.issue(JSON.parse(body), whole.blocks(), whole.stop);
		const later = renderAnswer({ text: 'Go on.' }, { call: bodies.length, model: 'claude', usage: {} });
		const pieces = bodies.length === 1 ? [bytes.slice(0, cutAt)] : [new Uint8Array(later)];
		return fetchOf(pieces, bodies.length === 1 ? 'breaks' : 'ends')(input, init);
	};
	const tools = ['get_weather', 'fixed_version', 'make_file'].map((name) => createEchoTool(name, { ran }));
	const model = createAnthropicModel({ ...SETTINGS, fetch: answering, baseUrl: 'http://localhost' });
	const outcome = await sayTo({ world, tab: world.open({ model, tools }) }, 'Go');
	return { outcome, steps: steps(world), bodies, refusals, ran };
}

const RECORDINGS = readRecordedStreams();

if (RECORDINGS.length === 0) it.skip(`recorded streams (${NO_RECORDINGS})`, () => {});
else
	describe.each(RECORDINGS)('$name', (recording) => {
		it('shows what a person would have seen, and the strict API takes it back in the next requests', async () => {
			await play([{ recorded: recording.bytes, chunkBytes: 777 }], async (played) => {
				const outcome = await sayTo(played, 'Go');
				expect(outcome?.type).toBe(OUTCOMES[recording.stop]);
				const [step] = steps(played.world);
				expect(step?.stop).toBe(recording.stop);
				expect(textOf(step?.content ?? [])).toBe(recording.text);
				await sayTo(played, 'And then?');
				expect(played.world.outcomes().at(-1)).toEqual({ type: 'answered' });
				expect(played.server.requests.flatMap(({ refused }) => refused ?? [])).toEqual([]);
				expect(played.server.requests.map(({ status }) => status)).not.toContain(400);
			});
		});

		it(`cut at ${CUTS} places of a connection gets a whole answer the second time`, async () => {
			for (let cut = 0; cut < CUTS; cut++) {
				const cutAt = Math.max(1, Math.floor((recording.openBytes * (cut + 0.5)) / CUTS));
				await play([{ recorded: recording.bytes, cutAt }], async (played) => {
					expect(await sayTo(played, 'Go'), `cut at ${cutAt}`).toEqual({ type: 'answered' });
					expect(steps(played.world).map(({ stop }) => stop)).toEqual(['cut', 'end_turn']);
					const [one, two] = played.server.requests;
					expect(two?.body).toEqual(one?.body);
				});
			}
		});

		it('cut in, before and behind each event keeps what had come, says what it cost, and runs no tool of a part', async () => {
			for (const cutAt of cutsOf(recording)) {
				const played = await playCut(recording, cutAt);
				const [first, ...later] = played.steps;
				const where = `cut at ${cutAt}`;
				expect(played.refusals, where).toEqual([]);
				expect(recording.text.startsWith(textOf(first?.content ?? [])), where).toBe(true);
				expect(first?.usage !== undefined, where).toBe(cutAt >= (recording.eventEnds[0] ?? 0));
				expect(new Set(played.ran).size, where).toBe(played.ran.length);
				if (first?.stop === 'cut') {
					expect(played.outcome, where).toEqual({ type: 'answered' });
					expect(played.ran, where).toEqual([]);
					expect(played.bodies[1], where).toBe(played.bodies[0]);
					expect(later, where).toMatchObject([{ stop: 'end_turn', content: [{ text: 'Go on.' }] }]);
				} else {
					expect(cutAt, where).toBeGreaterThan(recording.openBytes);
					expect(played.outcome?.type, where).toBe(OUTCOMES[recording.stop]);
				}
			}
		});
	});
