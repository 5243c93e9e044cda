import type { Tool, ToolCall } from '@pocketeer/core/agent/tool';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import { type Said, saidOn } from '@pocketeer/core/recall/said';
import { searchSaid } from '@pocketeer/core/recall/search-said';
import { localDateOf } from '@pocketeer/core/schedule/zoned';
import type { Line, LinesDep, PeopleDep } from '@pocketeer/core/space/space';
import * as v from 'valibot';
import { defineTool, done, refused } from './define-tool.ts';
import { count, date, text } from './fields.ts';
import { createQuoter, findLine, loadBack, noSuchLine, untrustedOf } from './line-reading.ts';

/** Lines searched when none is named: those spoken on last. */
const MOST_LINES = 25;
/** Months opened of one line besides the two that are open anyway; more when one line or a date is named. */
const MONTHS_BACK = 4;
const MONTHS_BACK_WHEN_NAMED = 60;
const HIT_CHARACTERS = 500;
const ASIDE_CHARACTERS = 160;
/** Hits of one line that stand so near are one. */
const NEAR = 2;

/** Searches what was said. */
export function searchMessages(deps: LinesDep & PeopleDep & ClockDep): Tool {
	return defineTool({
		name: 'search_messages',
		description:
			'Searches what was said on the lines, by the person and by you, by its words (not by meaning), best first, with what was said just before and after. Use it when the person refers to an earlier conversation that you do not see: "as we said", "the book you told me about", "when did I …". For what is written down (notes, journal, people) use search_files, often both. If nothing fits, try other words before you say that it was never said.',
		input: v.strictObject({
			query: text('A few words that were probably used, such as "flight Rome hotel".'),
			line: v.optional(text('Name of the only line to search. Default: all.')),
			from: v.optional(date('First day, such as 2026-11-01.')),
			to: v.optional(date('Last day, such as 2026-11-20.')),
			limit: v.optional(count('Most hits. Default 6.', { from: 1, to: 20 })),
		}),
		example: { query: 'flight Rome hotel' },
		isReadOnly: true,
		isIdempotent: true,
		async run(input, call) {
			const { query, from, to, limit = 6 } = input;
			const only = input.line === undefined ? undefined : findLine(deps.lines, input.line);
			if (input.line !== undefined && !only) return refused(noSuchLine(deps.lines, input.line));
			const lines = only ? [only] : deps.lines.list().slice(0, MOST_LINES);
			const zone = deps.clock.zone();
			const isWanted = ({ at }: Said) => {
				const day = localDateOf(at, zone);
				return (from === undefined || day >= from) && (to === undefined || day <= to);
			};
			const read = await Promise.all(
				lines.map((line) => readLine(deps, line, { call, from, zone, isNamed: only !== undefined })),
			);
			const searched = read.map((each) => ({ ...each, said: each.said.filter(isWanted) }));
			const hits = best(searched, query, limit);
			const leftOut = [
				...searched.filter(({ isPartly }) => isPartly).map(({ line }) => `older messages of "${line.name}"`),
				...searched
					.filter(({ isUnreadable }) => isUnreadable)
					.map(({ line }) => `"${line.name}", which cannot be read`),
				...(only ? [] : deps.lines.list().slice(MOST_LINES)).map(({ name }) => `"${name}"`).slice(0, 5),
			];
			return answer({ query, hits, leftOut, quoter: createQuoter({ ...deps, zone }) });
		},
	});
}

interface Searched {
	readonly line: Line;
	readonly said: readonly Said[];
	/** There are months further back. */
	readonly isPartly: boolean;
	readonly isUnreadable: boolean;
}

async function readLine(
	deps: LinesDep,
	line: Line,
	how: { readonly call: ToolCall; readonly from: string | undefined; readonly zone: string; readonly isNamed: boolean },
): Promise<Searched> {
	const opened = await deps.lines.open(line.id);
	if (!opened.ok) return { line, said: [], isPartly: false, isUnreadable: true };
	using open = opened.value;
	const { from, zone } = how;
	const isFarEnough = () => {
		const first = open.records()[0];
		return from !== undefined && first !== undefined && localDateOf(first.at, zone) < from;
	};
	await loadBack(open, isFarEnough, how.isNamed || from !== undefined ? MONTHS_BACK_WHEN_NAMED : MONTHS_BACK);
	const records = open.records();
	// The question itself would be its own best answer.
	const turn = records.find((record) => record.kind === 'turn' && record.id === how.call.turn);
	const asked = turn?.kind === 'turn' ? turn.trigger.message : undefined;
	const said = saidOn(records).filter(({ id }) => id !== asked && id !== how.call.turn);
	return { line, said, isPartly: open.hasOlder && !isFarEnough(), isUnreadable: false };
}

interface Hit {
	readonly line: Line;
	readonly before: Said | undefined;
	readonly said: Said;
	readonly after: Said | undefined;
}

function best(searched: readonly Searched[], query: string, limit: number): readonly Hit[] {
	const places = searched.flatMap(({ line, said }) => said.map((_, at) => ({ line, said, at })));
	const texts = searched.map(({ said }) => said.map(({ text: words }) => words));
	const taken: { readonly line: Line; readonly at: number }[] = [];
	const hits: Hit[] = [];
	for (const { index } of searchSaid(texts, query, limit * 5)) {
		const place = places[index];
		const one = place?.said[place.at];
		if (!place || !one) continue;
		const { line, said, at } = place;
		if (taken.some((other) => other.line === line && Math.abs(other.at - at) <= NEAR)) continue;
		taken.push({ line, at });
		hits.push({ line, before: said[at - 1], said: one, after: said[at + 1] });
		if (hits.length >= limit) break;
	}
	return hits;
}

function answer(found: {
	readonly query: string;
	readonly hits: readonly Hit[];
	readonly leftOut: readonly string[];
	readonly quoter: ReturnType<typeof createQuoter>;
}) {
	const { query, hits, leftOut, quoter } = found;
	const blocks = hits.map(({ line, before, said, after }) =>
		[
			`Line "${line.name}"`,
			...(before ? [quoter.aside(before, ASIDE_CHARACTERS)] : []),
			quoter.quote(said, HIT_CHARACTERS),
			...(after ? [quoter.aside(after, ASIDE_CHARACTERS)] : []),
		].join('\n'),
	);
	const none = hits.length === 0 ? [`Nothing was found for "${query}". Other words may find it.`] : [];
	const more = hits.length > 0 ? ['To read on: fetch_history with "line" and "around".'] : [];
	const unread =
		leftOut.length > 0 ? [`Not searched: ${leftOut.join(', ')}. Name the line or a first day to reach them.`] : [];
	const quoted = hits.flatMap(({ before, said, after }) => [before, said, after].flatMap((one) => (one ? [one] : [])));
	return { ...done([...blocks, ...none, ...more, ...unread].join('\n\n')), ...untrustedOf(quoted) };
}
