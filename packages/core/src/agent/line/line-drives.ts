import type { LineId, TurnId } from '../../ids.ts';
import { type ClockDep, sleep } from '../../ports/clock.ts';
import type { LogDep } from '../../ports/log.ts';
import type { HeldLock, TabsDep } from '../../ports/tabs.ts';
import type { FilesDep, LinesDep, SelfDep } from '../../space/space.ts';
import type { InFlight } from '../turn/in-flight.ts';
import { takeBack } from '../turn/takeover.ts';
import type { TurnAccount } from '../turn/turn-account.ts';
import type { Driving } from '../turn/turn-life.ts';
import type { Drained, LineDriver } from './line-driver.ts';
import { type LineIndex, type LineIndexDep, runnerOf } from './line-index.ts';
import type { LineWatches } from './line-watches.ts';
import { stateOf } from './unanswered.ts';

/** Sees to it that each line is worked off by one tab at a time, whenever something stands on it that this tab may do. */
export interface LineDrives extends Disposable {
	/** Works the line off unless this tab does so already; then once more after that, for what came meanwhile. */
	drive(line: LineId, how: WhenHeld): Promise<void>;
	/** The same, going on with turns of other devices too. */
	goOnWith(line: LineId, turns: readonly TurnId[]): Promise<void>;
	/** Stops the turn that runs here; nothing that waits begins before `kept`, the stop being on the line. */
	stop(line: LineId, kept: Promise<unknown>): void;
	/** Resolves when no stop is on its way to the line. */
	settled(line: LineId): Promise<unknown>;
}

/** When another tab holds the line: ask again while something waits, or leave it to that tab unless it does not answer. */
export type WhenHeld = 'wait' | 'if-free';

/** What happens on a line after it was worked off. */
export interface AfterDrain {
	/** Nothing waits on the line. Its signal aborts when something does again. */
	idle(line: LineId, signal: AbortSignal): Promise<void>;
}

/** How long until a tab asks again for a line whose lock another tab holds. */
const LOCK_WAIT_MS = 1000;
/** How often a tab asks whether the one that runs a turn still answers: the browser may freeze it at any time. */
const LOOK_AGAIN_MS = 10_000;

interface Drive {
	/** Something came while the line was worked off. */
	again: boolean;
	done: Promise<void>;
	/** Ends what is done in the time when nothing waits. */
	idle: AbortController;
}

