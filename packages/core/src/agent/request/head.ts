import { formatMoment, zonedAt } from '../../schedule/zoned.ts';

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
	/** Files that others changed since the line's last turn, newest first. */
	readonly changedFiles: readonly ChangedFile[];
	/** Reactions of people since the line's last turn, in words (`reaction`). */
	readonly reactions: readonly string[];
	/** The message that is there already is answered again. */
	readonly isRetry: boolean;
}

/** A file as a head names it. */
export interface ChangedFile {
	readonly path: string;
	/** Who changed it, in words (`personSpeaker`, `agentSpeaker`); none where that is not known here. */
	readonly by: readonly string[];
	readonly isDeleted?: boolean;
}

/** More files than this are counted, not named. */
export const MAX_NAMED = 12;
/** Characters of a name: it may have been chosen to be read as something else. */
const MAX_NAME = 120;
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
		lines.push('The app asks for another answer to the message before; what was done already stays done.');
	if (facts.remindersDue.length > 0) {
		const due = facts.remindersDue.map((at) => formatMoment(at, facts.zone));
		lines.push(`Reminders shown since your last turn were due: ${due.join('; ')}.`);
	}
	if (facts.reactions.length > 0) lines.push(`Reactions since your last turn: ${facts.reactions.join('; ')}.`);
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
	const known = /^[\p{L}\p{N}._-]+$/u.test(id) ? id : quote(id);
	return name === undefined || name === id ? known : `${quote(name)} (${known})`;
}

/** A task as the one who speaks. */
export function taskSpeaker(path: string): string {
	return `${TASK_SPEAKER}${quote(path)}`;
}

/** The agent itself, from another line. */
export function agentSpeaker(line: string): string {
	return `you, from the line ${quote(line)}`;
}

/** A reaction in words. */
export function reaction(said: { readonly by: string; readonly emoji: string; readonly to: string }): string {
	return `${said.by} put ${quote(said.emoji)} on ${said.to}`;
}

/** A piece of a longer text, as a reference to it. */
export function quoteStart(text: string): string {
	const line = text.replace(/\s+/g, ' ').trim();
	return quote(line.length > 60 ? `${line.slice(0, 59).toWellFormed()}…` : line);
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
	return `${duration(minutes)} since the last message.`;
}

function duration(minutes: number): string {
	const [count, unit] =
		minutes < 120 ? [minutes, 'minute'] : minutes < 48 * 60 ? [minutes / 60, 'hour'] : [minutes / 1440, 'day'];
	const whole = Math.round(count);
	return `${whole} ${unit}${whole === 1 ? '' : 's'}`;
}

function nameSome(files: readonly ChangedFile[]): string {
	const named = files.slice(0, MAX_NAMED).map(nameOne).join(', ');
	return files.length > MAX_NAMED ? `${named} and ${files.length - MAX_NAMED} more` : named;
}

function nameOne({ path, by, isDeleted }: ChangedFile): string {
	const verb = isDeleted ? 'deleted' : '';
	const who = by.length > 0 ? `by ${by.join(' and ')}` : '';
	const note = [verb, who].filter((part) => part !== '').join(' ');
	return note === '' ? quote(path) : `${quote(path)} (${note})`;
}

function quote(text: string): string {
	const short = text.length > MAX_NAME ? `${text.slice(0, MAX_NAME - 1).toWellFormed()}…` : text;
	// An escape that reads the same and can close no block.
	return JSON.stringify(short).replaceAll('<', '\\u003c');
}
