import type { PersonId } from '../../ids.ts';
import { newId } from '../../ports/random.ts';
import { formatMoment, zonedAt } from '../../schedule/zoned.ts';
import type { Author, SteeringRecord } from '../../space/records.ts';
import { isSendable, toolUsesOf } from '../line/line-index.ts';
import { sortNotes } from '../line/unanswered.ts';
import { personSpeaker } from '../request/head.ts';
import { isSaid, type Unanswered } from './in-flight.ts';
import { keep, nextMoment, type Progress, presentTurn, type TurnScope } from './turn-scope.ts';

/**
 * Takes along what was said while the turn ran: its next request shows it behind the results of the step before. Only
 * there: a request may end in results followed by words, never in words that a paused answer has not seen.
 */
export async function steer(scope: TurnScope): Promise<Progress> {
	if (scope.model.kind === 'clerk') return { type: 'on' };
	const present = presentTurn(scope);
	const step = present.modelSteps.findLast(isSendable);
	const uses = step ? toolUsesOf(step) : [];
	if (!step || uses.length === 0 || uses.some((use) => !present.toolSteps.has(use.id))) return { type: 'on' };
	const said = await saidMeanwhile(scope);
	if (said.length === 0) return { type: 'on' };
	const at = nextMoment(scope);
	const record: SteeringRecord = {
		kind: 'steering',
		id: newId<string>(scope.deps),
		turn: scope.turn.id,
		at,
		after: step.id,
		head: headOf(scope, said),
		messages: said.map((entry) => entry.trigger.message),
	};
	return keep(scope, [record]);
}

/**
 * The person says something else while calls wait for their decision: those are passed over, and what was said goes
 * along. Undefined when nothing was said, and the turn stands.
 */
export async function passOver(scope: TurnScope): Promise<Progress | undefined> {
	const said = await saidMeanwhile(scope);
	const newest = said.at(-1);
	if (!newest) return undefined;
	const present = presentTurn(scope);
	const step = present.modelSteps.findLast(isSendable);
	const open = (step ? toolUsesOf(step) : []).filter(
		(use) => !present.toolSteps.has(use.id) && !present.decisions.has(use.id),
	);
	const { device } = scope.deps.self;
	const person = speakerOf(scope, newest);
	const at = nextMoment(scope);
	return keep(
		scope,
		open.map((use) => ({
			kind: 'decision',
			turn: scope.turn.id,
			toolUse: use.id,
			at,
			person,
			device,
			decision: { type: 'passed-over' },
		})),
	);
}

/** What persons said on this device that no turn answers yet, in the order it stands on the line. */
async function saidMeanwhile({ inFlight, line, deps }: TurnScope): Promise<readonly Unanswered[]> {
	const noted = await inFlight.unanswered(line.id);
	if (!noted.ok) return [];
	const records = line.records();
	const place = { records, index: deps.indexOf(records), device: deps.self.device };
	return sortNotes(noted.value.filter(isSaid), place).waiting;
}

function headOf(scope: TurnScope, said: readonly Unanswered[]): string {
	const { clock, directory } = scope.deps;
	const [now, zone] = [clock.now(), clock.zone()];
	const people = directory.people();
	const speakers = said.map((entry) => {
		const person = speakerOf(scope, entry);
		return personSpeaker(person, people.find(({ id }) => id === person)?.name);
	});
	const moment = `${formatMoment(now, zone)}, UTC${zonedAt(now, zone).offset}`;
	return `<now>\n${moment}\nSaid while you were at work. Speaking: ${[...new Set(speakers)].join(', ')}.\n</now>`;
}

function speakerOf({ deps, line }: TurnScope, entry: Unanswered): PersonId {
	const author: Author | undefined = deps.indexOf(line.records()).messages.get(entry.trigger.message)?.author;
	return author?.type === 'person' ? author.person : deps.self.person;
}
