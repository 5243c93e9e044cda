import type { FileId, LineId } from '../../ids.ts';
import type { ClockDep } from '../../ports/clock.ts';
import type { LogDep } from '../../ports/log.ts';
import type { Actor, LineRecord, Receipt, TakeoverRecord } from '../../space/records.ts';
import type { FilesDep, SelfDep } from '../../space/space.ts';
import { type Access, conflicts } from '../calls/call-order.ts';
import { accessOf } from '../calls/tool-calls.ts';
import { targetOf, waitingCalls } from '../calls/trust.ts';
import { type IndexedTurn, isSendable, type LineIndex, toolUsesOf, topFence } from '../line/line-index.ts';
import type { Tool } from '../tool.ts';
import { type Claimed, type ClaimsDep, TAB_STEP } from './claims.ts';

/** A turn that this tab may go on with: the record that says so, to be kept first. */
export interface Takeover {
	readonly record: TakeoverRecord;
	readonly claimed: (Claimed & { readonly type: 'held' }) | undefined;
}

/**
 * Asks for a turn that another tab (`isTaken`: its lock was) or another device runs. Undefined when that one may still
 * go on with it, or nobody can say: the relay alone tells who may, but a frozen tab of this device needs no relay.
 */
export async function takeOver(
	deps: ClockDep & SelfDep & ClaimsDep,
	turn: IndexedTurn,
	isTaken: boolean,
): Promise<Takeover | undefined> {
	const answer = await deps.claims.claim(turn.record.id);
	if (answer.type === 'elsewhere') return undefined;
	const claimed = answer.type === 'held' ? answer : undefined;
	if (!claimed && !isTaken) return undefined;
	const top = topFence(turn);
	const next = isTaken ? top + TAB_STEP : Math.floor(top) + 1;
	// A relay that was set back gives low fences again.
	const fence = isTaken ? Math.max(next, (claimed?.fence ?? 0) + TAB_STEP) : Math.max(next, claimed?.fence ?? 0);
	const steps = [
		...turn.modelSteps.map((step) => step.id),
		...turn.steering.map((step) => step.id),
		...turn.toolSteps.keys(),
	];
	const { device } = deps.self;
	const at = Math.max(deps.clock.now(), turn.record.at);
	return {
		record: { kind: 'takeover', critical: true, turn: turn.record.id, at, device, fence, steps },
		claimed,
	};
}

/**
 * Calls that the runner before may have begun: they stood open when the turn was taken over, and were waiting neither for
 * a decision that came only after that, nor behind a call that was. Whether they took effect is not known here.
 */
export function begunElsewhere(
	turn: IndexedTurn,
	of: { readonly records: readonly LineRecord[]; readonly index: LineIndex; readonly tools: ReadonlyMap<string, Tool> },
): ReadonlySet<string> {
	const { records, index, tools } = of;
	const { takeover } = turn;
	const step = turn.modelSteps.findLast(isSendable);
	if (!takeover || !step?.id || !takeover.steps.includes(step.id)) return new Set();
	const since = records.indexOf(takeover);
	const decided = records.slice(since + 1).flatMap((record) => {
		return record.kind === 'decision' && record.turn === turn.record.id ? [record.toolUse] : [];
	});
	const waited = new Set([...decided, ...waitingCalls(index, turn, tools).map((call) => call.toolUse)]);
	const begun = new Set<string>();
	const waiting: Access[] = [];
	for (const use of toolUsesOf(step)) {
		const { tool, input } = targetOf(tools, use);
		const access = accessOf(tool, input);
		if (waited.has(use.id) || waiting.some((earlier) => conflicts(earlier, access))) waiting.push(access);
		else begun.add(use.id);
	}
	return begun;
}

/**
 * Takes back what calls of this device did to files after the turn had gone to another runner, who did it again or
 * decided otherwise. What the turn's results name stays; so does what was taken back before. Call it when the end of the
 * turn is here: before, a result that relies on such a change may still be on its way.
 */
export async function takeBack(
	deps: FilesDep & SelfDep & LogDep,
	from: {
		readonly line: LineId;
		readonly turn: IndexedTurn;
		/** The calls in question, where another tab of this device went on; otherwise all that this device made. */
		readonly only?: ReadonlySet<string> | undefined;
	},
): Promise<void> {
	const { line, turn, only } = from;
	const { record, takeover } = turn;
	if (!takeover) return;
	const receipts = [...turn.toolSteps.values()].flatMap((step) => step.receipts);
	const relied = new Set(receipts.flatMap(changesOf));
	const touched = [...deps.files.list(), ...deps.files.deleted()].filter((file) => file.touched >= record.at);
	for (const { id, path } of touched) {
		const history = await deps.files.history(path);
		for (const patch of history.ok ? history.value.toReversed() : []) {
			if (patch.actor.turn !== record.id || patch.actor.device !== deps.self.device) continue;
			const { toolUse } = patch.actor;
			if (toolUse === undefined || takeover.steps.includes(toolUse) || only?.has(toolUse) === false) continue;
			if (!relied.has(patch.id) && !relied.has(id)) await undo(id, path, patch.id);
		}
	}

	async function undo(file: FileId, path: string, patch: string): Promise<void> {
		// Without the call's id: whoever asks whether the call had its effect must not find this.
		const actor: Actor = {
			type: record.by,
			...deps.self,
			line,
			turn: record.id,
			reason: 'The turn had gone on elsewhere.',
		};
		const undone = await deps.files.undo({ path, patch, file }, actor);
		deps.log.info('taken-back', { turn: record.id, result: undone.ok ? 'done' : undone.error.type });
	}
}

/** The patches and tasks that a result tells of. */
function changesOf(receipt: Receipt): readonly string[] {
	if (receipt.type === 'scheduled') return [receipt.task];
	return 'patch' in receipt && receipt.patch !== undefined ? [receipt.patch] : [];
}
