import type { ClockDep } from '../../ports/clock.ts';
import type { Actor, Author, ContextItem, LineRecord, ReactionRecord, TurnRecord } from '../../space/records.ts';
import type { FileEntry, FilesDep, PeopleDep, SelfDep } from '../../space/space.ts';
import type { IndexedTurn, LineIndex } from '../line/line-index.ts';
import {
	agentSpeaker,
	type ChangedFile,
	type HeadFacts,
	MAX_NAMED,
	personSpeaker,
	quoteStart,
	reaction,
	taskSpeaker,
} from './head.ts';
import { openingOf } from './request.ts';

type FactDeps = ClockDep & FilesDep & PeopleDep & SelfDep;

/** A turn that is about to begin. */
export interface Beginning {
	readonly line: string;
	readonly index: LineIndex;
	readonly records: readonly LineRecord[];
	readonly context: readonly ContextItem[];
	readonly isRetry: boolean;
}

/** Reactions of longer ago are not told. */
const MAX_REACTIONS = 6;

/** What the head of a turn tells; reads the histories of a few files at most. */
export async function gatherFacts(deps: FactDeps, beginning: Beginning): Promise<HeadFacts> {
	const { line, index, records, context, isRetry } = beginning;
	const opening = openingOf({ context });
	const messages = opening.flatMap((item) => ('message' in item ? (index.messages.get(item.message) ?? []) : []));
	const before = records.findLast((record) => record.kind === 'message' && !messages.includes(record));
	const last = index.ended.at(-1);
	return {
		now: deps.clock.now(),
		zone: deps.clock.zone(),
		line,
		speakers: messages.map(({ author }) => speakerOf(deps, author)),
		lastMessageAt: before?.at,
		remindersDue: opening.flatMap((item) =>
			'reminder' in item ? (index.reminders.get(item.reminder)?.due ?? []) : [],
		),
		reactions: last ? reactionsSince(deps, { index, records, turn: last.record }) : [],
		changedFiles: last ? await changedSince(deps, last) : [],
		isRetry,
	};
}

function speakerOf({ directory }: PeopleDep, author: Author): string {
	switch (author.type) {
		case 'person':
			return personSpeaker(author.person, directory.people().find(({ id }) => id === author.person)?.name);
		case 'task':
			return taskSpeaker(author.path);
		case 'agent':
			return agentSpeaker(author.line);
	}
}

/** What people put on messages and answers since a turn began, each on one thing once; what was taken away is not told. */
function reactionsSince(
	deps: PeopleDep,
	{
		index,
		records,
		turn,
	}: { readonly index: LineIndex; readonly records: readonly LineRecord[]; readonly turn: TurnRecord },
): readonly string[] {
	const newest = new Map<string, ReactionRecord>();
	for (const record of records.slice(records.lastIndexOf(turn) + 1)) {
		if (record.kind !== 'reaction' || record.author.type !== 'person') continue;
		const key = JSON.stringify([record.author.person, record.to]);
		newest.delete(key);
		newest.set(key, record);
	}
	return [...newest.values()]
		.filter(({ emoji }) => emoji !== '')
		.slice(-MAX_REACTIONS)
		.map(({ author, emoji, to }) => reaction({ by: speakerOf(deps, author), emoji, to: thingOf(index, to) }));
}

function thingOf(index: LineIndex, to: ReactionRecord['to']): string {
	if ('message' in to) return `the message ${quoteStart(textOf(index.messages.get(to.message)?.content ?? []))}`;
	const steps = index.turns.get(to.turn)?.modelSteps ?? [];
	return `your answer ${quoteStart(textOf(steps.flatMap((step) => step.content)))}`;
}

function textOf(content: readonly { readonly type: string }[]): string {
	return content.flatMap((block) => ('text' in block && typeof block.text === 'string' ? [block.text] : [])).join(' ');
}

/**
 * Files that somebody other than the line's last turn changed since that turn began. Of the newest few the history says
 * who; more are only counted.
 */
async function changedSince(deps: FactDeps, last: IndexedTurn): Promise<readonly ChangedFile[]> {
	const since = last.record.at;
	const end = last.end?.at ?? since;
	const own = filesOf(last);
	const changed = [
		...deps.files.list().map((file) => ({ file, isDeleted: false })),
		...deps.files.deleted().map((file) => ({ file, isDeleted: true })),
	]
		.filter(({ file }) => !file.isDefault && file.touched > since)
		// The turn's own are known; of those, only a history can say whether others changed them too.
		.map((each) => ({ ...each, isOwn: own.has(each.file.id) && each.file.touched <= end }))
		.sort((a, b) => Number(a.isOwn) - Number(b.isOwn) || b.file.touched - a.file.touched);
	const [looked, rest] = [changed.slice(0, MAX_NAMED), changed.slice(MAX_NAMED)];
	const named = await Promise.all(looked.map((each) => changeOf(deps, each, last.record)));
	const counted = rest
		.filter(({ isOwn }) => !isOwn)
		.map(({ file, isDeleted }) => ({ path: file.path, by: [], isDeleted }));
	return [...named.flatMap((file) => file ?? []), ...counted];
}

function filesOf({ toolSteps }: IndexedTurn): ReadonlySet<string> {
	const receipts = [...toolSteps.values()].flatMap((step) => step.receipts);
	return new Set(
		receipts.flatMap((receipt) => ('file' in receipt ? [receipt.file] : 'task' in receipt ? [receipt.task ?? ''] : [])),
	);
}

async function changeOf(
	deps: FactDeps,
	change: { readonly file: FileEntry; readonly isDeleted: boolean; readonly isOwn: boolean },
	last: TurnRecord,
): Promise<ChangedFile | undefined> {
	const { file, isDeleted, isOwn } = change;
	const history = await deps.files.history(file.path);
	if (!history.ok) return isOwn ? undefined : { path: file.path, by: [], isDeleted };
	const since = history.value.filter((patch) => patch.at > last.at || patch.actor.turn === last.id);
	const others = since.filter(({ actor }) => actor.turn !== last.id);
	if (others.length === 0 && (since.length > 0 || isOwn)) return undefined;
	const by = [...new Set(others.map(({ actor }) => actorName(deps, actor)))];
	return { path: file.path, by: by.slice(-MAX_ACTORS), isDeleted };
}

/** Of one file. */
const MAX_ACTORS = 3;

function actorName(deps: PeopleDep & SelfDep, actor: Actor): string {
	if (actor.type === 'clerk') return 'the clerk';
	if (actor.type === 'agent') return actor.line === undefined ? 'you' : agentSpeaker(actor.line);
	const { people, devices } = deps.directory;
	const name = personSpeaker(actor.person, people().find(({ id }) => id === actor.person)?.name);
	if (actor.device === deps.self.device) return `${name} on this device`;
	const device = devices().find(({ id }) => id === actor.device)?.name;
	return device ? `${name} on ${quoteStart(device)}` : `${name} on another device`;
}
