import type { Tool } from '@pocketeer/core/agent/tool';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import { localDateOf } from '@pocketeer/core/schedule/zoned';
import type { FilesDep } from '@pocketeer/core/space/space';
import * as v from 'valibot';
import { defineTool, done, refused } from './define-tool.ts';
import { date } from './fields.ts';
import { fileErrorOutcome } from './file-errors.ts';

/** Longest answer, in characters; older days are left out beyond it. */
const MOST_CHARACTERS = 30_000;
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
			let size = 0;
			for (const page of pages.toReversed()) {
				const read = await deps.files.read(page.path);
				if (!read.ok) return fileErrorOutcome(read.error);
				const text = withTag(read.value.text.trim(), input.tag);
				if (text === '') continue;
				if (size + text.length > MOST_CHARACTERS && days.length > 0) {
					days.unshift(`(Earlier days are left out; ask for a range that ends before ${dayOf(page.path, 1)}.)`);
					break;
				}
				size += text.length;
				days.unshift(`${dayOf(page.path)}\n${text}`);
			}
			const what = input.tag ? `entries with #${input.tag.replace('#', '')}` : 'entries';
			return done(days.length > 0 ? days.join('\n\n') : `There are no journal ${what} from ${from} to ${to}.`);
		},
	});
}

function dayOf(path: string, later = 0): string {
	const day = path.replace('journal/', '').replace('.md', '');
	return localDateOf(Date.parse(day) + later * 86_400_000, 'UTC');
}

function withTag(text: string, tag: string | undefined): string {
	if (tag === undefined) return text;
	const wanted = `#${tag.replace('#', '').toLowerCase()}`;
	const has = (line: string) =>
		[...line.toLowerCase().matchAll(/#[\p{L}\p{N}_-]+/gu)].some(([found]) => found === wanted);
	return text.split('\n').filter(has).join('\n');
}
