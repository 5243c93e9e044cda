import { createEmitter } from '../emitter.ts';
import type { ClockDep } from '../ports/clock.ts';
import { err, ok, type Result } from '../result.ts';
import { describeEvery } from '../schedule/describe-every.ts';
import { readEvery } from '../schedule/every.ts';
import { parseWhen, type WhenResult, writeMoment } from '../schedule/parse-when.ts';
import { formatMoment, isZone, localOf } from '../schedule/zoned.ts';
import { lineId } from '../space/lines.ts';
import type { Actor } from '../space/records.ts';
import type { FilesDep, RunsDep } from '../space/space.ts';
import { isValid, type Occurrences } from './occurrences.ts';
import { slugOf } from './slug.ts';
import type { BookedTask, TaskBookDep } from './task-book.ts';
import { formatTask, type NewTask, readTask, type TaskSpec } from './task-file.ts';
import type { Scheduled, ScheduleError, ScheduleRequest, Task, Tasks } from './tasks.ts';

/** Most tasks that may wait at a time: an agent in a loop stops here. */
const MAX_PENDING_TASKS = 1_000;
/** Longest text of a task made from arguments; a prompt beyond it belongs into a note. */
const MAX_TEXT = 10_000;

/** Makes the view over task files, and the one place that makes such files from arguments. */
export function createTasks(
	deps: FilesDep & ClockDep & RunsDep & TaskBookDep & { readonly occurrences: Occurrences },
	{ maxPending = MAX_PENDING_TASKS }: { readonly maxPending?: number } = {},
): Tasks {
	const changed = createEmitter<void>();
	deps.book.subscribe(() => changed.emit());
	deps.runs.subscribe(() => changed.emit());
	let queue: Promise<unknown> = Promise.resolve();

	return {
		list,
		subscribe: (listener) => changed.subscribe(listener),
		schedule: (request, by) => inOrder(() => schedule(request, by)),
		cancel: (which, by) => inOrder(() => cancel(which, by)),
	};

	/** One after the other, so that two calls at once neither take one name nor pass the limit together. */
	function inOrder<T>(work: () => Promise<T>): Promise<T> {
		const result = queue.then(work);
		queue = result.catch(() => undefined);
		return result;
	}

	async function list(): Promise<readonly Task[]> {
		const tasks = await Promise.all((await deps.book.list()).map(taskOf));
		return tasks.sort((a, b) => orderOf(a) - orderOf(b) || (a.path < b.path ? -1 : 1));
	}

	async function taskOf(booked: BookedTask): Promise<Task> {
		const { entry, read } = booked;
		const common = { file: entry.id, path: entry.path, revision: entry.revision, title: read.title, body: read.body };
		if (!isValid(booked)) {
			const reason = read.type === 'broken' ? read.reason : '';
			return { ...common, schedule: { type: 'broken', reason } };
		}
		const { kind, recurrence, words, zone, line, silent } = booked.read.spec;
		return {
			...common,
			schedule: {
				type: 'valid',
				kind,
				recurrence,
				words,
				reads: readsOf(booked.read.spec),
				zone,
				line: line === undefined ? undefined : lineId(line),
				silent,
				next: await deps.occurrences.next(booked),
			},
		};
	}

	async function schedule(request: ScheduleRequest, by: Actor): Promise<Result<Scheduled, ScheduleError>> {
		const text = printable(request.text);
		if (text === '') return unclear('What should be said or done then? The text is empty.');
		if (text.length > MAX_TEXT) {
			return unclear(`The text has ${text.length} characters; at most ${MAX_TEXT} fit. Put the rest into a note.`);
		}
		const made = await madeBefore(text, by);
		if (made) return ok(made);
		const zone = request.zone?.trim() || deps.clock.zone();
		if (!isZone(zone)) return unclear(`"${zone}" is no time zone; which one is meant, such as Europe/Athens?`);
		const when = await readRequest(request, zone);
		if (when.type === 'question') {
			if (when.reason !== 'past') return unclear(when.question);
			return err({ type: 'Past', local: when.local ?? '', question: when.question });
		}
		const tasks = await list();
		const pending = tasks.filter((task) => task.schedule.type === 'valid' && task.schedule.next !== undefined);
		if (pending.length >= maxPending) return err({ type: 'TooMany', limit: maxPending });
		const file = formatTask(newTask({ ...request, text }, when));
		const written = await deps.files.write({ path: freePath(text), text: file }, by);
		if (!written.ok) return written;
		const task = await taskOf({ entry: written.value.entry, read: readTask(file, zone) });
		return ok({ task, change: written.value, assumed: when.assumed });
	}

	async function readRequest(request: ScheduleRequest, zone: string): Promise<WhenResult> {
		const [when, every] = [request.when?.trim(), request.every?.trim()];
		const context = { now: deps.clock.now(), zone };
		if (when && every) return question('Give either when (once) or every (again and again), not both.');
		if (every) {
			const result = await parseWhen(every, context);
			if (result.type !== 'moment') return result;
			return question(`"${every}" is a single moment; give it as when, or say how often, such as "every day at 8".`);
		}
		const said = await parseWhen(when ?? '', context);
		// As a single moment, PT20M most likely meant "in 20 minutes".
		if (said.type !== 'recurrence' || /[a-z]{2}/.test(when ?? '')) return said;
		return question(`"${when}" recurs; give it as every, or a single moment such as "in 20 minutes" as when.`);
	}

	function newTask(request: ScheduleRequest, when: Exclude<WhenResult, { type: 'question' }>): NewTask {
		const { kind, text, line } = request;
		const common = { kind, timezone: when.zone, body: text, ...(line && { line }) };
		if (when.type === 'moment') return { ...common, when: writeMoment(when.instant, when.zone) };
		if (!when.every.startsWith('P')) return { ...common, every: when.every };
		// Intervals count from the whole second at or after now.
		const from = Math.ceil(deps.clock.now() / 1000) * 1000;
		return { ...common, every: when.every, from: writeMoment(from, when.zone) };
	}

	/** The task this very tool call made before it was cut off. */
	async function madeBefore(text: string, by: Actor): Promise<Scheduled | undefined> {
		if (by.toolUse === undefined) return undefined;
		const stem = slugOf(text);
		for (const booked of await deps.book.list()) {
			if (!stemOf(booked.entry.path).startsWith(stem)) continue;
			const history = await deps.files.history(booked.entry.path);
			const patch = history.ok ? history.value.find(({ actor }) => isOfCall(actor, by)) : undefined;
			if (!patch) continue;
			const linesAdded = patch.patch.reduce((sum, { inserted }) => sum + inserted.split('\n').length - 1, 0);
			return {
				task: await taskOf(booked),
				change: { entry: booked.entry, linesAdded, linesRemoved: 0, patch: patch.id },
			};
		}
		return undefined;
	}

	function freePath(text: string): string {
		const stem = slugOf(text);
		let path = `tasks/${stem}.md`;
		for (let number = 2; deps.files.find(path); number++) path = `tasks/${stem}-${number}.md`;
		return path;
	}

	async function cancel(which: string, by: Actor): ReturnType<Tasks['cancel']> {
		const tasks = await list();
		const found = findTasks(tasks, which);
		const [task] = found;
		if (!task || found.length > 1) {
			const candidates = (found.length > 1 ? found : tasks.filter(isPending)).slice(0, 10).map(({ path }) => path);
			return err({ type: 'NoSuchTask', which, candidates, ...(found.length > 1 && { fitting: found.slice(0, 10) }) });
		}
		const removed = await deps.files.remove(task.path, by);
		return removed.ok ? ok({ task, change: removed.value }) : removed;
	}
}

