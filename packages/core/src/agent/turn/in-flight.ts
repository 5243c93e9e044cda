import type { Usage } from '@anthropic-ai/sdk/resources/messages';
import type { FileId, LineId, MessageId, OccurrenceId, TurnId } from '../../ids.ts';
import { isJsonObject } from '../../json.ts';
import type { ClockDep } from '../../ports/clock.ts';
import type { LogDep } from '../../ports/log.ts';
import type { StoreDep, StoreError } from '../../ports/store.ts';
import { ok, type Result } from '../../result.ts';
import type { Trigger } from '../../space/records.ts';
import type { TurnInFlight } from '../agent.ts';
import type { IndexedTurn } from '../line/line-index.ts';
import { isUsage } from '../model/anthropic-events.ts';

/** How often a half-streamed answer is written down: what a killed tab loses at most. */
const CHECKPOINT_MS = 300;

/** Something said on this device that no turn has answered yet. */
export interface Unanswered {
	readonly line: LineId;
	readonly trigger: Trigger;
	/** Wall clock in ms since the epoch, when it was said. */
	readonly at: number;
	/** Set by a retry: the id its turn will have, since its message is in an earlier turn already. */
	readonly retry?: TurnId;
	/** Set on a message of another device that this one claimed: the claim's fence. */
	readonly claim?: number;
}

/** A turn that this device ended while others may go on with it, because they do not know. */
export interface EndedTurn {
	readonly line: LineId;
	readonly turn: TurnId;
	/** Wall clock in ms since the epoch, when it ended. */
	readonly at: number;
	/** What its end was written under: whoever went on with the turn stands above it. */
	readonly fence: number;
}

/** What this device's store keeps of turns that are not over. Other devices never see it. */
export interface InFlight {
	unanswered(line?: LineId): Promise<Result<readonly Unanswered[], StoreError>>;
	addUnanswered(entry: Unanswered): Promise<Result<void, StoreError>>;
	dropUnanswered(entry: Unanswered): Promise<Result<void, StoreError>>;
	turns(): Promise<Result<readonly TurnInFlight[], StoreError>>;
	turn(id: TurnId): Promise<Result<TurnInFlight | undefined, StoreError>>;
	put(turn: TurnInFlight): Promise<Result<void, StoreError>>;
	/** The turn is over: it and what it answered leave together, for a note where others may still go on with it. */
	finish(turn: TurnId, answered: readonly Unanswered[], ended?: EndedTurn): Promise<Result<void, StoreError>>;
	ended(line?: LineId): Promise<Result<readonly EndedTurn[], StoreError>>;
	dropEnded(ended: Pick<EndedTurn, 'line' | 'turn'>): Promise<Result<void, StoreError>>;
	/** Keeps the partial text of one model call as it grows. */
	checkpoint(turn: Omit<TurnInFlight, 'partial'>): Checkpoint;
}

/** Writes at most one partial text at a time, the newest, `CHECKPOINT_MS` after the last. */
export interface Checkpoint {
	touch(partial: string, usage: Usage | undefined): void;
	/** No more writes; resolves when the last one is over, so that it cannot follow what comes next. */
	close(): Promise<void>;
}

/**
 * Keeps turns in flight in a store's values: `turn/<id>`, `unanswered/<line>/<message or turn>` and, until nobody can go on
 * with them, `ended/<line>/<turn>`.
 */
export function createInFlight(deps: StoreDep & ClockDep & LogDep): InFlight {
	const { store } = deps;
	return {
		async unanswered(line) {
			const values = await store.values(line === undefined ? 'unanswered/' : `unanswered/${line}/`);
			if (!values.ok) return values;
			return ok([...values.value.values()].flatMap((value) => readUnanswered(value) ?? []));
		},
		addUnanswered: (entry) => store.putValues({ [keyOf(entry)]: entry }),
		dropUnanswered: (entry) => store.putValues({ [keyOf(entry)]: undefined }),
		async turns() {
			const values = await store.values('turn/');
			if (!values.ok) return values;
			return ok([...values.value.values()].flatMap((value) => readTurn(value) ?? []));
		},
		async turn(id) {
			const value = await store.value(`turn/${id}`);
			return value.ok ? ok(readTurn(value.value)) : value;
		},
		put: (turn) => store.putValues({ [`turn/${turn.turn}`]: turn }),
		finish(turn, answered, ended) {
			const over = [`turn/${turn}`, ...answered.map(keyOf)].map((key) => [key, undefined] as const);
			return store.putValues({ ...Object.fromEntries(over), ...(ended && { [endedKeyOf(ended)]: ended }) });
		},
		async ended(line) {
			const values = await store.values(line === undefined ? 'ended/' : `ended/${line}/`);
			if (!values.ok) return values;
			return ok([...values.value.values()].flatMap((value) => readEnded(value) ?? []));
		},
		dropEnded: (ended) => store.putValues({ [endedKeyOf(ended)]: undefined }),
		checkpoint: (turn) => createCheckpoint(deps, turn),
	};
}

