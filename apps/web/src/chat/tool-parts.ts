import type { IndexedTurn } from '@pocketeer/core/agent/line/line-index';
import type { DecisionRecord, ModelStepRecord, ToolStepRecord } from '@pocketeer/core/space/records';
import type { Decided, Part, Source, ToolPart } from './articles.ts';

/** What the calls of one turn are shown with. */
export interface CallContext {
	readonly toolSteps: IndexedTurn['toolSteps'];
	readonly decisions: ReadonlyMap<string, Decided>;
	readonly hasEnded: boolean;
}

/** Names who decided. */
export function decidedBy(record: DecisionRecord, nameOf: (record: DecisionRecord) => string): Decided {
	return { decision: record.decision, by: nameOf(record), at: record.at };
}

/** One call of a tool of ours. */
export function toolPart(
	use: { readonly id: string; readonly name: string; readonly input?: unknown },
	step: ToolStepRecord | undefined,
	decided?: Decided,
): ToolPart {
	return {
		type: 'tool',
		key: use.id,
		name: step?.name ?? use.name,
		input: use.input,
		outcome: step?.outcome ?? 'missing',
		result: step ? resultText(step.result) : '',
		receipts: step?.receipts ?? [],
		durationMs: step?.durationMs,
		decided,
		untrusted: step?.untrusted?.source,
		whole: step?.whole,
		pages: [],
	};
}

/** A call as a model step asks for it: it waits until it has a result or the turn is over. */
export function calledPart(
	use: { readonly id: string; readonly name: string; readonly input?: unknown },
	{ toolSteps, decisions, hasEnded }: CallContext,
): ToolPart {
	const step = toolSteps.get(use.id);
	const part = toolPart(use, step, decisions.get(use.id));
	return step || hasEnded ? part : { ...part, outcome: 'waiting' };
}

type Block = ModelStepRecord['content'][number];

/** Results of tools that run at the provider stand in the answer itself: puts one to its call. */
export function attachResult(parts: Part[], block: Block & { readonly tool_use_id: string }): void {
	const index = parts.findIndex((part) => part.key === block.tool_use_id);
	const part = parts[index];
	if (part?.type !== 'tool') return;
	const content: unknown = 'content' in block ? block.content : undefined;
	const hasFailed = typeof content === 'object' && content !== null && 'error_code' in content;
	const pages = pagesOf(content);
	parts[index] = {
		...part,
		outcome: hasFailed ? 'failed' : 'done',
		pages,
		// A list of pages says it better than their bytes.
		result: pages.length > 0 ? '' : (JSON.stringify(content, withoutSealed, 2) ?? ''),
		untrusted: hasFailed ? undefined : 'the web',
	};
}

/** The pages that a search found, or the one that was read. */
function pagesOf(content: unknown): readonly Source[] {
	const items: readonly unknown[] = Array.isArray(content) ? content : [content];
	const pages = items.flatMap((item) => {
		const url = field(item, 'url');
		if (typeof url !== 'string') return [];
		const title = field(item, 'title') ?? field(field(item, 'content'), 'title');
		return [{ url, title: typeof title === 'string' && title.trim() !== '' ? title : url }];
	});
	return pages.filter(({ url }, index) => pages.findIndex((other) => other.url === url) === index);
}

function field(value: unknown, name: string): unknown {
	return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** Pages come back encrypted for the model's eyes; kilobytes of it tell a person nothing. */
function withoutSealed(key: string, value: unknown): unknown {
	return key.startsWith('encrypted') ? undefined : value;
}

function resultText(result: ToolStepRecord['result']): string {
	if (result === undefined) return '';
	if (typeof result === 'string') return result;
	return result.map((block) => (block.type === 'text' ? block.text : `[${block.type}]`)).join('\n');
}
