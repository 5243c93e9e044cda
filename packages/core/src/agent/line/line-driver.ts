import type { LineId, MessageId, TurnId } from '../../ids.ts';
import type { ClockDep } from '../../ports/clock.ts';
import type { LogDep } from '../../ports/log.ts';
import type { LinesDep, OpenLine, SelfDep } from '../../space/space.ts';
import type { Tool } from '../tool.ts';
import { type InFlight, isSaid, type Unanswered } from '../turn/in-flight.ts';
import type { Asked, Driving, TurnLeft, TurnLife } from '../turn/turn-life.ts';
import { endedElsewhere } from './ended-turns.ts';
import { type IndexedTurn, type LineIndexDep, runnerOf } from './line-index.ts';
import { isParked, sortNotes, unclaimedMessages } from './unanswered.ts';

/** Works off what waits on one line; whoever calls it holds the line's lock. */
export interface LineDriver {
	/** Takes up turns left behind, then gives every unanswered message its turn, until nothing waits or it had to leave off. */
	drain(line: LineId, drive: Draining): Promise<Drained>;
}

/** How a line is to be worked off. */
export interface Draining {
	/** Turns of other devices that this one should go on with. */
	readonly wanted: ReadonlySet<TurnId>;
	/** Gives each turn its place. */
	begin(): Driving;
	/** Resolves when a stop that was asked for is on the line. */
	settled(): Promise<void>;
}

/** How a line was left. */
export interface Drained {
	/** Nothing waits on it but the person. */
	readonly isDone: boolean;
	/** Turns that wait for the person. */
	readonly waits: ReadonlySet<TurnId>;
	/** Turns that another tab or device has, with calls this tab may have made without its knowing. */
	readonly elsewhere: ReadonlyMap<TurnId, ReadonlySet<string>>;
}

/** A note of a message that never came to be, because the tab died in between, is dropped after this long. */
const ORPHAN_MS = 60_000;

/** Makes the driver of an agent's lines. */
export function createLineDriver(
	deps: LinesDep & SelfDep & ClockDep & LogDep & LineIndexDep,
	parts: {
		readonly inFlight: InFlight;
		readonly turns: TurnLife;
		readonly tools: ReadonlyMap<string, Tool>;
		isGone(): boolean;
	},
): LineDriver {
	const { inFlight, turns, tools, isGone } = parts;

	return {
		async drain(id, drive) {
			const waits = new Set<TurnId>();
			const elsewhere = new Map<TurnId, ReadonlySet<string>>();
			const left = (isDone: boolean): Drained => ({ isDone, waits, elsewhere });
			const opened = await deps.lines.open(id);
			if (!opened.ok) {
				deps.log.warn('line-unreadable', { error: opened.error.type });
				return left(false);
			}
			using line = opened.value;
			/** False when the line is to be left alone. */
			const note = (how: TurnLeft): boolean => {
				if (how.type === 'waits') waits.add(how.turn);
				if (how.type === 'elsewhere') elsewhere.set(how.turn, how.open);
				return how.type !== 'leave';
			};
			for (;;) {
				waits.clear();
				turns.tidy(line);
				for (const turn of await toTakeUp(line, drive.wanted)) {
					if (elsewhere.has(turn.record.id)) continue;
					const driving = drive.begin();
					if (isGone() || driving.lock.aborted || !note(await turns.takeUp(line, turn, driving))) return left(false);
				}
				await drive.settled();
				const driving = drive.begin();
				if (isGone() || driving.lock.aborted) return left(false);
				const asked = await nextAsked(line);
				if (!asked) return left(true);
				// What a person says goes along with the turn that waits for them.
				if (waits.size > 0 && isSaid(asked.newest)) continue;
				if (!note(await turns.answer(line, asked, driving))) return left(false);
			}
		},
	};

	/** Turns of this device without an end, those of others that it should go on with, and any that wait for what was said here. */
	async function toTakeUp(line: OpenLine, wanted: ReadonlySet<TurnId>): Promise<readonly IndexedTurn[]> {
		const noted = await inFlight.turns();
		const own = (noted.ok ? noted.value : []).filter((turn) => turn.line === line.id).map((turn) => turn.turn);
		while (own.some((turn) => !deps.indexOf(line.records()).turns.has(turn)) && line.hasOlder) {
			if (!(await line.older()).ok) break;
		}
		const known = deps.indexOf(line.records()).turns;
		for (const id of own) {
			const turn = known.get(id);
			if (turn?.end) await turns.account(line, turn, turn.end);
			else if (!turn && !line.hasOlder) await inFlight.finish(id, []);
		}
		const ended = await inFlight.ended(line.id);
		for (const { turn: id, at } of ended.ok ? ended.value : []) {
			const turn = known.get(id);
			const end = turn && endedElsewhere(turn, deps.self.device);
			// Of two rows of a turn the one that ends later counts: not the one that was made here before.
			if (end) await turns.account(line, turn, { ...end, at: Math.max(end.at, at + 1) });
		}
		const index = deps.indexOf(line.records());
		const open = [...index.turns.values()].filter(({ end }) => !end);
		const others = open.filter((turn) => runnerOf(turn) !== deps.self.device);
		const parked = others.filter((turn) => isOfSelf(line, turn) && isParked(index, turn, tools));
		const isSpokenTo = parked.length > 0 && (await nextAsked(line)) !== undefined;
		return open.filter((turn) => {
			if (!others.includes(turn) || wanted.has(turn.record.id)) return true;
			return isSpokenTo && parked.includes(turn);
		});
	}

	function isOfSelf(line: OpenLine, { record }: IndexedTurn): boolean {
		const author = deps.indexOf(line.records()).messages.get(record.trigger.message)?.author;
		return author?.type === 'person' && author.person === deps.self.person;
	}

	/** The messages the next turn answers: a task's or a retry's alone, or all that a person said in a row. */
	async function nextAsked(line: OpenLine): Promise<Asked | undefined> {
		const unanswered = await readUnanswered(line);
		const [first] = unanswered;
		if (!first) return undefined;
		const alone = isSaid(first) ? unanswered.findIndex((entry) => !isSaid(entry)) : 1;
		const count = alone === -1 ? unanswered.length : alone;
		const newest = unanswered[count - 1] ?? first;
		const records = line.records();
		const index = deps.indexOf(records);
		const message = index.messages.get(newest.trigger.message);
		const asked = new Set(unanswered.slice(0, count).map((entry) => entry.trigger.message));
		const later: MessageId[] = unanswered.slice(count).map((entry) => entry.trigger.message);
		for (const { id } of unclaimedMessages(records, index)) later.push(id);
		return message && { newest, message, waiting: new Set(later.filter((id) => !asked.has(id))) };
	}

	/** What was said on this device and is in no turn of it yet, in the order it stands on the line. */
	async function readUnanswered(line: OpenLine): Promise<readonly Unanswered[]> {
		const noted = await inFlight.unanswered(line.id);
		if (!noted.ok) {
			deps.log.warn('unanswered-unreadable', { error: noted.error.type });
			return [];
		}
		const records = line.records();
		const place = { records, index: deps.indexOf(records), device: deps.self.device };
		const { waiting, dropped, missing } = sortNotes(noted.value, place);
		for (const entry of dropped) await inFlight.dropUnanswered(entry);
		for (const entry of missing) {
			if (deps.clock.now() - entry.at > ORPHAN_MS && !line.hasOlder) await inFlight.dropUnanswered(entry);
		}
		return waiting;
	}
}
