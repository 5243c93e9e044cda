import type { Agent } from '../agent/agent.ts';
import { indexLine, toolUsesOf } from '../agent/line/line-index.ts';
import type { LineId, MessageId, OccurrenceId } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { LogDep } from '../ports/log.ts';
import { describeDistance, formatMoment } from '../schedule/zoned.ts';
import type { ReminderRecord, RunRecord } from '../space/records.ts';
import type { LinesDep, OpenLine, RunsDep, SelfDep } from '../space/space.ts';
import type { Sync } from '../sync/sync.ts';
import { isValid, type Occurrences, type ValidTask } from './occurrences.ts';
import type { TaskBookDep } from './task-book.ts';
import { lineNameOf } from './task-line.ts';

/** Carries out due work while the app is open. */
export interface TaskRunner extends Disposable {
	/** Looks now: for when the app is shown again or the network is back. Resolves when due reminders are on their lines. */
	check(): Promise<void>;
}

type Deps = ClockDep &
	LogDep &
	SelfDep &
	LinesDep &
	RunsDep &
	TaskBookDep & {
		readonly occurrences: Occurrences;
		readonly agent: Pick<Agent, 'runTask'>;
		readonly sync: Pick<Sync, 'status' | 'subscribe' | 'wakes'>;
	};

/** The wall clock is asked again at least this often: timers stop while a machine sleeps, clocks are set. */
const LONGEST_WAIT_MS = 60_000;
/** Later than this, a moment counts as missed. */
const GRACE_MS = 5 * 60_000;
/** A turn that takes longer than its lease may be taken over by another device. */
const LEASE_MS = 15 * 60_000;

interface Due {
	readonly task: ValidTask;
	readonly at: number;
	readonly id: OccurrenceId;
}

/**
 * In the tab that leads: shows each due reminder on its line and runs each due nudge, once, with one row in the
 * account of runs whatever other devices do. Dispose to stop.
 */
