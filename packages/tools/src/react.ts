import type { Tool } from '@pocketeer/core/agent/tool';
import type { MessageId } from '@pocketeer/core/ids';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import type { LineRecord, ReactionRecord } from '@pocketeer/core/space/records';
import type { LinesDep } from '@pocketeer/core/space/space';
import * as v from 'valibot';
import { defineTool, done, refused } from './define-tool.ts';
import { text } from './fields.ts';
import { lineErrorOutcome } from './line-reading.ts';

/** Puts an emoji on a message. */
export function react(deps: LinesDep & ClockDep): Tool {
	return defineTool({
		name: 'react',
		description:
			'Puts one emoji on a message of this line, by default the one you are answering. Use it when a sign says enough or adds warmth: thanks, a joke, good news. Not instead of an answer to a question, and not on every message. The same message has one emoji from you; a new one replaces it.',
		input: v.strictObject({
			emoji: v.pipe(
				text('One emoji, such as "👍".'),
				v.check((value) => isEmoji(value.trim()), 'it must be exactly one emoji'),
			),
			message: v.optional(text('Id of another message, as fetch_history shows it.')),
		}),
		example: { emoji: '👍' },
		isIdempotent: true,
		worksOn: () => ['reactions'],
		async run(input, call) {
			const opened = await deps.lines.open(call.line);
			if (!opened.ok) return lineErrorOutcome(opened.error);
			using line = opened.value;
			const emoji = input.emoji.trim();
			const message = input.message?.trim() ?? triggerOf(line.records(), call.turn);
			if (message === undefined || !line.records().some((record) => record.kind === 'message' && record.id === message))
				return refused(`There is no message "${message ?? ''}" among the recent ones of this line.`);
			const reacted = done(`Your reaction is ${emoji}.`, [{ type: 'reacted', emoji }]);
			// The same call made again is the same reaction.
			const id = `${call.turn}.${call.toolUse}`;
			if (line.records().some((record) => record.kind === 'reaction' && record.id === id)) return reacted;
			const reaction: ReactionRecord = {
				kind: 'reaction',
				id,
				at: deps.clock.now(),
				to: { message: message as MessageId },
				emoji,
				author: {
					type: 'agent',
					agent: call.actor.agent ?? 'general',
					device: call.actor.device,
					line: call.line,
					turn: call.turn,
					toolUse: call.toolUse,
				},
			};
			const kept = await line.append([reaction]);
			return kept.ok ? reacted : lineErrorOutcome(kept.error);
		},
	});
}

function triggerOf(records: readonly LineRecord[], id: string): string | undefined {
	const turn = records.find((record) => record.kind === 'turn' && record.id === id);
	return turn?.kind === 'turn' ? turn.trigger.message : undefined;
}

/** One sign as it is seen, whatever it is put together from: skin tones, families, flags, keycaps. */
function isEmoji(value: string): boolean {
	return /^(?:\p{RGI_Emoji}|\p{Extended_Pictographic})$/v.test(value);
}
