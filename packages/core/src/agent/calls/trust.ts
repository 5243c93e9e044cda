import type { ContentBlockParam, DocumentBlockParam, ToolResultBlockParam } from '@anthropic-ai/sdk/resources/messages';
import { checkPath, pathKey } from '../../space/paths.ts';
import type { Decision, MessageRecord, ModelStepRecord, ToolStepRecord, TurnRecord } from '../../space/records.ts';
import { type IndexedTurn, isSendable, type LineIndex, toolUsesOf } from '../line/line-index.ts';
import type { Question, Tool, TrustNeed } from '../tool.ts';

/**
 * Text from outside (web pages, attachments, results of foreign servers, files written from such) is material, never
 * orders. While it is in the context of a turn's requests the turn is tainted: what changes standing instructions or
 * sends something then waits for the person, and files the turn writes carry the mark on (`Actor.untrusted`). People of the
 * space speak for themselves; what they attach does not.
 */
export interface Taint {
	/** Where the text came from, for the approval and for the marks: "example.com", `notes/page.md`. */
	readonly source: string;
}

/**
 * The newest untrusted text in the context of a turn, or undefined when there is none. `unseen` are calls whose results
 * the model has not been sent yet: they cannot have moved it to anything. The clerk follows rules, not texts.
 */
export function taintOf(
	index: LineIndex,
	turn: TurnRecord,
	unseen: ReadonlySet<string> = new Set(),
): Taint | undefined {
	if (turn.by === 'clerk') return undefined;
	const own = index.turns.get(turn.id);
	const fromOwn = own && taintOfSteps(index, own, unseen);
	if (fromOwn) return fromOwn;
	for (const item of turn.context.toReversed()) {
		if ('message' in item) {
			const found = taintOfMessage(index.messages.get(item.message));
			if (found) return found;
		} else if ('turn' in item) {
			const earlier = index.turns.get(item.turn);
			const found = earlier && taintOfSteps(index, earlier, NOTHING);
			if (found) return found;
		}
	}
	const compaction = index.epochs.get(turn.epoch)?.compaction;
	return compaction === undefined ? undefined : index.compactions.get(compaction)?.untrusted;
}

const NOTHING: ReadonlySet<string> = new Set();

/** What a turn's own steps brought in: results, what was said meanwhile, and what the service itself looked up. */
function taintOfSteps(index: LineIndex, turn: IndexedTurn, unseen: ReadonlySet<string>): Taint | undefined {
	for (const step of turn.modelSteps.toReversed()) {
		if (!isSendable(step)) continue;
		for (const use of toolUsesOf(step)) {
			const result = unseen.has(use.id) ? undefined : turn.toolSteps.get(use.id);
			if (result?.untrusted) return { source: result.untrusted.source };
		}
		const source = serverSourceOf(step);
		if (source !== undefined) return { source };
	}
	for (const { messages } of turn.steering.toReversed()) {
		for (const id of messages.toReversed()) {
			const found = taintOfMessage(index.messages.get(id));
			if (found) return found;
		}
	}
	return undefined;
}

function taintOfMessage(message: MessageRecord | undefined): Taint | undefined {
	if (message?.untrusted) return { source: message.untrusted.source };
	const attachment = message?.attachments?.at(-1);
	return attachment && { source: attachment.name };
}

/** Where the results of server-side tools in an answer came from; an error of such a tool brings no text with it. */
function serverSourceOf({ content }: ModelStepRecord): string | undefined {
	for (const block of content.toReversed()) {
		if (block.type === 'web_fetch_tool_result') {
			if (block.content.type === 'web_fetch_result') return hostOf(block.content.url);
		} else if (block.type === 'web_search_tool_result') {
			if (Array.isArray(block.content) && block.content.length > 0) return 'a web search';
		} else if (isForeignResult(block)) return 'a server-side tool';
	}
	return undefined;
}

/** Results of tools this version does not know count too; a search among tool definitions brings nothing from outside. */
function isForeignResult({ type }: ContentBlockParam): boolean {
	return type.endsWith('_tool_result') && type !== 'tool_search_tool_result';
}

function hostOf(url: string): string {
	return URL.canParse(url) ? new URL(url).host || 'the web' : 'the web';
}

