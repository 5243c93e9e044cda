import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { ContentBlockParam } from '@anthropic-ai/sdk/resources/messages';
import { describe, expect, it } from 'vitest';
import type { TurnOutcome } from '../space/records.ts';
import { type AgentTab, type AgentWorld, createAgentWorld } from '../testing/agent-world.ts';
import { type MessagesServer, type ServerAnswer, startMessagesServer } from '../testing/node/messages-server.ts';
import { createAnthropicModel } from './anthropic-model.ts';

/** Real answers of the API, recorded by public projects. They lie beside the repository and are not part of it. */
const FOLDER = new URL('../../../../../shared/streams/', import.meta.url);
const RECORDINGS = existsSync(FOLDER) ? readdirSync(FOLDER).filter((name) => name.endsWith('.sse')) : [];
const CUTS = 16;

interface Recording {
	readonly bytes: Uint8Array;
	/** Up to here the answer is not whole: what follows says how it stopped. */
	readonly openBytes: number;
	/** What a person would have seen. */
	readonly text: string;
	readonly thinking: string;
	readonly stop: string;
}

/** Reads a recording without any of our own code. */
function readRecording(name: string): Recording {
	const bytes = readFileSync(new URL(name, FOLDER));
	const events = bytes
		.toString('utf8')
		.split(/\r?\n/)
		.filter((line) => line.startsWith('data:'))
		.map((line) => JSON.parse(line.slice(5)));
	const deltas = (field: string) =>
		events.map((event) => event.delta?.[field] ?? event.content_block?.[field] ?? '').join('');
	const stop = events.findLast((event) => event.type === 'message_delta').delta.stop_reason;
	const openBytes = bytes.lastIndexOf('event: message_delta');
	return { bytes, openBytes, text: deltas('text'), thinking: deltas('thinking'), stop };
}

async function play(
	answers: readonly ServerAnswer[],
	look: (played: { world: AgentWorld; tab: AgentTab; server: MessagesServer }) => Promise<void>,
): Promise<void> {
	await using server = await startMessagesServer({ script: answers, fallback: { text: 'Go on.' } });
	using world = await createAgentWorld();
	const model = createAnthropicModel({ fetch, apiKey: 'sk-ant-test', baseUrl: server.url, model: 'claude-sonnet-5-5' });
	const tab = world.open({ model });
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

if (RECORDINGS.length === 0) {
	it.skip('recorded streams (skipped: there is no folder shared/streams beside the repository)', () => {});
} else {
	describe.each(RECORDINGS)('%s', (name) => {
		const recording = readRecording(name);

		it('shows what a person would have seen, and the strict API takes it back in the next requests', async () => {
			await play([{ recorded: recording.bytes, chunkBytes: 777 }], async (played) => {
				const outcome = await sayTo(played, 'Go');
				expect(outcome?.type).toBe(OUTCOMES[recording.stop]);
				const [step] = steps(played.world);
				expect(step?.stop).toBe(recording.stop);
				expect(textOf(step?.content ?? [])).toBe(recording.text);
				await sayTo(played, 'And then?');
				expect(played.world.outcomes().at(-1)).toEqual({ type: 'answered' });
				expect(played.server.requests.map(({ refused, status }) => refused ?? status)).not.toContain(400);
				expect(played.server.requests.flatMap(({ refused }) => refused ?? [])).toEqual([]);
			});
		});

		it(`cut at ${CUTS} places keeps what had come and gets a whole answer the second time`, async () => {
			for (let cut = 0; cut < CUTS; cut++) {
				const cutAt = Math.max(1, Math.floor((recording.openBytes * (cut + 0.5)) / CUTS));
				await play([{ recorded: recording.bytes, cutAt }], async (played) => {
					expect(await sayTo(played, 'Go'), `cut at ${cutAt}`).toEqual({ type: 'answered' });
					const [first, second] = steps(played.world);
					const kept = second ? first : undefined;
					expect(kept?.stop ?? 'cut').toBe('cut');
					expect(recording.text.startsWith(textOf(kept?.content ?? []))).toBe(true);
					expect(steps(played.world).at(-1)).toMatchObject({ stop: 'end_turn', content: [{ text: 'Go on.' }] });
					const [one, two] = played.server.requests;
					expect(two?.body).toEqual(one?.body);
				});
			}
		});
	});
}
