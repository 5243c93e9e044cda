import type { LiveTurn } from '@pocketeer/core/agent/agent';
import type { TurnId } from '@pocketeer/core/ids';
import type { ModelStepRecord, ToolStepRecord, TurnEndRecord, TurnRecord } from '@pocketeer/core/space/records';
import type { Self } from '@pocketeer/core/space/space';
import type { PeopleNames } from '../shell/people-names.ts';
import type { AnswerArticle, Part, SourcesPart, ToolPart } from './articles.ts';

/** One block of a message as the API has it. */
type Block = ModelStepRecord['content'][number];

/** The records of one turn. */
export type TurnPiece = TurnRecord | ModelStepRecord | ToolStepRecord | TurnEndRecord;

/** Folds the records of one turn, in order, into what is shown of it. */
export function foldAnswer(answer: {
	readonly id: TurnId;
	readonly records: readonly TurnPiece[];
	readonly self: Self;
	readonly names: PeopleNames;
}): AnswerArticle {
	const { id, records, self, names } = answer;
	const turn = records.find((record) => record.kind === 'turn');
	const end = records.find((record) => record.kind === 'turn-end');
	const toolSteps = new Map<string, ToolStepRecord>();
	for (const record of records) {
		// A repeat of a step says nothing new: the first is what the model was told.
		if (record.kind === 'tool-step' && !toolSteps.has(record.toolUse)) toolSteps.set(record.toolUse, record);
	}
	const parts: Part[] = [];
	const seen = new Set<string>();
	for (const record of records) {
		if (record.kind !== 'model-step' || seen.has(record.id)) continue;
		parts.push(...stepParts(record, { step: seen.size, toolSteps, hasEnded: end !== undefined }));
		seen.add(record.id);
	}
	for (const step of toolSteps.values()) {
		if (!parts.some((part) => part.key === step.toolUse))
			parts.push(toolPart(step.toolUse, step.name, undefined, step));
	}
	return {
		kind: 'answer',
		id,
		at: turn?.at ?? records[0]?.at ?? 0,
		label: turn?.by === 'clerk' ? 'Clerk' : 'Pocketeer',
		parts,
		outcome: end?.outcome,
		live: undefined,
		isElsewhere: end === undefined && turn !== undefined && turn.device !== self.device,
		trigger: turn?.trigger.type,
		forPerson: turn && names.ofOther(turn.device),
	};
}

/** What is kept of a turn, and what of it is on its way. */
export function withLive(kept: AnswerArticle | undefined, live: LiveTurn, at: number): AnswerArticle {
	const parts = [...(kept?.parts ?? [])];
	const step = nextStep(parts);
	const isKept = parts.some(
		(part) => part.type === 'text' && part.text === live.text && part.key === textKey(step - 1, 0),
	);
	if (live.thinking !== '') {
		parts.push({
			type: 'thinking',
			key: `${step}:thinking:0`,
			text: live.thinking,
			isGrowing: live.phase === 'thinking',
		});
	}
	if (live.text !== '' && !isKept) {
		parts.push({ type: 'text', key: textKey(step, 0), text: live.text, isGrowing: true, isCut: false });
	}
	for (const tool of live.tools) {
		if (parts.some((part) => part.key === tool.toolUse)) continue;
		parts.push({ ...toolPart(tool.toolUse, tool.name, tool.input, undefined), outcome: 'waiting' });
	}
	return {
		kind: 'answer',
		id: live.turn,
		at: kept?.at ?? at,
		label: live.by === 'clerk' ? 'Clerk' : 'Pocketeer',
		parts,
		outcome: undefined,
		live: { phase: live.phase, retryAt: live.retryAt },
		isElsewhere: false,
		trigger: live.trigger.type,
		forPerson: undefined,
	};
}

interface StepContext {
	readonly step: number;
	readonly toolSteps: ReadonlyMap<string, ToolStepRecord>;
	readonly hasEnded: boolean;
}