/** Endpoints that count their calls give those of other lines the same ids. */
function isOfCall(actor: Actor, by: Actor): boolean {
	return actor.toolUse === by.toolUse && actor.turn === by.turn;
}

function unclear(what: string): Result<never, ScheduleError> {
	return err({ type: 'Unclear', question: what });
}

function question(what: string): WhenResult {
	return { type: 'question', reason: 'open', question: what };
}

/** Due ones first by time, then those that are over, then broken ones. */
function orderOf({ schedule }: Task): number {
	if (schedule.type === 'broken') return Number.MAX_VALUE;
	return schedule.next ?? Number.MAX_SAFE_INTEGER;
}

function isPending({ schedule }: Task): boolean {
	return schedule.type === 'broken' || schedule.next !== undefined;
}

function readsOf({ recurrence, words, zone }: TaskSpec): string {
	if (recurrence.type === 'once') return formatMoment(recurrence.at, zone);
	const said = readEvery(words);
	const reads = said?.type === 'recurrence' ? said.words : describeEvery(words);
	const until = recurrence.until === null ? '' : `, until ${localOf(recurrence.until, zone).replace('T', ' ')}`;
	return `${reads} (${zone})${until}`;
}

function stemOf(path: string): string {
	return path.replace(/^tasks\//, '').replace(/\.md$/, '');
}

function hasWord(text: string): boolean {
	return /[\p{L}\p{N}]/u.test(text);
}

/** Without what turns, hides or breaks text: a notification and a receipt show it next to words of the app. */
function printable(text: string): string {
	return text
		.toWellFormed()
		.replace(/[^\P{Cc}\n\t]|[\u202a-\u202e]/gu, '')
		.trim();
}

function hasWords(text: string, wanted: string): boolean {
	const spaced = (part: string) => ` ${part.replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ').trim()} `;
	return spaced(text).includes(spaced(wanted));
}

/** By path; else whatever fits by name or text, pending tasks before those that are over. Several are for the person. */
function findTasks(tasks: readonly Task[], which: string): readonly Task[] {
	const wanted = which.trim().toLowerCase();
	if (wanted === '') return [];
	const isPath = wanted.startsWith('tasks/') || wanted.endsWith('.md');
	const stem = stemOf(wanted);
	if (isPath) return tasks.filter(({ path }) => stemOf(path.toLowerCase()) === stem);
	const slug = slugOf(wanted);
	// Whole words only: "car" is not "carrots". Without a letter or digit there is nothing to go by.
	const found = tasks.filter(
		({ title, body, path }) =>
			hasWord(wanted) &&
			(hasWords(`${title} ${body}`.toLowerCase(), wanted) ||
				[slugOf(title), stemOf(path.toLowerCase())].some((own) => `-${own}-`.includes(`-${slug}-`))),
	);
	const pending = found.filter(isPending);
	return pending.length > 0 ? pending : found;
}
