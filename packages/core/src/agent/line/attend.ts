import type { TurnId } from '../../ids.ts';
import type { ClockDep } from '../../ports/clock.ts';
import type { LogDep } from '../../ports/log.ts';
import type { LinesDep, OpenLine, SelfDep } from '../../space/space.ts';
import type { LineAttendant, ModelsDep } from '../agent.ts';
import type { Tool } from '../tool.ts';
import { turnIdOfClaimed } from '../turn/claimed-turn.ts';
import { type ClaimsDep, TURN_LEASE_MS } from '../turn/claims.ts';
import type { InFlight } from '../turn/in-flight.ts';
import type { EndedTurns } from './ended-turns.ts';
import type { LineDrives } from './line-drives.ts';
import { type LineIndexDep, runnerOf } from './line-index.ts';
import { isParked, lastMoved, unclaimedMessages } from './unanswered.ts';

/** Makes what a device with a model key does for the person's other devices. */
export function createAttendant(
	deps: LinesDep & SelfDep & ClockDep & LogDep & ModelsDep & LineIndexDep & ClaimsDep,
	parts: {
		readonly inFlight: InFlight;
		readonly drives: LineDrives;
		readonly ended: EndedTurns;
		readonly tools: ReadonlyMap<string, Tool>;
	},
): LineAttendant {
	const { inFlight, drives, ended, tools } = parts;

	return {
		async attend(id) {
			const opened = await deps.lines.open(id);
			if (!opened.ok) return undefined;
			using line = opened.value;
			if (line.needsUpdate) return undefined;
			await ended.look(line);
			const claimed = await claimMessages(line);
			const left = await leftTurns(line);
			if (left.ready.length > 0) await drives.goOnWith(id, left.ready);
			else if (claimed.got > 0) await drives.drive(id, 'if-free');
			const next = [claimed.again, left.again, ...(left.ready.length > 0 ? [deps.clock.now() + TURN_LEASE_MS] : [])];
			const moments = next.filter((at): at is number => at !== undefined);
			return moments.length > 0 ? Math.min(...moments) : undefined;
		},
	};

	/** Claims what was said for whichever device can answer; a claim that another has is asked for again when its lease is over. */
	async function claimMessages(line: OpenLine): Promise<{ readonly got: number; readonly again: number | undefined }> {
		const records = line.records();
		const noted = await inFlight.unanswered(line.id);
		if (!noted.ok) return { got: 0, again: undefined };
		const own = new Set(noted.value.map((entry) => entry.trigger.message));
		let got = 0;
		let again: number | undefined;
		for (const message of unclaimedMessages(records, deps.indexOf(records))) {
			const { id, author } = message;
			if (own.has(id) || author.type !== 'person' || author.person !== deps.self.person) continue;
			const trigger = { type: 'message', message: id } as const;
			if ((await deps.models.choose(trigger, message)).kind !== 'agent') break;
			const answer = await deps.claims.claim(turnIdOfClaimed(id));
			if (answer.type === 'elsewhere') again = deps.clock.now() + TURN_LEASE_MS;
			if (answer.type !== 'held') continue;
			const entry = { line: line.id, trigger, at: deps.clock.now(), claim: answer.fence };
			if ((await inFlight.addUnanswered(entry)).ok) got++;
		}
		return { got, again };
	}

	/** Turns of the person's other devices that stand still longer than a lease, though nobody is asked anything. */
	async function leftTurns(
		line: OpenLine,
	): Promise<{ readonly ready: readonly TurnId[]; readonly again: number | undefined }> {
		const index = deps.indexOf(line.records());
		const ready: TurnId[] = [];
		let again: number | undefined;
		for (const turn of index.turns.values()) {
			if (turn.end || runnerOf(turn) === deps.self.device || turn.record.by !== 'agent') continue;
			const message = index.messages.get(turn.record.trigger.message);
			if (!message || !isOwn(message.author) || isParked(index, turn, tools)) continue;
			const model = await deps.models.choose(turn.record.trigger, message);
			if (model.kind !== turn.record.by || model.id !== turn.record.model) continue;
			const due = lastMoved(turn) + TURN_LEASE_MS;
			if (due <= deps.clock.now()) ready.push(turn.record.id);
			else again = Math.min(due, again ?? due);
		}
		return { ready, again };
	}

	/** A task's prompt runs on whichever device got its occurrence; any of them may go on. */
	function isOwn(author: { readonly type: string; readonly person?: string }): boolean {
		return author.type === 'task' || (author.type === 'person' && author.person === deps.self.person);
	}
}