export function createTaskRunner(deps: Deps): TaskRunner {
	const nudging = new Set<OccurrenceId>();
	let timer: Disposable | undefined;
	let running: Promise<void> | undefined;
	let isDirty = false;
	let isDisposed = false;
	const following = [
		deps.book.subscribe(() => void check()),
		deps.sync.subscribe(() => void check()),
		deps.sync.wakes.onFired(() => void check()),
	];
	void check();

	return {
		check,
		[Symbol.dispose]() {
			isDisposed = true;
			timer?.[Symbol.dispose]();
			for (const subscription of following) subscription[Symbol.dispose]();
		},
	};

	/** One pass at a time; what is asked for meanwhile makes one more. */
	function check(): Promise<void> {
		isDirty = true;
		running ??= passes().finally(() => {
			running = undefined;
		});
		return running;
	}

	async function passes(): Promise<void> {
		while (isDirty && !isDisposed) {
			isDirty = false;
			if (deps.sync.status.isLeader) await pass();
		}
	}

	async function pass(): Promise<void> {
		const tasks = (await deps.book.list()).filter(isValid);
		for (const task of tasks) {
			const due = await undone(task);
			if (due && !isDisposed) await carryOut(due);
		}
		await waitForNext(tasks);
	}

	async function undone(task: ValidTask): Promise<Due | undefined> {
		const at = deps.occurrences.newest(task);
		if (at === undefined || (await deps.occurrences.isDone(task, at))) return undefined;
		return { task, at, id: await deps.occurrences.idOf(task, at) };
	}

	async function waitForNext(tasks: readonly ValidTask[]): Promise<void> {
		const now = deps.clock.now();
		const next = (await Promise.all(tasks.map((task) => deps.occurrences.next(task)))).filter(
			(at): at is number => at !== undefined && at > now,
		);
		timer?.[Symbol.dispose]();
		if (isDisposed) return;
		const delayMs = Math.min(LONGEST_WAIT_MS, ...next.map((at) => at - now));
		timer = deps.clock.setTimer(delayMs, () => void check());
	}

	async function carryOut(due: Due): Promise<void> {
		const { missed, maxLatenessMs, kind } = due.task.read.spec;
		const latenessMs = deps.clock.now() - due.at;
		const isMissed = latenessMs > GRACE_MS;
		if (
			latenessMs > (maxLatenessMs ?? Number.POSITIVE_INFINITY) ||
			(isMissed && missed === 'skip' && maxLatenessMs === undefined)
		) {
			return skip(due, `It was due ${describeDistance(due.at, deps.clock.now())}, when no device could act.`);
		}
		if (kind === 'reminder') return show(due, due.task.read.body);
		if (isMissed && missed === 'ask') {
			const when = formatMoment(due.at, due.task.read.spec.zone);
			await show(
				due,
				`Missed: "${due.task.read.title}" was due ${when}. It was not run; ask for it if it is still of use.`,
			);
			return;
		}
		// Not awaited: a turn may take minutes, and reminders wait for nobody.
		void nudge(due).catch((error: unknown) => deps.log.warn('nudge-failed', { reason: String(error).slice(0, 80) }));
	}

	async function skip(due: Due, reason: string): Promise<void> {
		const line = await deps.lines.ensure(lineNameOf(due.task));
		if (line.ok) await account(due, line.value.id, { type: 'skipped', reason });
	}

	/** The record first, then its row: cut in between, the record is found and only the row is written. */
	async function show(due: Due, text: string): Promise<void> {
		const line = await deps.lines.ensure(lineNameOf(due.task));
		if (!line.ok) return;
		if (!due.task.read.spec.silent) {
			const opened = await deps.lines.open(line.value.id);
			if (!opened.ok) return;
			using open = opened.value;
			const record: ReminderRecord = {
				kind: 'reminder',
				id: due.id,
				at: deps.clock.now(),
				due: due.at,
				task: due.task.entry.id,
				text,
			};
			if (!hasReminder(open, due.id) && !(await open.append([record])).ok) return;
		}
		await account(due, line.value.id, { type: 'shown' });
	}

	async function account(due: Due, line: LineId, outcome: RunRecord['outcome']): Promise<void> {
		const now = deps.clock.now();
		const { entry } = due.task;
		await deps.runs.append({
			kind: 'run',
			id: due.id,
			line,
			trigger: { type: 'reminder', task: entry.id, path: entry.path, occurrence: due.id },
			device: deps.self.device,
			by: 'none',
			model: '',
			started: now,
			ended: now,
			outcome,
			modelCalls: 0,
			toolCalls: 0,
			tokens: { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 },
			files: [],
		});
	}

	/** Runs where the relay says so: exactly one device gets the claim, none does offline. */
	async function nudge(due: Due): Promise<void> {
		if (nudging.has(due.id)) return;
		nudging.add(due.id);
		try {
			const line = await deps.lines.ensure(lineNameOf(due.task));
			if (!line.ok) return;
			const claim = await deps.sync.wakes.claim(due.id, LEASE_MS);
			if (!claim.ok || claim.value.fence === 0 || isDisposed) return;
			if (!(await hasRun(line.value.id, due.id))) await runAgent(due, line.value.id);
			if (isDisposed || !(await deps.runs.has(due.id))) return;
			await deps.sync.wakes.finish(due.id, claim.value.fence);
		} finally {
			nudging.delete(due.id);
		}
	}

	async function runAgent(due: Due, line: LineId): Promise<void> {
		const { entry, read } = due.task;
		// The message takes the occurrence's name: made on two devices, it is still one.
		const message = due.id as string as MessageId;
		const trigger = { type: 'task', task: entry.id, path: entry.path, occurrence: due.id, message } as const;
		await deps.agent.runTask({ line, trigger, prompt: read.body });
	}

	/**
	 * A turn of this occurrence that was begun here is the agent's to resume; a finished one has its row. One of another
	 * device that has called tools may be waiting for its person, or be gone on with there: only one that had not come that
	 * far when its lease ran out is begun anew.
	 */
	async function hasRun(line: LineId, occurrence: OccurrenceId): Promise<boolean> {
		if (await deps.runs.has(occurrence)) return true;
		const opened = await deps.lines.open(line);
		if (!opened.ok) return true;
		using open = opened.value;
		for (const { record, end, modelSteps } of indexLine(open.records()).turns.values()) {
			if (record.trigger.type !== 'task' || record.trigger.occurrence !== occurrence) continue;
			if (end || record.device === deps.self.device || modelSteps.some((step) => toolUsesOf(step).length > 0))
				return true;
		}
		return false;
	}
}

function hasReminder(line: OpenLine, id: OccurrenceId): boolean {
	return line.records().some((record) => record.kind === 'reminder' && record.id === id);
}