/** Makes the drives of one agent. */
export function createLineDrives(
	deps: TabsDep & LinesDep & FilesDep & SelfDep & ClockDep & LogDep & LineIndexDep,
	parts: {
		readonly inFlight: InFlight;
		readonly driver: LineDriver;
		readonly turns: TurnAccount;
		readonly watches: LineWatches;
		readonly after: Partial<AfterDrain>;
		/** Aborts when the agent is disposed of. */
		readonly over: AbortSignal;
	},
): LineDrives {
	const { inFlight, driver, turns, watches, after, over } = parts;
	const drives = new Map<LineId, Drive>();
	const stops = new Map<LineId, AbortController>();
	const stopping = new Map<LineId, Promise<unknown>>();
	const wanted = new Map<LineId, Set<TurnId>>();
	const looks = new Map<LineId, Disposable>();

	return {
		drive,
		goOnWith(line, turns) {
			wanted.set(line, new Set([...(wanted.get(line) ?? []), ...turns]));
			return drive(line, 'if-free');
		},
		stop(line, kept) {
			stops.get(line)?.abort();
			drives.get(line)?.idle.abort();
			stopping.set(line, kept);
			void kept.finally(() => {
				if (stopping.get(line) === kept) stopping.delete(line);
			});
		},
		settled: async (line) => stopping.get(line),
		[Symbol.dispose]() {
			for (const stop of stops.values()) stop.abort();
			for (const { idle } of drives.values()) idle.abort();
			for (const timer of looks.values()) timer[Symbol.dispose]();
		},
	};

	function drive(line: LineId, how: WhenHeld): Promise<void> {
		const running = drives.get(line);
		if (running) {
			running.again = true;
			running.idle.abort();
			return running.done;
		}
		const fresh: Drive = { again: false, done: Promise.resolve(), idle: new AbortController() };
		drives.set(line, fresh);
		fresh.done = driveOn(line, fresh, how);
		return fresh.done;
	}

	async function driveOn(line: LineId, own: Drive, how: WhenHeld): Promise<void> {
		let drained: Drained | undefined;
		/** Of every pass: one that follows knows nothing of a turn that went elsewhere in the pass before. */
		const elsewhere = new Map<TurnId, ReadonlySet<string>>();
		try {
			// A tab that the browser froze holds its lines until somebody asks it.
			let isPatient = how === 'wait';
			do {
				own.again = false;
				own.idle = new AbortController();
				const work = (lock: HeldLock) => workOff(line, own, lock);
				const name = `turn/${line}`;
				drained = await (isPatient ? deps.tabs.whileHolding(name, work) : deps.tabs.takeOver(name, work));
				isPatient = false;
				for (const [id, open] of drained?.elsewhere ?? []) elsewhere.set(id, open);
				if (drained === undefined && !over.aborted) await waitForLock(line, own, how);
			} while (own.again && !over.aborted);
		} finally {
			// In the same breath as the last look at `again`, so that whoever comes next starts afresh.
			drives.delete(line);
			stops.delete(line);
		}
		if (over.aborted) return;
		if (drained) watch(line, drained.waits);
		else lookAgain(line);
		watchElsewhere(line, elsewhere);
	}

	/** A tab that answers now may be frozen later, in the middle of a turn. */
	function lookAgain(line: LineId): void {
		if (looks.has(line)) return;
		const look = async () => {
			looks.delete(line);
			const noted = await inFlight.turns();
			const isRunning = noted.ok && noted.value.some((turn) => turn.line === line);
			if (isRunning && !over.aborted) await drive(line, 'if-free');
		};
		const timer = deps.clock.setTimer(LOOK_AGAIN_MS, () => void look());
		looks.set(line, timer);
	}

	async function workOff(line: LineId, own: Drive, lock: HeldLock): Promise<Drained> {
		const mine = wanted.get(line) ?? new Set();
		wanted.delete(line);
		const drained = await driver.drain(line, {
			wanted: mine,
			begin: () => begin(line, lock),
			settled: async () => void (await stopping.get(line)),
		});
		const isIdle = drained.isDone && drained.waits.size === 0 && !own.again && !over.aborted;
		if (isIdle) await after.idle?.(line, AbortSignal.any([own.idle.signal, lock.lost, over]));
		return drained;
	}

	function begin(line: LineId, { lost, isTaken }: HeldLock): Driving {
		const stop = new AbortController();
		stops.set(line, stop);
		if (over.aborted) stop.abort();
		return { stop, lock: lost, isTaken };
	}

	/** Another tab runs the line: it answers our message too, or its lock becomes free when it is gone. */
	async function waitForLock(line: LineId, own: Drive, how: WhenHeld): Promise<void> {
		if (how === 'if-free' && !own.again) return;
		const waiting = await inFlight.unanswered(line);
		if (!waiting.ok || waiting.value.length === 0) return;
		await sleep(deps, LOCK_WAIT_MS, over);
		own.again = true;
	}

	/** Goes on when what the line's turns wait for is there, whoever wrote it. */
	function watch(line: LineId, waits: Drained['waits']): void {
		const seen = new Map<TurnId, string>();
		if (waits.size === 0) {
			watches.drop(`waits ${line}`);
			return;
		}
		const is = ({ turns: known }: LineIndex) =>
			[...waits].some((id) => {
				const turn = known.get(id);
				if (!turn) return false;
				const state = stateOf(turn);
				const before = seen.get(id);
				if (before === undefined) seen.set(id, state);
				return before !== undefined && before !== state;
			});
		watches.until({ name: `waits ${line}`, line, is }, () => void drive(line, 'if-free'));
	}

	/** Settles what this tab did for turns that others have, once those have ended. */
	function watchElsewhere(line: LineId, elsewhere: Drained['elsewhere']): void {
		for (const [id, open] of elsewhere) {
			const hasEnded = ({ turns: known }: LineIndex) => known.get(id)?.end !== undefined;
			watches.until({ name: `elsewhere ${id}`, line, is: hasEnded }, () => void settle(line, id, open));
		}
	}

	/** A turn that went on elsewhere is over: what this tab did to files meanwhile without knowing of it is taken back. */
	async function settle(line: LineId, id: TurnId, only: ReadonlySet<string>): Promise<void> {
		const opened = await deps.lines.open(line);
		if (!opened.ok || over.aborted) return;
		using open = opened.value;
		const turn = deps.indexOf(open.records()).turns.get(id);
		if (turn) await takeBack(deps, { line, turn, only });
		// What this tab paid for without knowing is on the line by now, and perhaps in no row.
		if (turn?.end && runnerOf(turn) === deps.self.device) await turns.account(open, turn, turn.end);
		// Notes of it that are left here go too.
		if (!over.aborted) await drive(line, 'if-free');
	}
}