type ResultContent = NonNullable<ToolResultBlockParam['content']>;
type ResultBlock = Exclude<ResultContent, string>[number];

/** The content of a result as a request shows it: text from outside marked, what the app itself added to it outside the mark. */
export function resultContentOf(
	step: Pick<ToolStepRecord, 'result' | 'untrusted' | 'whole'>,
): ToolStepRecord['result'] {
	const { result, untrusted, whole } = step;
	if (!untrusted || result === undefined) return result;
	// The last block of a cut result says how to read on: see `fitResult`.
	if (!whole || typeof result === 'string') return markUntrusted(result, untrusted.source);
	return [...markUntrusted(result.slice(0, -1), untrusted.source), ...result.slice(-1)];
}

/** Puts content from outside between marks that nothing inside it can close. */
export function markUntrusted(content: string, source: string): string;
export function markUntrusted<Block extends ResultBlock>(
	content: readonly Block[],
	source: string,
): (Block | MarkBlock)[];
export function markUntrusted(content: ResultContent, source: string): ResultContent;
export function markUntrusted(content: string | readonly ResultBlock[], source: string): ResultContent {
	const open = `<untrusted source="${attribute(source)}">`;
	if (typeof content === 'string') return `${open}\n${escapeMarks(content)}\n${CLOSE}`;
	if (content.length === 0) return [];
	const [first, ...rest] = content.map(escapeBlock);
	// A text takes its mark in, so that a result of one text stays one block.
	const marked: ResultBlock[] = first?.type === 'text' ? [{ ...first, text: `${open}\n${first.text}` }] : [text(open)];
	if (first && first.type !== 'text') marked.push(first);
	marked.push(...rest);
	const last = marked.at(-1);
	if (last?.type === 'text') marked[marked.length - 1] = { ...last, text: `${last.text}\n${CLOSE}` };
	else marked.push(text(CLOSE));
	return marked;
}

/** A block that only marks. */
export interface MarkBlock {
	readonly type: 'text';
	readonly text: string;
}

const CLOSE = '</untrusted>';

function text(words: string): { type: 'text'; text: string } {
	return { type: 'text', text: words };
}

/** What a model may well read past: spaces and signs that do not show. */
const UNSEEN = String.raw`[\s\p{Default_Ignorable_Code_Point}]*`;
const MARK_NAMES = ['untrusted', 'notice', 'now'].map((name) => `${[...name].join(UNSEEN)}${UNSEEN}`);
const MARK = new RegExp(
	String.raw`[<\uff1c\ufe64](?=(?:${UNSEEN}[/\\\uff0f])*${UNSEEN}(?:${MARK_NAMES[0]}|(?:${MARK_NAMES.slice(1).join('|')})(?![\p{L}\p{N}_-])))`,
	'giu',
);

/**
 * Both tags: one that opens inside would make the true end look like its own. The app's own blocks too: nothing from
 * outside speaks as the app.
 */
export function escapeMarks(words: string): string {
	return words.replace(MARK, '&lt;');
}

function attribute(source: string): string {
	const line = source.replace(/[\p{Cc}\u2028\u2029\s]+/gu, ' ').trim();
	return (line.length > 200 ? `${line.slice(0, 199)}…` : line)
		.toWellFormed()
		.replaceAll('&', '&amp;')
		.replaceAll('"', '&quot;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;');
}

function escapeBlock(block: ResultBlock): ResultBlock {
	if (block.type === 'text') return { ...block, text: escapeMarks(block.text) };
	if (block.type === 'search_result') {
		const content = block.content.map((part) => ({ ...part, text: escapeMarks(part.text) }));
		return { ...block, title: escapeMarks(block.title), source: escapeMarks(block.source), content };
	}
	return block.type === 'document' ? escapeDocument(block) : block;
}

function escapeDocument(document: DocumentBlockParam): DocumentBlockParam {
	const { title, context } = document;
	const block = {
		...document,
		...(title ? { title: escapeMarks(title) } : {}),
		...(context ? { context: escapeMarks(context) } : {}),
	};
	const { source } = block;
	if (source.type === 'text') return { ...block, source: { ...source, data: escapeMarks(source.data) } };
	if (source.type !== 'content') return block;
	const content =
		typeof source.content === 'string'
			? escapeMarks(source.content)
			: source.content.map((part) => (part.type === 'text' ? { ...part, text: escapeMarks(part.text) } : part));
	return { ...block, source: { ...source, content } };
}

