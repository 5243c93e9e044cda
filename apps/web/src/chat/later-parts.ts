import type { LineRecord } from '@pocketeer/core/space/records';
import { lazy } from 'solid-js';

/**
 * Parts of a conversation that the first load leaves out. A line is drawn once those it has are there, so that nothing
 * moves under the reader's eyes; all of them come with the loop, before it can make something they show.
 */
export const CallView = lazy(() => import('./CallView.tsx'));
export const FailedNote = lazy(() => import('./FailedNote.tsx'));
export const Countdown = lazy(() => import('./Countdown.tsx'));
export const WaitingWords = lazy(() => import('./WaitingWords.tsx'));
export const PastedText = lazy(() => import('./PastedText.tsx'));

/** Resolves once what these records need is loaded, or is known not to come. */
export async function loadPartsOf(records: readonly LineRecord[]): Promise<void> {
	const wanted = [records.some(isCall) ? CallView : undefined, records.some(isFailure) ? FailedNote : undefined];
	await Promise.allSettled(wanted.map((part) => part?.preload()));
}

/** Loads all of them; rejects when one does not come. */
export async function loadAllParts(): Promise<void> {
	await Promise.all([CallView, FailedNote, Countdown, WaitingWords, PastedText].map((part) => part.preload()));
}

function isCall(record: LineRecord): boolean {
	if (record.kind === 'model-step') return record.content.some(({ type }) => type.endsWith('tool_use'));
	return record.kind === 'tool-step';
}

function isFailure(record: LineRecord): boolean {
	return record.kind === 'turn-end' && record.outcome.type === 'failed';
}
