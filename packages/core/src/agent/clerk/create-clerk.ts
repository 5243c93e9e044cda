import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import type { ClockDep } from '../../ports/clock.ts';
import type { Model, ModelRequest } from '../../ports/model.ts';
import { newId, type RandomDep } from '../../ports/random.ts';
import { type AnswerBlock, answerEvents } from '../model/stream-events.ts';
import { answerFrom } from './answer.ts';
import { type AnsweredCall, type Conversation, readConversation } from './conversation.ts';
import type { Intent } from './intent.ts';
import { understand } from './understand.ts';
import { CLERK_LIMITS, CLERK_LIMITS_AGAIN, CLERK_NO_ATTACHMENTS, nudgeWithoutAgent } from './words.ts';

/**
 * A model made of rules: no network, no AI. It reads the newest messages, calls the same tools as any model, and speaks
 * of what happened only in the words of their results.
 */
export function createClerk(deps: ClockDep & RandomDep): Model {
	return {
		kind: 'clerk',
		id: 'clerk',
		async *stream(request, signal) {
			for (const event of await answer(deps, request)) {
				if (signal.aborted) return;
				yield event;
			}
		},
	};
}

async function answer(deps: ClockDep & RandomDep, request: ModelRequest): Promise<Iterable<RawMessageStreamEvent>> {
	const conversation = readConversation(request.messages);
	const content = await contentOf(
		deps,
		conversation,
		new Set(request.tools.flatMap((tool) => ('name' in tool ? [tool.name] : []))),
	);
	const stop = content.some((block) => block.type === 'tool_use') ? 'tool_use' : 'end_turn';
	return answerEvents({ id: `msg_${newId(deps)}`, model: 'clerk', content, stop }, byWords);
}

async function contentOf(
	deps: ClockDep & RandomDep,
	conversation: Conversation,
	tools: ReadonlySet<string>,
): Promise<readonly AnswerBlock[]> {
	const { asked, calls, before } = conversation;
	if (conversation.isTask) return [{ type: 'text', text: nudgeWithoutAgent(asked.join('\n\n')) }];
	const context = { now: deps.clock.now(), zone: deps.clock.zone() };
	const intents: Intent[] = [];
	for (const [index, text] of asked.entries()) {
		intents.push(await understand(text, context, index === 0 ? before : []));
	}
	const wanted = intents.filter((intent) => intent.type === 'call' && tools.has(intent.tool));
	if (wanted.length > 0 && calls.length === 0) {
		return wanted.flatMap((intent): AnswerBlock[] =>
			intent.type === 'call'
				? [{ type: 'tool_use', id: `toolu_${newId(deps)}`, name: intent.tool, input: intent.input }]
				: [],
		);
	}
	const told = before.map(({ answer }) => answer).join('\n');
	const results = calls.map((call, index) => [answerFrom(call), ...afterward(wanted[index], call, told)].join('\n\n'));
	const rest = intents.flatMap((intent) => sayingOf(intent, tools));
	const said = withAttachments(conversation, [...results, ...rest]);
	const limits = told.includes(CLERK_LIMITS) || told.includes(CLERK_LIMITS_AGAIN) ? CLERK_LIMITS_AGAIN : CLERK_LIMITS;
	const text = (said.length > 0 ? said : [CLERK_LIMITS]).map((part) => (part === CLERK_LIMITS ? limits : part));
	return [{ type: 'text', text: text.join('\n\n') }];
}

/** Of what is attached the clerk says that it cannot look at it, in place of what else it has no rule for. */
function withAttachments({ hasAttachments }: Conversation, said: readonly string[]): readonly string[] {
	return hasAttachments ? [...said.filter((part) => part !== CLERK_LIMITS), CLERK_NO_ATTACHMENTS] : said;
}

/** What the message called for beside the result itself. */
function afterward(intent: Intent | undefined, { tool, result }: AnsweredCall, told: string): readonly string[] {
	if (intent?.type !== 'call' || intent.tool !== tool) return [];
	const isNothing = result.startsWith('Nothing');
	const text = isNothing ? intent.ifNothing : intent.ifSome;
	return text === undefined || (isNothing && told.includes(text)) ? [] : [text];
}

/** What needs no tool is said; a tool that is not there is a thing the clerk cannot do. */
function sayingOf(intent: Intent, tools: ReadonlySet<string>): readonly string[] {
	if (intent.type === 'say') return [intent.text];
	if (intent.type === 'ask-when') return [intent.question];
	return tools.has(intent.tool) ? [] : [CLERK_LIMITS];
}

function byWords(text: string): readonly string[] {
	return text.match(/\s*\S+\s*$|\s*\S+/g) ?? [];
}