function stepParts(record: ModelStepRecord, context: StepContext): Part[] {
	const parts: Part[] = [];
	const sources = new Map<string, string>();
	const isCut = record.stop === 'cut' || record.stop === 'stopped-by-person';
	const count = { text: 0, thinking: 0 };
	for (const block of record.content) {
		const last = parts.at(-1);
		if (block.type === 'text') {
			for (const source of citedSources(block)) if (!sources.has(source.url)) sources.set(source.url, source.title);
			if (last?.type === 'text') parts[parts.length - 1] = { ...last, text: last.text + block.text };
			else if (block.text !== '') {
				const key = textKey(context.step, count.text++);
				parts.push({ type: 'text', key, text: block.text, isGrowing: false, isCut });
			}
		} else if (block.type === 'thinking' && block.thinking !== '') {
			const key = `${context.step}:thinking:${count.thinking++}`;
			parts.push({ type: 'thinking', key, text: block.thinking, isGrowing: false });
		} else if (block.type === 'tool_use') {
			const step = context.toolSteps.get(block.id);
			const shown = toolPart(block.id, block.name, block.input, step);
			parts.push(step || context.hasEnded ? shown : { ...shown, outcome: 'waiting' });
		} else if (block.type === 'server_tool_use') {
			parts.push({ ...toolPart(block.id, block.name, block.input, undefined), outcome: 'done' });
		} else if ('tool_use_id' in block) {
			attachResult(parts, block);
		}
	}
	if (sources.size > 0) parts.push(sourcesPart(context.step, sources));
	return parts;
}

function toolPart(toolUse: string, name: string, input: unknown, step: ToolStepRecord | undefined): ToolPart {
	return {
		type: 'tool',
		key: toolUse,
		name: step?.name ?? name,
		input,
		outcome: step?.outcome ?? 'missing',
		result: step ? resultText(step.result) : '',
		receipts: step?.receipts ?? [],
		durationMs: step?.durationMs,
	};
}

/** Results of tools that run at the provider stand in the answer itself. */
function attachResult(parts: Part[], block: Block & { readonly tool_use_id: string }): void {
	const index = parts.findIndex((part) => part.key === block.tool_use_id);
	const part = parts[index];
	if (part?.type !== 'tool') return;
	const content: unknown = 'content' in block ? block.content : undefined;
	const hasFailed = typeof content === 'object' && content !== null && 'error_code' in content;
	parts[index] = {
		...part,
		outcome: hasFailed ? 'failed' : 'done',
		result: JSON.stringify(content, withoutSealed, 2) ?? '',
	};
}

/** Pages come back encrypted for the model's eyes; kilobytes of it tell a person nothing. */
function withoutSealed(key: string, value: unknown): unknown {
	return key.startsWith('encrypted') ? undefined : value;
}

function citedSources(block: Block & { readonly type: 'text' }): { title: string; url: string }[] {
	return (block.citations ?? []).flatMap((citation) =>
		'url' in citation ? [{ url: citation.url, title: citation.title ?? citation.url }] : [],
	);
}

function sourcesPart(step: number, sources: ReadonlyMap<string, string>): SourcesPart {
	return { type: 'sources', key: `${step}:sources`, sources: [...sources].map(([url, title]) => ({ url, title })) };
}

function resultText(result: ToolStepRecord['result']): string {
	if (result === undefined) return '';
	if (typeof result === 'string') return result;
	return result.map((block) => (block.type === 'text' ? block.text : `[${block.type}]`)).join('\n');
}

function textKey(step: number, index: number): string {
	return `${step}:text:${index}`;
}

/** The number of the model call that follows those in the parts. */
function nextStep(parts: readonly Part[]): number {
	const steps = parts.filter((part) => part.type !== 'tool').map((part) => Number.parseInt(part.key, 10));
	return Math.max(-1, ...steps) + 1;
}
