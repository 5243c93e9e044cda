import type { DeviceId } from '../../ids.ts';
import type { LineRecord, MessageRecord } from '../../space/records.ts';
import { callsToStart } from '../calls/call-order.ts';
import { accessOf } from '../calls/tool-calls.ts';
import { targetOf, waitingCalls } from '../calls/trust.ts';
import type { Tool } from '../tool.ts';
import { answers, isSaid, type Unanswered } from '../turn/in-flight.ts';
import { fenceOf, type IndexedTurn, type LineIndex, toolUsesOf } from './line-index.ts';

/** Notes of what was said, sorted by what became of it. */
export interface SortedNotes {
	/** What still waits for a turn, in the order it stands on the line. */
	readonly waiting: readonly Unanswered[];
	/** What stood behind a turn that was stopped: it is not answered by itself. */
	readonly dropped: readonly Unanswered[];
	/** Notes whose message is not there. */
	readonly missing: readonly Unanswered[];
}

/** Sorts this device's notes of a line by what its records say. */
export function sortNotes(
	notes: readonly Unanswered[],
	at: { readonly records: readonly LineRecord[]; readonly index: LineIndex; readonly device: DeviceId },
): SortedNotes {
	if (notes.length === 0) return { waiting: [], dropped: [], missing: [] };
	const { records, index, device } = at;
	const open = notes.filter((entry) => !isAnswered(index, entry, device));
	const stops = records.filter((record) => record.kind === 'stop');
	const placeOf = (entry: Unanswered) => {
		const message = index.messages.get(entry.trigger.message);
		return message ? records.indexOf(message) : -1;
	};
	const isDropped = (entry: Unanswered) => {
		const author = index.messages.get(entry.trigger.message)?.author;
		const stop = stops.findLast(({ person }) => author?.type === 'person' && author.person === person);
		if (!stop) return false;
		return entry.retry === undefined ? placeOf(entry) < records.indexOf(stop) : entry.at < stop.at;
	};
	const here = open.filter((entry) => index.messages.has(entry.trigger.message));
	const waiting = here.filter((entry) => !isDropped(entry));
	return {
		waiting: waiting.sort((a, b) => placeOf(a) - placeOf(b) || a.at - b.at),
		dropped: here.filter(isDropped),
		missing: open.filter((entry) => !here.includes(entry)),
	};
}

/**
 * A turn of another device that was asked with a message along with its own does not answer it, unless it took it along
 * as something said to it. What this device claimed is answered by whoever's turn it is in.
 */
function isAnswered(index: LineIndex, entry: Unanswered, device: DeviceId): boolean {
	for (const turn of index.turns.values()) {
		const isOwn = turn.record.device === device || entry.claim !== undefined || entry.retry !== undefined;
		if (isOwn ? answers(turn, entry) : isSaid(entry) && isSteered(turn, entry)) return true;
	}
	return false;
}

function isSteered({ steering }: IndexedTurn, { trigger }: Unanswered): boolean {
	return steering.some(({ messages }) => messages.includes(trigger.message));
}

/**
 * Messages that wait for any device of their person that has a model key: recorded so when they were said, in no turn
 * yet, and not behind one that was stopped.
 */
export function unclaimedMessages(records: readonly LineRecord[], index: LineIndex): readonly MessageRecord[] {
	const claimable = [...index.messages.values()].filter((message) => message.answerer === 'claim');
	if (claimable.length === 0) return [];
	const held = new Set<string>();
	for (const { record, steering } of index.turns.values()) {
		for (const item of record.context) if ('message' in item) held.add(item.message);
		for (const { messages } of steering) for (const id of messages) held.add(id);
	}
	return claimable.filter(({ id, author }) => {
		if (held.has(id)) return false;
		const person = author.type === 'person' ? author.person : undefined;
		const stopped = records.findLastIndex((record) => record.kind === 'stop' && record.person === person);
		const message = index.messages.get(id);
		return message !== undefined && records.indexOf(message) > stopped;
	});
}

/** Whether nothing of a turn can go on before its person decides: every open call waits for them, or behind one that does. */
export function isParked(index: LineIndex, turn: IndexedTurn, tools: ReadonlyMap<string, Tool>): boolean {
	if (turn.end || turn.isStopped) return false;
	const step = turn.modelSteps.findLast(({ stop }) => stop !== 'cut');
	const open = (step ? toolUsesOf(step) : []).filter((use) => !turn.toolSteps.has(use.id));
	const waiting = new Set(waitingCalls(index, turn, tools).map((call) => call.toolUse));
	const calls = open.map((use) => {
		const { tool, input } = targetOf(tools, use);
		return { access: accessOf(tool, input), state: waiting.has(use.id) ? ('waits' as const) : ('ready' as const) };
	});
	return calls.length > 0 && callsToStart(calls, calls.length).length === 0;
}

/** When something of a turn was last written, by the writers' clocks, in ms since the epoch. */
export function lastMoved(turn: IndexedTurn): number {
	const moments = [turn.record, ...turn.modelSteps, ...turn.toolSteps.values(), ...turn.steering];
	const decided = [...turn.decisions.values()];
	const taken = turn.takeover ? [turn.takeover] : [];
	return Math.max(...[...moments, ...decided, ...taken].map(({ at }) => at));
}

/** What changes when a turn that waits can go on: it was decided on, stopped, taken over or ended. */
export function stateOf(turn: IndexedTurn): string {
	const { decisions, isStopped, end, record, takeover } = turn;
	return [decisions.size, isStopped, end !== undefined, fenceOf(record), takeover?.fence].join(' ');
}
