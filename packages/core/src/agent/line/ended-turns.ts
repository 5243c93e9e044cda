import type { DeviceId } from '../../ids.ts';
import type { ClockDep } from '../../ports/clock.ts';
import type { LogDep } from '../../ports/log.ts';
import type { LinesDep, OpenLine, SelfDep } from '../../space/space.ts';
import type { ClaimsDep } from '../turn/claims.ts';
import type { EndedTurn, InFlight } from '../turn/in-flight.ts';
import type { LineDrives } from './line-drives.ts';
import { type IndexedTurn, type LineIndexDep, runnerOf } from './line-index.ts';

/** Turns that ended here without the relay's word, until it is known whether another device went on with them. */
export interface EndedTurns {
	/** Has those settled that another device ended too; forgets those that nobody can go on with any more. */
	look(line: OpenLine): Promise<void>;
	/** The same for every line that has such turns. */
	lookAtAll(): Promise<void>;
}

/** A device that comes back later than this finds what it did as it left it. */
const LATE_MS = 30 * 24 * 3_600_000;

/** Makes the watch over turns that ended here. */
export function createEndedTurns(
	deps: LinesDep & SelfDep & ClockDep & LogDep & LineIndexDep & ClaimsDep,
	parts: { readonly inFlight: InFlight; readonly drives: Pick<LineDrives, 'drive'>; isGone(): boolean },
): EndedTurns {
	const { inFlight, drives, isGone } = parts;
	return { look, lookAtAll };

	async function look(line: OpenLine): Promise<void> {
		const noted = await inFlight.ended(line.id);
		let isLate = false;
		for (const note of noted.ok ? noted.value : []) {
			if (isGone()) return;
			const turn = deps.indexOf(line.records()).turns.get(note.turn);
			if (turn && endedElsewhere(turn, deps.self.device)) isLate = true;
			else if (await isFinal(note, turn)) await inFlight.dropEnded(note);
		}
		// Under the line's lock, so that no two tabs take the same back.
		if (isLate && !isGone()) await drives.drive(line.id, 'if-free');
	}

	async function lookAtAll(): Promise<void> {
		const noted = await inFlight.ended();
		for (const id of new Set((noted.ok ? noted.value : []).map((note) => note.line))) {
			const opened = await deps.lines.open(id);
			if (!opened.ok) {
				deps.log.warn('line-unreadable', { error: opened.error.type });
				continue;
			}
			using line = opened.value;
			await look(line);
		}
	}

	async function isFinal(note: EndedTurn, turn: IndexedTurn | undefined): Promise<boolean> {
		if (deps.clock.now() - note.at > LATE_MS) return true;
		return turn?.end !== undefined && deps.claims.finish(note.turn, note.fence);
	}
}

/** The end of a turn that another device went on with; undefined as long as it is not here. */
export function endedElsewhere(turn: IndexedTurn, device: DeviceId): IndexedTurn['end'] {
	return runnerOf(turn) === device ? undefined : turn.end;
}
