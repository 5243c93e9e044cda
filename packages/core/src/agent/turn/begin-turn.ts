import type { MessageId, TurnId } from '../../ids.ts';
import type { ClockDep } from '../../ports/clock.ts';
import type { Model } from '../../ports/model.ts';
import { newId, type RandomDep } from '../../ports/random.ts';
import type { StoreError } from '../../ports/store.ts';
import { err, ok, type Result } from '../../result.ts';
import type { ContextItem, EpochRecord, Trigger, TurnRecord } from '../../space/records.ts';
import type { FilesDep, OpenLine, PeopleDep, SelfDep } from '../../space/space.ts';
import type { LineIndexDep } from '../line/line-index.ts';
import { needsOlder, planTurn, type TurnPlan } from '../request/epoch.ts';
import { turnHead } from '../request/head.ts';
import { gatherFacts } from '../request/head-facts.ts';
import { systemPrompt } from '../request/prompt.ts';
import type { Tool } from '../tool.ts';

/** Months of a line looked back through for the epoch a turn may continue; beyond them it begins a new one. */
const MAX_MONTHS_BACK = 12;

/** What a turn is begun with. */
export interface TurnStart {
	readonly line: OpenLine;
	readonly lineName: string;
	readonly id: TurnId;
	readonly trigger: Trigger;
	readonly isRetry: boolean;
	/** Messages that wait for turns of their own: this one does not see them. */
	readonly waiting: ReadonlySet<MessageId>;
	readonly model: Model;
	readonly tools: readonly Tool[];
}

/** Makes the records a turn begins with: its own, after its epoch's when that is new. Nothing is stored yet. */
export async function beginTurn(
	deps: ClockDep & RandomDep & SelfDep & FilesDep & PeopleDep & LineIndexDep,
	start: TurnStart,
): Promise<
	Result<{ readonly turn: TurnRecord; readonly epoch: EpochRecord; readonly isNewEpoch: boolean }, StoreError>
> {
	const { line, trigger, model } = start;
	const system = model.kind === 'agent' ? await readSystem(deps) : ok([]);
	if (!system.ok) return system;
	const tools = [...start.tools.map((tool) => tool.definition), ...(model.serverTools?.() ?? [])];
	await loadPast(deps, line);
	const records = line.records();
	const index = deps.indexOf(records);
	const plan = planTurn(index, records, {
		by: model.kind,
		model: model.id,
		system: system.value,
		tools,
		waiting: start.waiting,
		message: trigger.message,
	});
	const at = deps.clock.now();
	const { compaction } = plan;
	const epoch = plan.epoch ?? {
		kind: 'epoch',
		id: newId(deps),
		at,
		system: system.value,
		tools,
		...(compaction ? { compaction: compaction.id } : {}),
	};
	const context = withTrigger(plan, trigger.message);
	const head = turnHead(
		await gatherFacts(deps, { line: start.lineName, index, records, context, isRetry: start.isRetry }),
	);
	const turn: TurnRecord = {
		kind: 'turn',
		id: start.id,
		at,
		trigger,
		device: deps.self.device,
		by: model.kind,
		model: model.id,
		epoch: epoch.id,
		head,
		context,
	};
	return ok({ turn, epoch, isNewEpoch: plan.epoch === undefined });
}

/** SOUL and PRACTICE stand in the system prompt; a deleted one is as good as empty, an unreadable one is not. */
async function readSystem(deps: FilesDep): Promise<Result<EpochRecord['system'], StoreError>> {
	const [soul, practice] = await Promise.all([deps.files.read('SOUL.md'), deps.files.read('PRACTICE.md')]);
	for (const read of [soul, practice]) {
		if (!read.ok && isStoreError(read.error)) return err(read.error);
	}
	return ok(systemPrompt({ soul: soul.ok ? soul.value.text : '', practice: practice.ok ? practice.value.text : '' }));
}

function isStoreError(error: { readonly type: string }): error is StoreError {
	return error.type === 'QuotaExceeded' || error.type === 'CorruptRow' || error.type === 'StoreUnavailable';
}

async function loadPast(deps: LineIndexDep, line: OpenLine): Promise<void> {
	for (let months = 0; months < MAX_MONTHS_BACK && line.hasOlder; months++) {
		if (!needsOlder(deps.indexOf(line.records()))) return;
		// What cannot be read is not needed to answer: the turn begins a new epoch without it.
		if (!(await line.older()).ok) return;
	}
}

/** Answering again, in an epoch that left the message out, brings it back. */
function withTrigger(plan: TurnPlan, message: MessageId): readonly ContextItem[] {
	const isThere = plan.context.some((item) => 'message' in item && item.message === message);
	return isThere ? plan.context : [...plan.context, { message }];
}
