import { parseDocument, stringify, visit } from 'yaml';
import { type Recurrence, readRecurrence } from '../protocol/recurrence.ts';
import { durationMs } from '../schedule/describe-every.ts';
import { readEvery } from '../schedule/every.ts';
import { instantOf, isZone } from '../schedule/zoned.ts';

/**
 * A task file: YAML front matter that says when, and below it the reminder's text or the nudge's prompt.
 *
 *   when: 2026-12-01T09:00     local time; or every: "0 8 * * 1-5" | PT30M | "weekdays at 8"
 *   timezone: Europe/Athens    kind: reminder | nudge    line: kitchen    agent: general
 *   missed: run-once | skip | ask    maxLateness: PT2H    silent: false
 *   from: 2026-11-20T13:37     when a recurrence begins; intervals count from it
 *   until: 2027-01-01T00:00    its last moment
 */
export interface TaskSpec {
	readonly kind: 'reminder' | 'nudge';
	readonly recurrence: Recurrence;
	/** `when` or `every` as written. */
	readonly words: string;
	readonly zone: string;
	/** Name of the line the result lands on; undefined: the one named after the task. */
	readonly line: string | undefined;
	readonly agent: string | undefined;
	readonly missed: MissedPolicy;
	readonly maxLatenessMs: number | undefined;
	/** Start of the recurrence, in ms since the epoch. */
	readonly from: number | undefined;
	readonly silent: boolean;
}

/** What becomes of a moment that passed while no device was there: one late run, none, or a question to the person. */
export type MissedPolicy = 'run-once' | 'skip' | 'ask';

/** A task file as read: its schedule, or the sentence that says what is wrong and how to mend it. */
export type ReadTask = {
	/** First line of the body. */
	readonly title: string;
	readonly body: string;
} & ({ readonly type: 'valid'; readonly spec: TaskSpec } | { readonly type: 'broken'; readonly reason: string });

/** Whether a path is one of a task. */
export function isTaskPath(path: string): boolean {
	return /^tasks\/[^/].*\.md$/.test(path);
}

