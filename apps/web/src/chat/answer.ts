import type { LiveTurn } from '@pocketeer/core/agent/agent';
import { fenceOf, type IndexedTurn, indexLine, runnerOf } from '@pocketeer/core/agent/line/line-index';
import { turnIdOfClaimed } from '@pocketeer/core/agent/turn/claimed-turn';
import type { MessageId, TurnId } from '@pocketeer/core/ids';
import type { LineRecord, ModelStepRecord, ToolStepRecord, TurnRecord } from '@pocketeer/core/space/records';
import type { Self } from '@pocketeer/core/space/space';
import type { PeopleNames } from '../shell/people-names.ts';
import type { AnswerArticle, Part, Reaction } from './articles.ts';
import { createCitations, withoutMarks } from './citations.ts';
import { attachResult, type CallContext, calledPart, decidedBy, toolPart } from './tool-parts.ts';

/** A record that belongs to a turn. */
export type TurnPiece = Extract<LineRecord, { readonly turn: TurnId }> | TurnRecord;

/** What a turn is folded from. */
export interface AnswerPieces {
	readonly id: TurnId;
	readonly records: readonly TurnPiece[];
	/** Texts of messages that were said while it ran, by id, as far as its steering names them. */
	readonly meanwhile: ReadonlyMap<string, string>;
	readonly reactions: readonly Reaction[];
	readonly self: Self;
	readonly names: PeopleNames;
}

/** Folds the records of one turn, in order, into what is shown of it. */
export function foldAnswer(pieces: AnswerPieces): AnswerArticle {
	const { id, records, self, names, reactions } = pieces;
	const known = records.find((record) => record.kind === 'turn');
	const turn = indexLine(known ? records : [beforeLoaded(pieces), ...records]).turns.get(id);
	if (!turn) throw new Error('a turn without its records');
	const { end, record } = turn;
	return {
		kind: 'answer',
		id,
		at: known?.at ?? records[0]?.at ?? 0,
		label: record.by === 'clerk' ? 'Clerk' : 'Pocketeer',
		parts: partsOf(turn, pieces),
		outcome: end?.outcome,
		live: undefined,
		isElsewhere: end === undefined && known !== undefined && runnerOf(turn) !== self.device,
		steps: turn.modelSteps.length,
		paid: [...turn.modelSteps, ...turn.superseded.filter((step) => step.kind === 'model-step')],
		reactions,
		trigger: known?.trigger.type,
		forPerson: known && names.ofOther(known.device),
		onDevice: id === turnIdOfClaimed(record.trigger.message) ? names.ofOwnDevice(runnerOf(turn)) : undefined,
	};
}

/** Stands for a turn whose beginning is in a month that is not open. */
function beforeLoaded({ id, records, self }: AnswerPieces): TurnRecord {
	const at = records[0]?.at ?? 0;
	const trigger = { type: 'message', message: '' as MessageId } as const;
	return {
		kind: 'turn',
		id,
		at,
		trigger,
		device: self.device,
		by: 'agent',
		model: '',
		epoch: '',
		head: '',
		context: [],
	};
}

function partsOf(turn: IndexedTurn, pieces: AnswerPieces): readonly Part[] {
	const { takeover, modelSteps, toolSteps, steering } = turn;
	const context = callContext(turn, pieces);
	const parts: Part[] = [];
	let isTakenOver = takeover === undefined;
	const mark = () => {
		if (isTakenOver || !takeover) return;
		isTakenOver = true;
		const isHere = takeover.device === pieces.self.device;
		const key = `takeover:${takeover.fence}`;
		parts.push({ type: 'takeover', key, isHere, at: takeover.at, lost: lostParts(turn, context) });
	};
	for (const [step, record] of modelSteps.entries()) {
		if (takeover && fenceOf(record) >= takeover.fence) mark();
		parts.push(...stepParts(record, step, context));
		for (const { id, after, messages } of steering) {
			if (after !== record.id) continue;
			const texts = messages.flatMap((message) => pieces.meanwhile.get(message) ?? []);
			if (texts.length > 0) parts.push({ type: 'meanwhile', key: `meanwhile:${id}`, messages: texts });
		}
	}
	mark();
	for (const step of toolSteps.values()) {
		if (!parts.some((part) => part.key === step.toolUse)) parts.push(loneStep(step, context));
	}
	return parts;
}

