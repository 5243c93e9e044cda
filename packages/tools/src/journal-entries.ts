import type { Tool } from '@pocketeer/core/agent/tool';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import { localDateOf } from '@pocketeer/core/schedule/zoned';
import type { FilesDep, MarkedText } from '@pocketeer/core/space/space';
import * as v from 'valibot';
import { defineTool, done, refused } from './define-tool.ts';
import { date } from './fields.ts';
import { fileErrorOutcome } from './file-errors.ts';
import { linesOf, markedBy, sourcesIn } from './untrusted.ts';

/** Longest answer, in characters; older days are left out beyond it. */
const MOST_CHARACTERS = 20_000;
const WEEK_MS = 6 * 86_400_000;

/** Reads the journal over a range of days. */
export function journalEntries(deps: FilesDep & ClockDep): Tool {
	return defineTool({
		name: 'journal_entries',
		description:
			'Reads the journal of a range of days, oldest first. Use it for "what did I do last week" and for summaries. To find one thing whose day you do not know use search_files.',
		input: v.strictObject({
			from: v.optional(date('First day. Default six days before "to".')),
			to: v.optional(date('Last day. Default today.')),
			tag: v.optional(
				v.pipe(
					v.string(),
					v.check((tag) => /^#?[\p{L}\p{N}_-]+$/u.test(tag), 'it must be one word'),
					v.description('Only lines with this tag, such as "sport".'),
				),
			),
		}),
		example: { from: '2026-11-14', to: '2026-11-20' },
		isReadOnly: true,
		isIdempotent: true,
		async run(input) {
			const to = input.to ?? localDateOf(deps.clock.now(), deps.clock.zone());
			const from = input.from ?? localDateOf(Date.parse(to) - WEEK_MS, 'UTC');
			if (from > to) return refused(`The argument "from" (${from}) lies after "to" (${to}).`);
			const pages = deps.files.list().filter(({ path }) => {
				const day = /^journal\/(\d{4}-\d{2}-\d{2})\.md$/.exec(path)?.[1];
				return day !== undefined && day >= from && day <= to;
			});
			const days: string[] = [];
			const sources: string[] = [];
			let size = 0;
			for (const page of pages.toReversed()) {
				const read = await deps.files.readMarked(page.path);
				if (!read.ok) return fileErrorOutcome(read.error);
				const { text, from: found } = entriesOf(read.value, input.tag);
				if (text === '') continue;
				if (size + text.length > MOST_CHARACTERS && days.length > 0) {
					days.unshift(`(Earlier days are left out; ask for a range that ends before ${dayOf(page.path, 1)}.)`);
					break;
				}
				size += text.length;
				sources.push(...found);
				days.unshift(`${dayOf(page.path)}\n${text}`);
			}
			const what = input.tag ? `entries with #${input.tag.replace('#', '')}` : 'entries';
			if (days.length === 0) return done(`There are no journal ${what} from ${from} to ${to}.`);
			return { ...done(days.join('\n\n')), ...markedBy(sources) };
		},
	});
}

function dayOf(path: string, later = 0): string {
	const day = path.replace('journal/', '').replace('.md', '');
	return localDateOf(Date.parse(day) + later * 86_400_000, 'UTC');
}

/** A page's lines, those with the tag if one is asked for, and where what of them came from outside is from. */
function entriesOf(
	page: MarkedText,
	tag: string | undefined,
): { readonly text: string; readonly from: readonly string[] } {
	const lines = linesOf(page.text).filter(({ line }) => tag === undefined || hasTag(line, tag));
	const text = lines.map(({ line }) => line).join('\n');
	return {
		text: tag === undefined ? text.trim() : text,
		from: lines.flatMap(({ from, to }) => sourcesIn(page, from, to)),
	};
}

function hasTag(line: string, tag: string): boolean {
	const wanted = `#${tag.replace('#', '').toLowerCase()}`;
	return [...line.toLowerCase().matchAll(/#[\p{L}\p{N}_-]+/gu)].some(([found]) => found === wanted);
}