function createCheckpoint(deps: StoreDep & ClockDep & LogDep, turn: Omit<TurnInFlight, 'partial'>): Checkpoint {
	let newest: Pick<TurnInFlight, 'partial' | 'usage'> = { partial: '' };
	let timer: Disposable | undefined;
	let writing: Promise<void> = Promise.resolve();
	let isClosed = false;
	return {
		touch(partial, usage) {
			newest = { partial, ...(usage && { usage }) };
			if (isClosed || timer) return;
			timer = deps.clock.setTimer(CHECKPOINT_MS, () => {
				writing = writing.then(write);
			});
		},
		async close() {
			isClosed = true;
			timer?.[Symbol.dispose]();
			await writing;
		},
	};

	async function write(): Promise<void> {
		timer = undefined;
		if (isClosed) return;
		const kept = await deps.store.putValues({ [`turn/${turn.turn}`]: { ...turn, ...newest } });
		// The step itself is stored strictly; a missing checkpoint costs a killed tab a little more text.
		if (!kept.ok) deps.log.warn('checkpoint-failed', { error: kept.error.type });
	}
}

/** Whether a turn answers this: it was begun with it, or took it along while it ran. */
export function answers({ record, steering }: IndexedTurn, { trigger, retry }: Unanswered): boolean {
	if (retry !== undefined) return record.id === retry;
	if (steering.some(({ messages }) => messages.includes(trigger.message))) return true;
	return record.context.some((item) => 'message' in item && item.message === trigger.message);
}

/** Whether a person said it, as opposed to a task's prompt or a retry: those get turns of their own. */
export function isSaid({ trigger, retry }: Unanswered): boolean {
	return trigger.type === 'message' && retry === undefined;
}

function keyOf({ line, trigger, retry }: Unanswered): string {
	return `unanswered/${line}/${retry ?? trigger.message}`;
}

function endedKeyOf({ line, turn }: Pick<EndedTurn, 'line' | 'turn'>): string {
	return `ended/${line}/${turn}`;
}

function readEnded(value: unknown): EndedTurn | undefined {
	if (!isJsonObject(value)) return undefined;
	const { line, turn, at, fence } = value;
	if (typeof line !== 'string' || typeof turn !== 'string') return undefined;
	if (typeof at !== 'number' || typeof fence !== 'number') return undefined;
	return { line: line as LineId, turn: turn as TurnId, at, fence };
}

function readTurn(value: unknown): TurnInFlight | undefined {
	if (!isJsonObject(value)) return undefined;
	const { line, turn, partial, call, usage, toolsBegun } = value;
	if (typeof line !== 'string' || typeof turn !== 'string' || typeof partial !== 'string') return undefined;
	return {
		line: line as LineId,
		turn: turn as TurnId,
		partial,
		toolsBegun: Array.isArray(toolsBegun) ? toolsBegun.filter((id) => typeof id === 'string') : [],
		...(typeof call === 'string' ? { call } : {}),
		...(isUsage(usage) ? { usage } : {}),
	};
}

function readUnanswered(value: unknown): Unanswered | undefined {
	if (!isJsonObject(value)) return undefined;
	const { line, retry, at, claim } = value;
	const trigger = readTrigger(value.trigger);
	if (typeof line !== 'string' || typeof at !== 'number' || !trigger) return undefined;
	return {
		line: line as LineId,
		trigger,
		at,
		...(typeof retry === 'string' ? { retry: retry as TurnId } : {}),
		...(typeof claim === 'number' ? { claim } : {}),
	};
}

function readTrigger(value: unknown): Trigger | undefined {
	if (!isJsonObject(value) || typeof value.message !== 'string') return undefined;
	const message = value.message as MessageId;
	if (value.type === 'message') return { type: 'message', message };
	const { task, path, occurrence } = value;
	if (value.type !== 'task' || typeof task !== 'string') return undefined;
	if (typeof path !== 'string' || typeof occurrence !== 'string') return undefined;
	return { type: 'task', task: task as FileId, path, occurrence: occurrence as OccurrenceId, message };
}
