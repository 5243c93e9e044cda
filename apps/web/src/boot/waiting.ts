import { visibleTools } from '@pocketeer/core/agent/calls/tool-box';
import { waitingCalls } from '@pocketeer/core/agent/calls/trust';
import { createLineIndexer } from '@pocketeer/core/agent/line/line-index';
import type { Tool } from '@pocketeer/core/agent/tool';
import { createEmitter } from '@pocketeer/core/emitter';
import type { DeviceId, LineId } from '@pocketeer/core/ids';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import type { LineRecord } from '@pocketeer/core/space/records';
import type { LinesDep, OpenLine, SelfDep, Space } from '@pocketeer/core/space/space';
import type { Waiting, WaitingCall } from '../app.ts';

/** Lines that were spoken on in this time are looked at; a question older than that is found when its line is opened. */
const RECENT_MS = 30 * 24 * 3_600_000;
/** Each look holds two months of a line in memory. */
const MOST_LINES = 12;

/** Makes the look at what waits for the person: by the records alone, so the same on every device. */
export function createWaiting(
	deps: LinesDep & ClockDep & SelfDep & Pick<Space, 'directory'>,
	tools: readonly Tool[],
): Waiting {
	// Those of which there are too many are called through one that is.
	const byName = new Map(visibleTools(tools).map((tool) => [tool.definition.name, tool]));
	const { indexOf } = createLineIndexer();
	const changed = createEmitter<void>();
	const watched = new Map<LineId, OpenLine | undefined>();
	let lines: ReadonlySet<LineId> = new Set();

	deps.lines.subscribe(() => void watchNewest());
	void watchNewest();

	return { callsOn, lines: () => lines, subscribe: (listener) => changed.subscribe(listener) };

	function callsOn(records: readonly LineRecord[]): readonly WaitingCall[] {
		const index = indexOf(records);
		return [...index.turns.values()]
			.filter(({ end, isStopped }) => !end && !isStopped)
			.flatMap((turn) => {
				const { id, device } = turn.record;
				const isOwn = isOwnDevice(device);
				return waitingCalls(index, turn, byName).map((call) => ({ ...call, turn: id, isOwn, waitsFor: call.for }));
			});
	}

	function isOwnDevice(device: DeviceId): boolean {
		const person = deps.directory.devices().find(({ id }) => id === device)?.person;
		return device === deps.self.device || person === undefined || person === deps.self.person;
	}

	async function watchNewest(): Promise<void> {
		const since = deps.clock.now() - RECENT_MS;
		const newest = deps.lines.list().filter(({ touched }) => touched > since);
		for (const { id } of newest.slice(0, MOST_LINES)) {
			if (watched.has(id)) continue;
			watched.set(id, undefined);
			const opened = await deps.lines.open(id);
			// It is tried again when something changes.
			if (!opened.ok) {
				watched.delete(id);
				continue;
			}
			watched.set(id, opened.value);
			opened.value.subscribe(() => look(id, opened.value));
			look(id, opened.value);
		}
	}

	function look(id: LineId, line: OpenLine): void {
		const waits = callsOn(line.records()).some(({ isOwn }) => isOwn);
		if (waits === lines.has(id)) return;
		lines = new Set([...lines, id].filter((each) => waits || each !== id));
		changed.emit();
	}
}
