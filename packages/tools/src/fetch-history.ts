import type { Tool } from '@pocketeer/core/agent/tool';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import { type Said, saidOn } from '@pocketeer/core/recall/said';
import { localDateOf } from '@pocketeer/core/schedule/zoned';
import type { LinesDep, OpenLine, PeopleDep } from '@pocketeer/core/space/space';
import * as v from 'valibot';
import { defineTool, done, refused } from './define-tool.ts';
import { count, date, text } from './fields.ts';
import { createQuoter, findLine, lineErrorOutcome, loadBack, noSuchLine, untrustedOf } from './line-reading.ts';

/** Longest quotation of one message, and of all; what is left out is said. */
const MESSAGE_CHARACTERS = 1_500;
const PAGE_CHARACTERS = 20_000;
/** Months of a line opened for one call: years of talk, and an end where an id does not exist. */
const MOST_MONTHS = 60;

/** Reads earlier messages of a line. */
export function fetchHistory(deps: LinesDep & PeopleDep & ClockDep): Tool {
	return defineTool({
		name: 'fetch_history',
		description:
			'Reads earlier messages and answers of a line, oldest first, each with its id. Use it for what was said before the part of the conversation you see, on another line, or on a certain day. Do not use it for what you can see already. To find something by its words use search_messages; for notes and facts use search_files.',
		input: v.strictObject({
			line: v.optional(text('Name of the line. Default: this one.')),
			before: v.optional(
				text('Id of a message: read those before it. Without it, and without the next two: the newest.'),
			),
			around: v.optional(text('Id of a message, as search_messages gives it: read those around it.')),
			date: v.optional(date('A day, such as 2026-11-19: read from its first message on.')),
			limit: v.optional(count('Most messages. Default 20.', { from: 1, to: 60 })),
		}),
		example: { date: '2026-11-19' },
		isReadOnly: true,
		isIdempotent: true,
		async run(input, call) {
			const { limit = 20 } = input;
			const place = placeOf(input);
			if (!place) return refused('Only one of the arguments "before", "around" and "date" may be given.');
			const line = input.line === undefined ? { id: call.line, name: '' } : findLine(deps.lines, input.line);
			if (!line) return refused(noSuchLine(deps.lines, input.line ?? ''));
			const opened = await deps.lines.open(line.id);
			if (!opened.ok) return lineErrorOutcome(opened.error);
			using open = opened.value;
			const zone = deps.clock.zone();
			const page = await pageOf(open, { place, limit, zone });
			if (typeof page === 'string') return refused(page);
			return answer(page, createQuoter({ ...deps, zone }));
		},
	});
}

type Place =
	| { readonly type: 'newest' }
	| { readonly type: 'before' | 'around'; readonly id: string }
	| { readonly type: 'date'; readonly date: string };

function placeOf(input: {
	readonly before?: string | undefined;
	readonly around?: string | undefined;
	readonly date?: string | undefined;
}): Place | undefined {
	const { before, around, date: day } = input;
	if ([before, around, day].filter((given) => given !== undefined).length > 1) return undefined;
	if (before !== undefined) return { type: 'before', id: before.trim() };
	if (around !== undefined) return { type: 'around', id: around.trim() };
	return day === undefined ? { type: 'newest' } : { type: 'date', date: day };
}

interface Page {
	readonly said: readonly Said[];
	/** How many more of what is loaded stand on either side. */
	readonly earlier: number;
	readonly later: number;
	/** Months that are not open hold more. */
	readonly hasOlder: boolean;
}

/** The part of a line that was asked for, or why there is none. */
async function pageOf(
	line: OpenLine,
	{ place, limit, zone }: { readonly place: Place; readonly limit: number; readonly zone: string },
): Promise<Page | string> {
	let known = line.records();
	let said = saidOn(known);
	const all = () => {
		if (line.records() !== known) {
			known = line.records();
			said = saidOn(known);
		}
		return said;
	};
	const cut = (from: number, to: number): Page => {
		const [start, end] = [Math.max(0, from), Math.min(all().length, to)];
		return { said: all().slice(start, end), earlier: start, later: all().length - end, hasOlder: line.hasOlder };
	};
	if (place.type === 'newest') {
		await loadBack(line, () => all().length >= limit, MOST_MONTHS);
		return cut(all().length - limit, all().length);
	}
	if (place.type === 'date') {
		await loadBack(line, () => all().some(({ at }) => localDateOf(at, zone) < place.date), MOST_MONTHS);
		const first = all().findIndex(({ at }) => localDateOf(at, zone) >= place.date);
		if (first < 0) return `Nothing was said on this line on ${place.date} or later.`;
		return cut(first, first + limit);
	}
	const indexOf = () => all().findIndex(({ id }) => id === place.id);
	if (!(await loadBack(line, () => indexOf() >= 0, MOST_MONTHS)))
		return `There is no message "${place.id}" on this line. Ids stand in brackets before each message.`;
	const isBefore = place.type === 'before';
	const behind = isBefore ? limit : Math.floor(limit / 2);
	await loadBack(line, () => indexOf() >= behind, MOST_MONTHS);
	const at = indexOf();
	return isBefore ? cut(at - behind, at) : cut(at - behind, at - behind + limit);
}

function answer({ said, earlier, later, hasOlder }: Page, quoter: ReturnType<typeof createQuoter>) {
	const shown: Said[] = [];
	const quotes: string[] = [];
	let size = 0;
	for (const one of said) {
		const quote = quoter.quote(one, MESSAGE_CHARACTERS);
		size += quote.length;
		if (shown.length > 0 && size > PAGE_CHARACTERS) break;
		shown.push(one);
		quotes.push(quote);
	}
	const left = later + said.length - shown.length;
	const [first, last] = [shown[0], shown.at(-1)];
	const before = first && (earlier > 0 || hasOlder) ? [`(There is more before: before "${first.id}".)`] : [];
	const after = last && left > 0 ? [`(${left} later: around "${last.id}".)`] : [];
	const none = said.length === 0 ? ['Nothing was said there.'] : [];
	return { ...done([...before, ...quotes, ...after, ...none].join('\n')), ...untrustedOf(shown) };
}
