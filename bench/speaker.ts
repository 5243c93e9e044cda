import type { LineId, MessageId, TurnId } from '@pocketeer/core/ids';
import type { ContextItem, LineRecord, RunRecord } from '@pocketeer/core/space/records';
import type { SelfDep } from '@pocketeer/core/space/space';
import type { Prose } from './big-space.ts';
import { randomId } from './raw-device.ts';

/** Writes what the agent loop would have written of a conversation, at once: thousands of turns need no loop. */
export interface Speaker {
	/** One question and its answer, at this moment. */
	turn(
		at: number,
		line: LineId,
	): {
		readonly question: readonly LineRecord[];
		readonly answer: readonly LineRecord[];
		readonly run: RunRecord;
	};
}

/** Text of the last answer of all. */
export const NEWEST = 'That was the last of them; everything is noted.';

const MODEL = 'claude-scripted-1';
/** Turns until the request is made anew from its beginning: a day of one conversation. */
const EPOCH_TURNS = 25;
/** What the system prompt and the tools of one epoch take in its record. */
const EPOCH_BYTES = 16_000;
const TOKENS = { input: 1_000, cacheRead: 10_000, cacheWrite: 0, output: 200 } as const;
const USAGE = {
	...{ input_tokens: 1_000, output_tokens: 200, cache_creation_input_tokens: 0, cache_read_input_tokens: 10_000 },
	...{ cache_creation: null, inference_geo: null, output_tokens_details: null, server_tool_use: null },
	...{ service_tier: null, speed: null },
};

/** Makes the two who talk; the last of `turns` answers with `NEWEST`. */
export function createSpeaker({
	prose,
	self,
	turns,
}: SelfDep & { readonly prose: Prose; readonly turns: number }): Speaker {
	let count = 0;
	let epoch = '';
	let context: ContextItem[] = [];
	let system = '';
	while (system.length < EPOCH_BYTES) system += prose.page();

	return {
		turn(at, line) {
			count++;
			const [message, turn] = [randomId<MessageId>(), randomId<TurnId>()];
			const { device, person } = self;
			const author = { type: 'person', person, device } as const;
			const text = prose.question();
			const question: LineRecord[] = [{ kind: 'message', id: message, at, author, content: [{ type: 'text', text }] }];

			const answer: LineRecord[] = [];
			if ((count - 1) % EPOCH_TURNS === 0) {
				epoch = randomId();
				context = [];
				answer.push({ kind: 'epoch', id: epoch, at, system: [{ type: 'text', text: system }], tools: [] });
			}
			context = [...context, { message }];
			const trigger = { type: 'message', message } as const;
			const head = `<now>\n${new Date(at).toUTCString()}\nLine: "Chat". Speaking: ${person}.\n</now>`;
			const said = count === turns ? NEWEST : prose.answer();
			const own = { device, by: 'agent', model: MODEL } as const;
			const outcome = { type: 'answered' } as const;
			answer.push(
				{ kind: 'turn', id: turn, at, trigger, ...own, epoch, head, context },
				{
					...{ kind: 'model-step', id: randomId(), turn, at, model: MODEL, stop: 'end_turn' },
					...{ content: [{ type: 'text', text: said }], usage: USAGE, durationMs: 1_000 },
				},
				{ kind: 'turn-end', turn, at, outcome },
			);
			context = [...context, { turn }];
			const run: RunRecord = {
				...{ kind: 'run', id: turn, line, trigger, ...own, started: at, ended: at, outcome },
				...{ modelCalls: 1, toolCalls: 0, tokens: TOKENS, files: [] },
			};
			return { question, answer, run };
		},
	};
}
