import { formatMoment, zonedAt } from '../schedule/zoned.ts';

/** What a turn's head tells the model about the moment it begins in. */
export interface HeadFacts {
	/** Wall clock in ms since the epoch. */
	readonly now: number;
	/** IANA name of the person's zone. */
	readonly zone: string;
	readonly line: string;
	/** Who wrote the turn's messages, in order; a task's path for its prompt. */
	readonly speakers: readonly string[];
	/** Wall clock of the message before this turn's; undefined on a fresh line. */
	readonly lastMessageAt: number | undefined;
	/** When the reminders that this turn sees first were due. */
	readonly remindersDue: readonly number[];
	/** Paths changed since the line's last turn, newest first. */
	readonly changedFiles: readonly string[];
	/** The person asked for another answer to the message that is there already. */
	readonly isRetry: boolean;
}

/** More paths than this are counted, not named. */
const MAX_PATHS = 12;
const OPENS = '<now>\n';
const TASK_SPEAKER = 'the task ';

/**
 * The text at the head of a turn's user message. It is kept in the turn's record and sent as it stands ever after, so
 * it may hold what changes from turn to turn.
 */
export function turnHead(facts: HeadFacts): string {
	const lines = [`${formatMoment(facts.now, facts.zone)}, UTC${zonedAt(facts.now, facts.zone).offset}`];
	lines.push(`Line: ${quote(facts.line)}. ${speaking(facts.speakers)}${sinceLast(facts)}`);
	if (facts.isRetry)
		lines.push('The person asks for another answer to the message before; what was done already stays done.');
	if (facts.remindersDue.length > 0) {
		const due = facts.remindersDue.map((at) => formatMoment(at, facts.zone));
		lines.push(`Reminders shown since your last turn were due: ${due.join('; ')}.`);
	}
	if (facts.changedFiles.length > 0) lines.push(`Files changed since your last turn: ${nameSome(facts.changedFiles)}.`);
	return `${OPENS}${lines.join('\n')}\n</now>`;
}

/** Whether a text block is a turn's head rather than something a person typed. */
export function isHead(text: string): boolean {
	return text.startsWith(OPENS);
}

/** Whether a head says that a task's prompt began the turn, not somebody speaking. */
export function isTaskHead(head: string): boolean {
	// The quotes around it cannot stand inside a line's quoted name.
	return isHead(head) && head.includes(`". Speaking: ${TASK_SPEAKER}"`);
}

/** A person as the one who speaks: their name, quoted because they chose it, and what their files are called by. */
export function personSpeaker(id: string, name: string | undefined): string {
	return name === undefined || name === id ? id : `${quote(name)} (${id})`;
}

/** A task as the one who speaks. */
export function taskSpeaker(path: string): string {
	return `${TASK_SPEAKER}${quote(path)}`;
}

function speaking(speakers: readonly string[]): string {
	const distinct = [...new Set(speakers)];
	if (distinct.length === 0) return '';
	if (distinct.length === 1) return `Speaking: ${distinct[0]}. `;
	return `Speaking, message by message: ${speakers.join(', ')}. `;
}

function sinceLast({ now, lastMessageAt }: HeadFacts): string {
	if (lastMessageAt === undefined) return 'This is the first message of the line.';
	const minutes = Math.max(0, Math.round((now - lastMessageAt) / 60_000));
	if (minutes === 0) return 'Less than a minute since the last message.';
	return `${minutes} ${minutes === 1 ? 'minute' : 'minutes'} since the last message.`;
}

function nameSome(paths: readonly string[]): string {
	const named = paths.slice(0, MAX_PATHS).map(quote).join(', ');
	return paths.length > MAX_PATHS ? `${named} and ${paths.length - MAX_PATHS} more` : named;
}

function quote(text: string): string {
	return JSON.stringify(text);
}
