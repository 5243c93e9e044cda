import * as Y from 'yjs';
import type { Bytes } from '../bytes.ts';
import type { StreamName } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { LogDep } from '../ports/log.ts';
import type { LocalUpdate, StoreDep, StoreError } from '../ports/store.ts';
import { err, ok, type Result } from '../result.ts';
import { splitUpdate } from './split-update.ts';

/**
 * The point of durability: every change made in this tab goes through here into the store. What the store refuses stays
 * here, in order, and is tried again; it is never dropped.
 */
export interface Recorder extends Disposable {
	/** Takes a change; changes made without a pause for anything else, of all documents, are kept in one transaction. */
	record(stream: StreamName, update: Uint8Array): void;
	/** Resolves when every change recorded so far is on disk, or says why some are not. Tries again what failed. */
	settled(): Promise<Result<void, StoreError>>;
	/** Whether changes of this stream are not on disk yet. */
	isHolding(stream: StreamName): boolean;
}

/** A full disk is not emptied within seconds; typing on, or `settled`, tries sooner. */
const RETRY_MS = 5_000;
/** `mergeUpdates` is super-linear: many small updates are merged in groups. */
const MERGE_AT_ONCE = 500;
/** A row goes into one entry: well below what the relay takes, or its stream would stand still for good. */
const ROW_BYTES = 1024 * 1024;

/** Makes the recorder of a tab; `kept` hears of changes once they are on disk. */
export function createRecorder(
	deps: StoreDep & ClockDep & LogDep,
	kept: (updates: readonly LocalUpdate[]) => void,
): Recorder {
	let waiting: LocalUpdate[] = [];
	let inHand: readonly LocalUpdate[] = [];
	let writing: Promise<Result<void, StoreError>> | undefined;
	let retry: Disposable | undefined;
	let isOver = false;

	return {
		record(stream, update) {
			waiting.push({ stream, update: new Uint8Array(update) });
			void write();
		},
		settled: () => (waiting.length === 0 && !writing ? Promise.resolve(ok()) : write()),
		isHolding: (stream) => [...inHand, ...waiting].some((held) => held.stream === stream),
		[Symbol.dispose]() {
			isOver = true;
			retry?.[Symbol.dispose]();
		},
	};

	function write(): Promise<Result<void, StoreError>> {
		writing ??= writeAll().finally(() => {
			writing = undefined;
		});
		return writing;
	}

	async function writeAll(): Promise<Result<void, StoreError>> {
		// Lets the rest of this turn's changes come in.
		await Promise.resolve();
		retry?.[Symbol.dispose]();
		while (waiting.length > 0) {
			const taken = waiting;
			waiting = [];
			inHand = mergeByStream(taken);
			const outcome = await appendOrPutBack();
			if (!outcome.ok) {
				deps.log.warn('sync.not-saved', { error: outcome.error.type, updates: waiting.length });
				if (!isOver) retry = deps.clock.setTimer(RETRY_MS, () => void write());
				return outcome;
			}
			const done = inHand;
			inHand = [];
			kept(done);
		}
		return ok();
	}

	async function appendOrPutBack(): Promise<Result<void, StoreError>> {
		let isKept = false;
		try {
			const outcome = await deps.store.appendLocal(inHand);
			isKept = outcome.ok;
			return outcome.ok ? ok() : err(outcome.error);
		} finally {
			// Also when the store throws: that is a bug, but not a reason to forget what was typed.
			if (!isKept) {
				waiting = [...inHand, ...waiting];
				inHand = [];
			}
		}
	}
}

/** One update per stream, or a few for very many or very large ones; the order within a stream stays. */
function mergeByStream(updates: readonly LocalUpdate[]): readonly LocalUpdate[] {
	const byStream = new Map<StreamName, Bytes[]>();
	for (const { stream, update } of updates) {
		const parts = byStream.get(stream);
		if (parts) parts.push(update);
		else byStream.set(stream, [update]);
	}
	return [...byStream].flatMap(([stream, parts]) =>
		mergeInGroups(parts)
			.flatMap((update) => splitUpdate(update, ROW_BYTES))
			.map((update) => ({ stream, update })),
	);
}

/** Merges updates, a bounded number at a time. */
export function mergeInGroups(updates: readonly Bytes[]): readonly Bytes[] {
	const merged: Bytes[] = [];
	for (let from = 0; from < updates.length; from += MERGE_AT_ONCE) {
		const group = updates.slice(from, from + MERGE_AT_ONCE);
		const [only] = group;
		merged.push(group.length === 1 && only ? only : new Uint8Array(Y.mergeUpdates(group)));
	}
	return merged;
}
