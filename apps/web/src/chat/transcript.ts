import type { TurnId } from '@pocketeer/core/ids';
import type { LineRecord } from '@pocketeer/core/space/records';
import type { Self } from '@pocketeer/core/space/space';
import type { PeopleNames } from '../shell/people-names.ts';
import { foldAnswer } from './answer.ts';
import type { AnswerArticle, Article } from './articles.ts';
import { makeDayOf } from './format.ts';
import { type Group, groupRecords, isSameGroup } from './groups.ts';
import { foldMessage, foldReactions, textOfMessage, type Viewpoint } from './said.ts';

/** A line as it is read: articles by id, and their order. */
export interface Transcript {
	readonly order: readonly string[];
	readonly articles: ReadonlyMap<string, Article>;
	/** The newest turn, which is the one that may be retried. */
	readonly lastTurn: TurnId | undefined;
	/** Some turn has no end: it runs, waits for the person, or was left behind. */
	readonly hasOpenTurn: boolean;
	/** The newest compaction, which is the one that may be undone. */
	readonly lastCompaction: string | undefined;
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
	let knownDays = new Map<string, Article>();
	let knownNames: PeopleNames | undefined;
	return (records, zone, names) => {
		if (names !== knownNames) known = new Map();
		knownNames = names;
		const next = new Map<string, Known>();
		const days = new Map<string, Article>();
		const articles = new Map<string, Article>();
		const order: string[] = [];
		const dayOf = makeDayOf(zone);
		let day = '';
		let lastTurn: TurnId | undefined;
		let hasOpenTurn = false;
		let lastCompaction: string | undefined;
		let scheduled: Transcript['scheduled'] = 'never';
		for (const [id, group] of groupRecords(records)) {
			const last = known.get(id);
			const kept =
				last && isSameGroup(last.group, group) ? last : { group, article: foldGroup(group, { self, names }) };
			next.set(id, kept);
			const { article } = kept;
			const itsDay = dayOf(article.at);
			if (itsDay !== day) {
				day = itsDay;
				const mark = `day:${itsDay}`;
				if (!articles.has(mark)) {
					order.push(mark);
					const shown = knownDays.get(mark) ?? { kind: 'day', id: mark, at: article.at };
					articles.set(mark, shown);
					days.set(mark, shown);
				}
			}
			order.push(id);
			articles.set(id, article);
			if (article.kind === 'said' && scheduled === 'just-now') scheduled = 'before';
			if (article.kind === 'compaction') lastCompaction = article.id;
			if (article.kind === 'answer') {
				lastTurn = article.id;
				hasOpenTurn ||= article.outcome === undefined;
				if (scheduled === 'never' && hasScheduled(article)) scheduled = 'just-now';
			}
		}
		known = next;
		knownDays = days;
		return { order, articles, lastTurn, hasOpenTurn, lastCompaction, scheduled };
	};
}

interface Known {
	readonly group: Group;
	readonly article: Article;
}

function foldGroup(group: Group, from: Viewpoint): Article {
	switch (group.kind) {
		case 'said':
			return foldMessage(group.record, foldReactions(group.reactions, from), from);
		case 'reminder': {
			const { id, at, due, task, text } = group.record;
			return { kind: 'reminder', id, at, due, task, text };
		}
		case 'compaction': {
			const { record, undone } = group;
			const by = undone && (undone.person === from.self.person ? 'You' : from.names.ofPerson(undone.person));
			return {
				kind: 'compaction',
				id: record.id,
				at: record.at,
				record,
				undone: undone && by ? { by, at: undone.at } : undefined,
			};
		}
		case 'turn':
			return foldAnswer({
				id: group.turn,
				records: group.records,
				meanwhile: new Map(group.meanwhile.map((record) => [record.id, textOfMessage(record)])),
				reactions: foldReactions(group.reactions, from),
				...from,
			});
	}
}

function hasScheduled({ parts }: AnswerArticle): boolean {
	return parts.some((part) => part.type === 'tool' && part.receipts.some((receipt) => receipt.type === 'scheduled'));
}
