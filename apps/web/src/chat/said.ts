import type { Author, MessageRecord, ReactionRecord } from '@pocketeer/core/space/records';
import type { Self } from '@pocketeer/core/space/space';
import type { PeopleNames } from '../shell/people-names.ts';
import type { Reaction, SaidArticle } from './articles.ts';

/** From where names are told. */
export interface Viewpoint {
	readonly self: Self;
	readonly names: PeopleNames;
}

/** A message as it is shown. */
export function foldMessage(record: MessageRecord, reactions: readonly Reaction[], from: Viewpoint): SaidArticle {
	const { author } = record;
	return {
		kind: 'said',
		id: record.id,
		at: record.at,
		label: nameOfAuthor(author, from),
		isOwn: author.type === 'person' && author.person === from.self.person,
		text: textOfMessage(record),
		task: author.type === 'task' ? author.path : undefined,
		fromLine: author.type === 'agent' ? author.line : undefined,
		untrusted: record.untrusted?.source,
		attachments: record.attachments ?? [],
		reactions,
	};
}

/** What was typed, in one piece. */
export function textOfMessage({ content }: MessageRecord): string {
	return content
		.map((block) => (block.type === 'text' ? block.text : `[${block.type}]`))
		.filter(Boolean)
		.join('\n\n');
}

/** The emoji that stand on one message or answer: of each author the newest, none where it is empty. */
export function foldReactions(records: readonly ReactionRecord[], from: Viewpoint): readonly Reaction[] {
	const byAuthor = new Map<string, Reaction>();
	for (const { emoji, author } of records) {
		const isOwn = author.type === 'person' && author.person === from.self.person;
		byAuthor.set(keyOf(author), { emoji, by: nameOfAuthor(author, from), isOwn });
	}
	return [...byAuthor.values()].filter(({ emoji }) => emoji !== '');
}

/** Two devices of one person are one author; so are all turns of an agent. */
function keyOf(author: Author): string {
	if (author.type === 'person') return `person ${author.person}`;
	return author.type === 'agent' ? `agent ${author.agent}` : `task ${author.path}`;
}

function nameOfAuthor(author: Author, { self, names }: Viewpoint): string {
	switch (author.type) {
		case 'person':
			return author.person === self.person ? 'You' : names.ofPerson(author.person);
		case 'task':
			return 'Nudge';
		case 'agent':
			return 'Pocketeer';
	}
}
