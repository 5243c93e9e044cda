import type { LineId } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { LogDep } from '../ports/log.ts';
import type { LinesDep, OpenLine, SelfDep } from '../space/space.ts';
import { answers, type InFlight, type Unanswered } from './in-flight.ts';
import type { IndexedTurn, LineIndex, LineIndexDep } from './line-index.ts';
import type { Asked, TurnLife } from './turn-life.ts';

/** Works off what waits on one line; whoever calls it holds the line's lock. */
export interface LineDriver {
	/**
	 * Takes up turns left behind, then gives every unanswered message its turn, until nothing waits. False when it had
	 * to leave off: the disk refused, or the agent is gone. `begin` gives each turn its signal.
	 */
	drain(line: LineId, begin: () => AbortSignal): Promise<boolean>;
}

/** A note of a message that never came to be, because the tab died in between, is dropped after this long. */
const ORPHAN_MS = 60_000;

/** Makes the driver of an agent's lines. */
export function createLineDriver(
	deps: LinesDep & SelfDep & ClockDep & LogDep & LineIndexDep,
	parts: { readonly inFlight: InFlight; readonly turns: TurnLife; isGone(): boolean },
): LineDriver {
	const { inFlight, turns, isGone } = parts;

	return {
		async drain(id, begin) {
			const opened = await deps.lines.open(id);
			if (!opened.ok) {
				deps.log.warn('line-unreadable', { error: opened.error.type });
				return false;
			}
			using line = opened.value;
			for (const left of await leftBehind(line)) {
				if (isGone() || !(await turns.takeUp(line, left, begin()))) return false;
			}
			for (;;) {
				if (isGone()) return false;
				const asked = await nextAsked(line);
				if (!asked) return true;
				if (!(await turns.answer(line, asked, begin()))) return false;
			}
		},
	};

	/** Turns of this device without an end, by its store's notes and by the line's records. */
	async function leftBehind(line: OpenLine): Promise<readonly IndexedTurn[]> {
		const noted = await inFlight.turns();
		const own = (noted.ok ? noted.value : []).filter((turn) => turn.line === line.id).map((turn) => turn.turn);
		while (own.some((turn) => !deps.indexOf(line.records()).turns.has(turn)) && line.hasOlder) {
			if (!(await line.older()).ok) break;
		}
		const { turns: known } = deps.indexOf(line.records());
		for (const id of own) {
			const turn = known.get(id);
			if (turn?.end) await turns.account(line, turn, turn.end);
			else if (!turn && !line.hasOlder) await inFlight.finish(id, []);
		}
		return [...known.values()].filter(({ record, end }) => !end && record.device === deps.self.device);
	}

	/** The messages the next turn answers: a task's or a retry's alone, or all that a person said in a row. */
	async function nextAsked(line: OpenLine): Promise<Asked | undefined> {
		const index = deps.indexOf(line.records());
		const unanswered = await readUnanswered(line, index);
		const [first] = unanswered;
		if (!first) return undefined;
		const alone = isAlone(first) ? 1 : unanswered.findIndex(isAlone);
		const count = alone === -1 ? unanswered.length : alone;
		const newest = unanswered[count - 1] ?? first;
		const message = index.messages.get(newest.trigger.message);
		const asked = new Set(unanswered.slice(0, count).map((entry) => entry.trigger.message));
		const later = unanswered.slice(count).map((entry) => entry.trigger.message);
		return message && { newest, message, waiting: new Set(later.filter((id) => !asked.has(id))) };
	}

	/** What was said on this device and is in no turn of it yet, in the order it stands on the line. */
	async function readUnanswered(line: OpenLine, index: LineIndex): Promise<readonly Unanswered[]> {
		const noted = await inFlight.unanswered(line.id);
		if (!noted.ok) {
			deps.log.warn('unanswered-unreadable', { error: noted.error.type });
			return [];
		}
		const own = [...index.turns.values()].filter(({ record }) => record.device === deps.self.device);
		const waiting: Unanswered[] = [];
		for (const entry of noted.value) {
			if (own.some(({ record }) => answers(record, entry))) continue;
			if (index.messages.has(entry.trigger.message)) waiting.push(entry);
			else if (deps.clock.now() - entry.at > ORPHAN_MS && !line.hasOlder) await inFlight.dropUnanswered(entry);
		}
		const order = [...index.messages.keys()];
		const placeOf = ({ trigger }: Unanswered) => order.indexOf(trigger.message);
		return waiting.sort((a, b) => placeOf(a) - placeOf(b) || a.at - b.at);
	}
}

function isAlone(entry: Unanswered): boolean {
	return entry.trigger.type === 'task' || entry.retry !== undefined;
}
