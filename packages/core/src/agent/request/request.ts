import type { Bytes } from '../../bytes.ts';
import type { BlobId } from '../../ids.ts';
import type { ModelRequest } from '../../ports/model.ts';
import { err, ok, type Result } from '../../result.ts';
import type { Failure } from '../../space/failure.ts';
import type { Attachment, ContextItem, EpochRecord, MessageRecord, TurnRecord } from '../../space/records.ts';
import type { BlobsDep, OpenLine } from '../../space/space.ts';
import { contextKey, isSendable, type LineIndex, type LineIndexDep } from '../line/line-index.ts';
import { cacheFor } from './cache-policy.ts';
import { type Files, type Part, render } from './request-blocks.ts';

/** What a request is made from. */
export interface RequestScope {
	readonly deps: LineIndexDep & Partial<BlobsDep>;
	readonly line: Pick<OpenLine, 'records'>;
	readonly turn: TurnRecord;
	readonly epoch: EpochRecord;
}

/**
 * The next request of a turn, made from records and the blobs they name alone, so that replaying them gives the same
 * bytes. Within an epoch every request extends the one before it block by block: that is what prompt caching and bound
 * thinking rely on. Cache marks are the adapter's business. Fails as `AttachmentMissing`.
 */
export async function prepareRequest(
	{ deps, line, turn, epoch }: RequestScope,
	maxTokens: number,
): Promise<Result<ModelRequest, Failure>> {
	const index = deps.indexOf(line.records());
	const parts = layOut(index, turn);
	const files = await readFiles(deps, index, parts);
	if (!files.ok) return files;
	const messages = render({ index, epoch, parts, files: files.value });
	const cache = cacheFor(index, turn);
	return ok({ system: epoch.system, tools: epoch.tools, messages, maxTokens, cache });
}

/** The items a turn added to its context: what stands after the newest earlier turn. */
export function openingOf(turn: Pick<TurnRecord, 'context'>): readonly ContextItem[] {
	const last = turn.context.findLastIndex((item) => 'turn' in item);
	return turn.context.slice(last + 1);
}

/** What a turn's next request holds: its context, its head before its own messages, and its steps so far. */
function layOut(index: LineIndex, turn: TurnRecord): readonly Part[] {
	const parts: Part[] = [];
	const { context } = turn;
	// Rules read no pictures, and must not fail for want of one.
	const isAgent = turn.by === 'agent';
	const isAsked = isTrigger(index, turn);
	let opening = 0;
	for (const [position, item] of context.entries()) {
		if (!('turn' in item)) continue;
		const earlier = index.turns.get(item.turn);
		// What was attached in an epoch before is named, and read again where it is asked for.
		const withFiles = isAgent && (earlier === undefined || earlier.record.epoch === turn.epoch);
		if (earlier) parts.push({ type: 'head', text: earlier.record.head });
		for (const each of context.slice(opening, position))
			parts.push({ type: 'item', item: each, withFiles: withFiles || (isAgent && isAsked(each)) });
		const withThinking = earlier !== undefined && keepsThinking(earlier.record, turn, position);
		if (earlier) parts.push({ type: 'steps', turn: earlier, withThinking, withFiles });
		opening = position + 1;
	}
	parts.push({ type: 'head', text: turn.head });
	for (const item of context.slice(opening)) parts.push({ type: 'item', item, withFiles: isAgent });
	const own = index.turns.get(turn.id);
	if (own) parts.push({ type: 'steps', turn: own, withThinking: true, withFiles: isAgent });
	return parts;
}

/** Whether turns of this epoch answer a message, also one that an earlier epoch had asked in vain. */
function isTrigger(index: LineIndex, turn: TurnRecord): (item: ContextItem) => boolean {
	const turns = turn.context.flatMap((item) => ('turn' in item ? (index.turns.get(item.turn)?.record ?? []) : []));
	const asked = new Set(
		[...turns.filter(({ epoch }) => epoch === turn.epoch), turn].map(({ trigger }) => trigger.message),
	);
	return (item) => 'message' in item && asked.has(item.message);
}

/**
 * A thinking block's signature is bound to everything before it, so it goes back only where the same bytes precede
 * it: in its own epoch, in a list that began with the turn's own (not one that two devices grew apart).
 */
function keepsThinking(earlier: TurnRecord, turn: TurnRecord, position: number): boolean {
	return (
		earlier.epoch === turn.epoch &&
		earlier.context.length === position &&
		earlier.context.every((item, at) => {
			const other = turn.context[at];
			return other !== undefined && contextKey(item) === contextKey(other);
		})
	);
}

/** Reads what the parts send whole; each blob once. */
async function readFiles(
	deps: RequestScope['deps'],
	index: LineIndex,
	parts: readonly Part[],
): Promise<Result<Files, Failure>> {
	const wanted = new Map<BlobId, Attachment>();
	for (const part of parts) {
		for (const message of messagesWithFiles(index, part)) {
			for (const attachment of message.attachments ?? []) wanted.set(attachment.blob, attachment);
		}
		for (const attachment of shownBy(part)) wanted.set(attachment.blob, attachment);
	}
	const files = new Map<BlobId, Bytes>();
	for (const [blob, { name }] of wanted) {
		const read = await deps.blobs?.fetch(blob);
		if (!read?.ok) return err({ type: 'AttachmentMissing', name });
		files.set(blob, read.value);
	}
	return ok(files);
}

/** What calls looked at (`fetch_attachment`). */
function shownBy(part: Part): readonly Attachment[] {
	if (part.type !== 'steps' || !part.withFiles) return [];
	return [...part.turn.toolSteps.values()].flatMap(({ shows }) => shows ?? []);
}

function messagesWithFiles(index: LineIndex, part: Part): readonly MessageRecord[] {
	if (part.type === 'head' || !part.withFiles) return [];
	if (part.type === 'item') return 'message' in part.item ? [index.messages.get(part.item.message) ?? []].flat() : [];
	const steps = new Set(part.turn.modelSteps.filter(isSendable).map((step) => step.id));
	return part.turn.steering
		.filter(({ after }) => steps.has(after))
		.flatMap(({ messages }) => messages.flatMap((id) => index.messages.get(id) ?? []));
}