function callContext({ toolSteps, decisions, end }: IndexedTurn, { self, names }: AnswerPieces): CallContext {
	const nameOf = ({ person }: { readonly person: Self['person'] }) =>
		person === self.person ? 'You' : names.ofPerson(person);
	const decided = [...decisions].map(([use, record]) => [use, decidedBy(record, nameOf)] as const);
	return { toolSteps, decisions: new Map(decided), hasEnded: end !== undefined };
}

function loneStep(step: ToolStepRecord, { decisions }: CallContext): Part {
	return toolPart({ id: step.toolUse, name: step.name }, step, decisions.get(step.toolUse));
}

/** What was done and paid for, and counts no more. */
function lostParts({ superseded }: IndexedTurn, context: CallContext): readonly Part[] {
	const steps = superseded.filter((step) => step.kind === 'tool-step');
	const results = new Map(steps.map((step) => [step.toolUse, step]));
	const lost = { ...context, toolSteps: results, hasEnded: true };
	const parts = superseded
		.filter((step) => step.kind === 'model-step')
		.flatMap((step, index) => stepParts(step, index, lost));
	const lone = steps.filter(({ toolUse }) => !parts.some(({ key }) => key === toolUse));
	return [...parts, ...lone.map((step) => loneStep(step, context))];
}

function stepParts(record: ModelStepRecord, step: number, context: CallContext): Part[] {
	const parts: Part[] = [];
	const citations = createCitations();
	const isCut = record.stop === 'cut' || record.stop === 'stopped-by-person';
	const count = { text: 0, thinking: 0 };
	for (const block of record.content) {
		const last = parts.at(-1);
		if (block.type === 'text') {
			const text = citations.marked(block);
			if (last?.type === 'text') parts[parts.length - 1] = { ...last, text: last.text + text };
			else if (text !== '')
				parts.push({ type: 'text', key: textKey(step, count.text++), text, isGrowing: false, isCut });
		} else if (block.type === 'thinking' && block.thinking !== '') {
			const key = `${step}:thinking:${count.thinking++}`;
			parts.push({ type: 'thinking', key, text: block.thinking, isGrowing: false });
		} else if (block.type === 'tool_use') {
			parts.push(calledPart(block, context));
		} else if (block.type === 'server_tool_use') {
			parts.push({ ...toolPart(block, undefined), outcome: 'done' });
		} else if ('tool_use_id' in block) {
			attachResult(parts, block);
		}
	}
	if (citations.sources.length > 0) {
		// Under the words that cite them, not under what was called behind those.
		const behindText = parts.findLastIndex((part) => part.type === 'text') + 1;
		parts.splice(behindText, 0, { type: 'sources', key: `${step}:sources`, sources: citations.sources });
	}
	return parts;
}

/** What is kept of a turn, and what of it is on its way. */
export function withLive(kept: AnswerArticle | undefined, live: LiveTurn, at: number): AnswerArticle {
	const parts = [...(kept?.parts ?? [])];
	const step = kept?.steps ?? 0;
	const isKept = live.text !== '' && textOfStep(parts, step - 1) === live.text;
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
	for (const { toolUse, name, input } of live.tools) {
		if (parts.some((part) => part.key === toolUse)) continue;
		parts.push({ ...toolPart({ id: toolUse, name, input }, undefined), outcome: 'waiting' });
	}
	return {
		kind: 'answer',
		id: live.turn,
		at: kept?.at ?? at,
		label: live.by === 'clerk' ? 'Clerk' : 'Pocketeer',
		parts,
		outcome: undefined,
		live: { phase: live.phase, retryAt: live.retryAt, failure: live.failure },
		isElsewhere: false,
		steps: step,
		paid: kept?.paid ?? [],
		reactions: kept?.reactions ?? [],
		trigger: live.trigger.type,
		forPerson: undefined,
		onDevice: undefined,
	};
}

function textKey(step: number, index: number): string {
	return `${step}:text:${index}`;
}

/** What the model said in one call, as it came: without the marks of its citations. */
function textOfStep(parts: readonly Part[], step: number): string {
	return parts
		.map((part) => (part.type === 'text' && part.key.startsWith(`${step}:text:`) ? withoutMarks(part.text) : ''))
		.join('');
}
