import type { TurnId } from '@pocketeer/core/ids';
import type { LineRecord, MessageRecord, ReminderRecord } from '@pocketeer/core/space/records';
import type { Self } from '@pocketeer/core/space/space';
import type { PeopleNames } from '../shell/people-names.ts';
import { foldAnswer, type TurnPiece } from './answer.ts';
import type { AnswerArticle, Article, SaidArticle } from './articles.ts';
import { makeDayOf } from './format.ts';

/** A line as it is read: articles by id, and their order. */
export interface Transcript {
	readonly order: readonly string[];
	readonly articles: ReadonlyMap<string, Article>;
	/** The newest turn, which is the one that may be retried. */
	readonly lastTurn: TurnId | undefined;
	/** Whether some turn has set a reminder or nudge, and whether anything was said since the first. */
	readonly scheduled: 'never' | 'just-now' | 'before';
}

/** A fold of a line's records. The names are one object for as long as nobody is called otherwise. */
type TranscriptFold = (records: readonly LineRecord[], zone: string, names: PeopleNames) => Transcript;

/**
 * Makes a fold that remembers: an article is the same object as last time when its records and all names are, so that
 * a screen which compares by identity draws only what changed.
 */
export function createTranscriptFold(self: Self): TranscriptFold {
	let known = new Map<string, Known>();
	let knownNames: PeopleNames | undefined;
	return (records, zone, names) => {
		if (names !== knownNames) known = new Map();
		knownNames = names;
		const groups = groupRecords(records);
		const next = new Map<string, Known>();
		const articles = new Map<string, Article>();
		const order: string[] = [];
		const dayOf = makeDayOf(zone);
		let day = '';
		let lastTurn: TurnId | undefined;
		let scheduled: Transcript['scheduled'] = 'never';
		for (const [id, group] of groups) {
			const last = known.get(id);
			const kept =
				last && isSame(last.group.records, group.records) ? last : { group, article: foldGroup(group, self, names) };
			next.set(id, kept);
			const { article } = kept;
			const itsDay = dayOf(article.at);
			if (itsDay !== day) {
				day = itsDay;
				const mark = `day:${itsDay}`;
				if (!articles.has(mark)) {
					order.push(mark);
					const before = known.get(mark)?.article;
					articles.set(mark, before ?? { kind: 'day', id: mark, at: article.at });
				}
			}
			order.push(id);
			articles.set(id, article);
			if (article.kind === 'said' && scheduled === 'just-now') scheduled = 'before';
			if (article.kind === 'answer') {
				lastTurn = article.id;
				if (scheduled === 'never' && hasScheduled(article)) scheduled = 'just-now';
			}
		}
		for (const [id, article] of articles) {
			if (article.kind === 'day') next.set(id, { group: { kind: 'day', records: [] }, article });
		}
		known = next;
		return { order, articles, lastTurn, scheduled };
	};
}

type Group =
	| { readonly kind: 'said'; readonly records: [MessageRecord] }
	| { readonly kind: 'reminder'; readonly records: [ReminderRecord] }
	| { readonly kind: 'turn'; readonly turn: TurnId; readonly records: TurnPiece[] }
	| { readonly kind: 'day'; readonly records: [] };
interface Known {
	readonly group: Group;
	readonly article: Article;
}

/** Everything of one turn together, at the place where it began. A second record of one id changes nothing. */
function groupRecords(records: readonly LineRecord[]): ReadonlyMap<string, Group> {
	const groups = new Map<string, Group>();
	for (const record of records) {
		switch (record.kind) {
			case 'message':
				if (!groups.has(record.id)) groups.set(record.id, { kind: 'said', records: [record] });
				break;
			case 'reminder':
				if (!groups.has(record.id)) groups.set(record.id, { kind: 'reminder', records: [record] });
				break;
			case 'turn':
			case 'model-step':
			case 'tool-step':
			case 'turn-end': {
				const turn = record.kind === 'turn' ? record.id : record.turn;
				const group = groups.get(turn);
				if (group?.kind === 'turn') group.records.push(record);
				else groups.set(turn, { kind: 'turn', turn, records: [record] });
				break;
			}
			default:
				// Epochs are not for reading, and kinds of later versions are not known here.
				break;
		}
	}
	return groups;
}

function foldGroup(group: Group, self: Self, names: PeopleNames): Article {
	switch (group.kind) {
		case 'said':
			return foldMessage(group.records[0], self, names);
		case 'reminder': {
			const [record] = group.records;
			return { kind: 'reminder', id: record.id, at: record.at, due: record.due, task: record.task, text: record.text };
		}
		case 'turn':
			return foldAnswer({ id: group.turn, records: group.records, self, names });
		case 'day':
			throw new Error('a day has no records');
	}
}

function foldMessage(record: MessageRecord, self: Self, names: PeopleNames): SaidArticle {
	const { author } = record;
	const isOwn = author.type === 'person' && author.person === self.person;
	const other = author.type === 'task' ? 'Nudge' : names.ofPerson(author.person);
	return {
		kind: 'said',
		id: record.id,
		at: record.at,
		label: isOwn ? 'You' : other,
		isOwn,
		text: record.content.map(blockText).filter(Boolean).join('\n\n'),
		task: author.type === 'task' ? author.path : undefined,
	};
}

function blockText(block: MessageRecord['content'][number]): string {
	return block.type === 'text' ? block.text : `[${block.type}]`;
}

function hasScheduled({ parts }: AnswerArticle): boolean {
	return parts.some((part) => part.type === 'tool' && part.receipts.some((receipt) => receipt.type === 'scheduled'));
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
	return a.length === b.length && a.every((item, index) => item === b[index]);
}
