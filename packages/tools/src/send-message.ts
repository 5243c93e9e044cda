import type { Tool, ToolCall } from '@pocketeer/core/agent/tool';
import type { MessageId } from '@pocketeer/core/ids';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import type { MessageRecord } from '@pocketeer/core/space/records';
import type { Line, LinesDep } from '@pocketeer/core/space/space';
import * as v from 'valibot';
import { defineTool, done, refused } from './define-tool.ts';
import { text } from './fields.ts';
import { findLine, lineErrorOutcome, noSuchLine } from './line-reading.ts';

const LONGEST_NAME = 60;
const LONGEST_TEXT = 20_000;

/** Puts a message of the agent on another line. */
export function sendMessage(deps: LinesDep & ClockDep): Tool {
	return defineTool({
		name: 'send_message',
		description:
			'Puts a message from you on another line, where the person reads it when they open that line. Use it when something belongs there rather than here, such as a result that a nudge found for a trip, or when the person asks for it. It starts no turn there and brings no notification: for a certain time use remind. Never use it to answer on this line; just answer.',
		input: v.strictObject({
			line: text('Name of the line, such as "Trip to Rome".'),
			text: v.pipe(
				text('The message, in markdown; it has to make sense without this conversation.'),
				v.maxLength(LONGEST_TEXT, `it is longer than ${LONGEST_TEXT} characters`),
			),
			create: v.optional(
				v.pipe(v.boolean(), v.description('Make the line if there is none of that name. Default false.')),
			),
		}),
		example: { line: 'Trip to Rome', text: 'The museum is closed on Mondays.' },
		isIdempotent: true,
		worksOn: ({ line }) => [`line ${line.trim().toLowerCase()}`],
		needsTrust: ({ line }) => ({ type: 'sends', to: `the line "${line.trim()}"` }),
		async run(input, call) {
			const name = input.line.trim();
			if (name.length > LONGEST_NAME || !/[\p{L}\p{N}]/u.test(name))
				return refused(`The argument "line" is not accepted: it must be a name of at most ${LONGEST_NAME} characters.`);
			const known = findLine(deps.lines, name);
			if (known?.id === call.line) return refused('That is this line. What you answer stands here anyway.');
			if (!known && !input.create) return refused(`${noSuchLine(deps.lines, name)} To make it, set "create" to true.`);
			const line = known ?? (await deps.lines.ensure(name));
			if (!('ok' in line)) return put(deps, line, { text: input.text, call });
			return line.ok ? put(deps, line.value, { text: input.text, call }) : lineErrorOutcome(line.error);
		},
	});
}

async function put(
	deps: LinesDep & ClockDep,
	line: Line,
	{ text: words, call }: { readonly text: string; readonly call: ToolCall },
) {
	const opened = await deps.lines.open(line.id);
	if (!opened.ok) return lineErrorOutcome(opened.error);
	using open = opened.value;
	const { actor } = call;
	// The same call made again is the same message.
	const id = `${call.turn}.${call.toolUse}` as MessageId;
	const sent = done(`Sent to the line "${line.name}".`, [
		{ type: 'sent', line: line.id, lineName: line.name, message: id },
	]);
	if (open.records().some((record) => record.kind === 'message' && record.id === id)) return sent;
	const message: MessageRecord = {
		kind: 'message',
		id,
		at: deps.clock.now(),
		author: {
			type: 'agent',
			agent: actor.agent ?? 'general',
			device: actor.device,
			line: call.line,
			turn: call.turn,
			toolUse: call.toolUse,
		},
		content: [{ type: 'text', text: words.trim() }],
		...(actor.untrusted ? { untrusted: actor.untrusted } : {}),
	};
	const kept = await open.append([message]);
	return kept.ok ? sent : lineErrorOutcome(kept.error);
}