/** Folders whose files direct what the agent does; lines/ holds what it is told on one line. */
const INSTRUCTION_FOLDERS = ['agents', 'skills', 'scripts', 'mcp', 'tunings', 'swarms', 'tasks', 'lines'];
const INSTRUCTION_FILES = ['soul.md', 'practice.md'];

/** Whether a file at this path would direct the agent; of a path that is none, false: nothing is written there. */
export function isInstructions(path: string): boolean {
	const checked = checkPath(path.trim());
	if (!checked.ok) return false;
	// As the workspace compares paths: "Practice.md" is PRACTICE.md.
	const key = pathKey(checked.value);
	const [folder = ''] = key.split('/', 1);
	return INSTRUCTION_FILES.includes(key) || (key.includes('/') && INSTRUCTION_FOLDERS.includes(folder));
}

/** The need of a change to these paths; the first that directs the agent is named. */
export function instructionsNeed(...paths: readonly string[]): TrustNeed | undefined {
	const path = paths.find(isInstructions);
	return path === undefined ? undefined : { type: 'instructions', path: path.trim() };
}

/** Whether a call may run now. */
export type Gate =
	/** `isApproved`: a person looked at this very call and let it run. */
	| { readonly type: 'open'; readonly isApproved: boolean }
	| { readonly type: 'waits'; readonly for: Waiting }
	/** The decision itself is the call's result; it is not run. */
	| { readonly type: 'decided'; readonly decision: Decision; readonly question: Question | undefined };

/** What a call waits for. */
export type Waiting =
	| { readonly type: 'approval'; readonly need: TrustNeed; readonly source: string }
	| { readonly type: 'answer'; readonly question: Question };

/** Asks whether a call may run, by what is in the context and by what the person decided. */
export function gateOf(call: {
	readonly tool: Tool | undefined;
	readonly input: unknown;
	readonly taint: Taint | undefined;
	readonly decision: Decision | undefined;
}): Gate {
	const { tool, input, taint, decision } = call;
	const question = tool?.question?.(input);
	if (question) {
		return decision ? { type: 'decided', decision, question } : { type: 'waits', for: { type: 'answer', question } };
	}
	// A refusal holds also where nothing would have been asked any more.
	if (decision && decision.type !== 'approved') return { type: 'decided', decision, question: undefined };
	if (decision) return { type: 'open', isApproved: true };
	const need = taint && tool?.needsTrust?.(input);
	if (!need) return { type: 'open', isApproved: false };
	return { type: 'waits', for: { type: 'approval', need, source: taint.source } };
}

/** Calls of a turn that wait for the person, in order: what a screen asks, on any device, from the records alone. */
export function waitingCalls(
	index: LineIndex,
	turn: IndexedTurn,
	tools: ReadonlyMap<string, Tool>,
): readonly { readonly toolUse: string; readonly name: string; readonly input: unknown; readonly for: Waiting }[] {
	const step = turn.end || turn.isStopped ? undefined : turn.modelSteps.findLast(isSendable);
	const uses = step ? toolUsesOf(step) : [];
	const taint = taintOf(index, turn.record, new Set(uses.map((use) => use.id)));
	return uses
		.filter((use) => !turn.toolSteps.has(use.id))
		.flatMap((use) => {
			const { tool, input } = targetOf(tools, use);
			const gate = gateOf({ tool, input, taint, decision: turn.decisions.get(use.id)?.decision });
			// What is run, not what stands for it: a person decides by what they read.
			const name = tool?.definition.name ?? use.name;
			return gate.type === 'waits' ? [{ toolUse: use.id, name, input, for: gate.for }] : [];
		});
}

/** The tool that a call is for in the end, and what it is given: `call_tool` stands for another. */
export function targetOf(
	tools: ReadonlyMap<string, Tool>,
	use: { readonly name: string; readonly input: unknown },
): { readonly tool: Tool | undefined; readonly input: unknown } {
	const tool = tools.get(use.name);
	return tool?.target?.(use.input) ?? { tool, input: use.input };
}