/** Reads a task file; `zone` is the person's, for files that name none. Unknown keys are left alone. */
export function readTask(text: string, zone: string): ReadTask {
	const { front, body } = splitFrontMatter(text);
	const title =
		body
			.split('\n', 1)[0]
			?.replace(/^#+\s*/, '')
			.trim() ?? '';
	const fields = front === undefined ? { problem: NO_FRONT_MATTER } : readFields(front);
	const spec = 'problem' in fields ? fields.problem : readSpec(fields.fields, zone);
	if (typeof spec === 'string') return { type: 'broken', reason: spec, title, body };
	if (body === '')
		return { type: 'broken', reason: 'The task has no text: write it below the second "---".', title, body };
	return { type: 'valid', spec, title, body };
}

/** For the workspace's validation on write: a sentence if this path is a task's and the text is no task. */
export function validateTaskFile(path: string, text: string): string | undefined {
	if (!isTaskPath(path)) return undefined;
	const task = readTask(text, 'UTC');
	if (task.type === 'broken') return task.reason;
	const { front = '' } = splitFrontMatter(text);
	const fields = readFields(front);
	const unknown = 'fields' in fields ? Object.keys(fields.fields).find((key) => !KEYS.has(key)) : undefined;
	return unknown && `"${unknown}" is no key of a task; the keys are ${[...KEYS].join(', ')}.`;
}

/** What a task file is made of. */
export interface NewTask {
	/** Local time as `writeMoment` gives it. One of `when` and `every`. */
	readonly when?: string;
	readonly every?: string;
	/** Local time. */
	readonly from?: string;
	readonly timezone: string;
	readonly kind: 'reminder' | 'nudge';
	readonly line?: string;
	readonly body: string;
}

/** The text of a task file that `readTask` reads back as the same schedule. */
export function formatTask({ body, ...fields }: NewTask): string {
	const { when, every, from, timezone, kind, line } = fields;
	const front = {
		...(when && { when }),
		...(every && { every }),
		...(from && { from }),
		timezone,
		kind,
		...(line && { line }),
	};
	return `---\n${stringify(front, { lineWidth: 0 })}---\n${body.trim()}\n`;
}

const NO_FRONT_MATTER =
	'A task begins with front matter between two lines "---", such as: when: 2026-12-01T09:00 and kind: reminder.';

const KEYS: ReadonlySet<string> = new Set([
	'when',
	'every',
	'timezone',
	'kind',
	'line',
	'agent',
	'missed',
	'maxLateness',
	'gate',
	'silent',
	'from',
	'until',
]);

function splitFrontMatter(text: string): { readonly front: string | undefined; readonly body: string } {
	const match = /^\uFEFF?---[ \t]*\r?\n(?:([\s\S]*?)\r?\n)?---[ \t]*(?:\r?\n|$)/.exec(text);
	if (!match) return { front: undefined, body: text.trim() };
	return { front: match[1] ?? '', body: text.slice(match[0].length).trim() };
}

function hasAlias(document: ReturnType<typeof parseDocument>): boolean {
	let isFound = false;
	visit(document, {
		Alias() {
			isFound = true;
			return visit.BREAK;
		},
	});
	return isFound;
}

type Fields = Readonly<Record<string, unknown>>;

function readFields(front: string): { readonly fields: Fields } | { readonly problem: string } {
	const document = parseDocument(front, { schema: 'core', prettyErrors: false });
	const [error] = document.errors;
	if (error) {
		const line = front.slice(0, error.pos[0]).split('\n').length + 1;
		return {
			problem: `The front matter cannot be read at line ${line}; put a value with special characters in quotes, such as every: "0 8 * * 1-5".`,
		};
	}
	if (front.includes('*') && hasAlias(document))
		return { problem: 'The front matter may hold no references (&, *); put such a value in quotes.' };
	const value: unknown = document.toJS();
	if (typeof value !== 'object' || value === null || Array.isArray(value)) return { problem: NO_FRONT_MATTER };
	return { fields: Object.fromEntries(Object.entries(value)) };
}

/** The schedule, or what is wrong with it. */
function readSpec(fields: Fields, personZone: string): TaskSpec | string {
	const zone = fields.timezone ?? personZone;
	if (typeof zone !== 'string' || !isZone(zone))
		return `timezone "${show(zone)}" is no time zone; write one such as Europe/Athens.`;
	const kind = fields.kind ?? 'reminder';
	if (kind !== 'reminder' && kind !== 'nudge') return `kind "${show(kind)}" must be reminder or nudge.`;
	const missed = fields.missed ?? 'run-once';
	if (missed !== 'run-once' && missed !== 'skip' && missed !== 'ask')
		return `missed "${show(missed)}" must be run-once, skip or ask.`;
	const silent = fields.silent ?? false;
	if (typeof silent !== 'boolean') return `silent "${show(silent)}" must be true or false.`;
	if (fields.gate !== undefined)
		return 'gate cannot be run by this version, so the task would run unchecked: remove the line.';
	const [line, agent] = [readName(fields.line), readName(fields.agent)];
	if (line === null) return 'line must be the name of a line, such as kitchen.';
	if (agent === null) return 'agent must be the name of an agent, such as general.';
	const maxLatenessMs = readDuration(fields.maxLateness);
	if (maxLatenessMs === null) return `maxLateness "${show(fields.maxLateness)}" must be a duration such as PT2H.`;
	const schedule = readSchedule(fields, zone);
	if (typeof schedule === 'string') return schedule;
	return { kind, ...schedule, zone, line, agent, missed, maxLatenessMs, silent };
}

function readSchedule(
	fields: Fields,
	zone: string,
): { readonly recurrence: Recurrence; readonly words: string; readonly from: number | undefined } | string {
	const { when, every } = fields;
	if (when !== undefined && when !== null && every !== undefined && every !== null)
		return 'The task has both when and every; keep one of them.';
	const [from, until] = [readLocal(fields.from, zone), readLocal(fields.until, zone)];
	if (from === null) return `from "${show(fields.from)}" must be a local time such as 2026-12-01T09:00.`;
	if (until === null) return `until "${show(fields.until)}" must be a local time such as 2026-12-01T09:00.`;
	if (when !== undefined && when !== null) {
		const at = readLocal(when, zone);
		if (at === null || at === undefined) return `when "${show(when)}" must be a local time such as 2026-12-01T09:00.`;
		return { recurrence: { type: 'once', at }, words: String(when), from };
	}
	if (every === undefined || every === null)
		return 'The task says no time: add when: 2026-12-01T09:00 or every: "weekdays at 8".';
	return readEveryField(every, { zone, from, until: until ?? null });
}

function readEveryField(
	every: unknown,
	{ zone, from, until }: { readonly zone: string; readonly from: number | undefined; readonly until: number | null },
): { readonly recurrence: Recurrence; readonly words: string; readonly from: number | undefined } | string {
	const said = typeof every === 'string' ? readEvery(every) : undefined;
	if (said?.type === 'question') return `every "${show(every)}" is no schedule. ${said.question}`;
	if (!said)
		return `every "${show(every)}" must be cron such as "0 8 * * 1-5", a duration such as PT30M, or words such as "weekdays at 8".`;
	const recurrence = said.every.startsWith('P')
		? // Without a beginning, intervals count from the epoch: the same on every device.
			readRecurrence({ type: 'interval', intervalMs: durationMs(said.every), anchor: from ?? 0, until })
		: readRecurrence({ type: 'cron', cron: said.every, zone, until });
	if (!recurrence.ok) return recurrence.error.reason;
	return { recurrence: recurrence.value, words: String(every), from };
}

const LOCAL = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?$/;
const WITH_OFFSET = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})$/i;

/** ms since the epoch; null when it is no moment. */
function readLocal(value: unknown, zone: string): number | undefined | null {
	if (value === undefined || value === null) return undefined;
	if (typeof value !== 'string') return null;
	const text = value.trim();
	try {
		if (LOCAL.test(text)) return atLeastZero(instantOf(text.replace(' ', 'T'), zone));
		return WITH_OFFSET.test(text) ? atLeastZero(Date.parse(text.replace(' ', 'T'))) : null;
	} catch {
		return null;
	}
}

function atLeastZero(instant: number): number | null {
	return instant >= 0 ? instant : null;
}

function readDuration(value: unknown): number | undefined | null {
	if (value === undefined || value === null) return undefined;
	return (typeof value === 'string' ? durationMs(value.trim()) : undefined) ?? null;
}

function readName(value: unknown): string | undefined | null {
	if (value === undefined || value === null) return undefined;
	if (typeof value !== 'string' && typeof value !== 'number') return null;
	return String(value).trim() || null;
}

function show(value: unknown): string {
	const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
	return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
