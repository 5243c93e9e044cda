import type { LineId } from '../../ids.ts';
import type { ClockDep } from '../../ports/clock.ts';
import type { LogDep } from '../../ports/log.ts';
import type { LinesDep } from '../../space/space.ts';
import type { Sync } from '../../sync/sync.ts';
import type { LineAttendant } from '../agent.ts';

/** Looks after the lines of the space for the person's other devices. */
export interface Answering extends Disposable {
	/** Looks at all lines that were spoken on lately: when the app is shown, or a key was entered. */
	check(): void;
}

/** What waits for longer than this is no longer answered by itself. */
const RECENT_MS = 7 * 24 * 3_600_000;
/** A look loads two months of a line. */
const MOST_LINES = 40;
/** A turn that runs elsewhere brings a record every few seconds: one look is enough for several. */
const SETTLE_MS = 1_000;

/**
 * In the tab that leads, on a device with a model key: answers what was said on devices without one, and goes on with
 * turns that another device left. Looks at a line when something arrived on it, and when a lease of it ran out.
 */
export function createAnswering(
	deps: LinesDep &
		ClockDep &
		LogDep & {
			readonly sync: Pick<Sync, 'status' | 'subscribe' | 'onArrival'>;
			readonly attendant: LineAttendant;
			hasModel(): boolean;
		},
): Answering {
	const timers = new Map<LineId, Disposable>();
	const looking = new Map<LineId, { again: boolean }>();
	let wasAble = false;
	let isDisposed = false;
	const following = [
		deps.sync.onArrival((stream) => {
			const line = lineOfStream(stream);
			if (line !== undefined) lookIn(line, SETTLE_MS);
		}),
		deps.sync.subscribe(() => {
			const isAble = isOnline();
			if (isAble && !wasAble) check();
			wasAble = isAble;
		}),
	];
	wasAble = isOnline();
	check();

	return {
		check,
		[Symbol.dispose]() {
			isDisposed = true;
			for (const owned of [...following, ...timers.values()]) owned[Symbol.dispose]();
		},
	};

	function isOnline(): boolean {
		return deps.sync.status.isLeader && deps.sync.status.connection.type === 'online';
	}

	function isMine(): boolean {
		return !isDisposed && isOnline() && deps.hasModel();
	}

	function check(): void {
		if (!isMine()) return;
		const since = deps.clock.now() - RECENT_MS;
		const recent = deps.lines.list().filter(({ touched }) => touched > since);
		for (const { id } of recent.slice(0, MOST_LINES)) void look(id);
	}

	function lookIn(line: LineId, delayMs: number): void {
		if (isDisposed) return;
		timers.get(line)?.[Symbol.dispose]();
		timers.set(
			line,
			deps.clock.setTimer(delayMs, () => {
				timers.delete(line);
				void look(line);
			}),
		);
	}

	async function look(line: LineId): Promise<void> {
		if (!isMine()) return;
		const running = looking.get(line);
		if (running) {
			running.again = true;
			return;
		}
		const own = { again: false };
		looking.set(line, own);
		let next: number | undefined;
		try {
			next = await deps.attendant.attend(line);
		} finally {
			looking.delete(line);
		}
		if (own.again) lookIn(line, SETTLE_MS);
		else if (next !== undefined && !timers.has(line)) lookIn(line, Math.max(SETTLE_MS, next - deps.clock.now()));
	}
}

/** Of `line/<id>/<yyyy-mm>`; a line's id holds no slash. */
function lineOfStream(stream: string): LineId | undefined {
	const [kind, id] = stream.split('/');
	return kind === 'line' && id !== undefined && id !== '' ? (id as LineId) : undefined;
}
