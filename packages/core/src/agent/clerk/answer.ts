import type { AnsweredCall } from './conversation.ts';

/** Passages shown of a search; more would hide the best. */
const MAX_PASSAGES = 3;

/**
 * Says what a tool did. Every fact comes from its result; where that reads otherwise than expected it is passed on as it
 * stands, as are refusals and questions.
 */
export function answerFrom(call: AnsweredCall): string {
	const result = call.result.trim();
	if (result === '') return call.isError ? 'That did not work, and I was not told why.' : 'Done.';
	if (call.isError) return result;
	switch (call.tool) {
		case 'remind':
			return answerReminder(result);
		case 'search_files':
			return answerSearch(result, call.input);
		case 'list_tasks':
			return result.startsWith('- ') ? `This is planned:\n\n${result}` : result;
		default:
			return result;
	}
}

/** "Reminder set for <moment>: "<text>". File: <path>. Assumed, so tell the person: <sentences>" */
function answerReminder(result: string): string {
	const found = /^Reminder set (for )?([\s\S]+?)\. File: \S+?\.?(?:\s+Assumed, so tell the person: ([\s\S]+))?$/.exec(
		result,
	);
	const [, once, when, assumed] = found ?? [];
	if (when === undefined) return `Done. ${result}`;
	return `Done. I’ll remind you ${once ? 'on ' : ''}${when}.${assumed ? ` ${assumed}` : ''}`;
}

/** What was found, and at the end, if any, what was "Not searched, because …: <paths>". */
function answerSearch(result: string, input: unknown): string {
	const [, found = result, leftOut] = /^([\s\S]*?)\n\n(Not searched, because [^\n]+)$/.exec(result) ?? [];
	const answer = answerPassages(found, input);
	return leftOut === undefined ? answer : `${answer}\n\n${leftOut}`;
}

/** Passages, each led by a line "<path>:<line>", or a sentence that says that there are none. */
function answerPassages(result: string, input: unknown): string {
	const passages = result.split(/\n\n(?=\S.*:\d+\n)/).flatMap((part) => {
		const [, path, line, text] = /^(.+):(\d+)\n([\s\S]+)$/.exec(part) ?? [];
		return path && text ? [`${quoteLines(text)}\n\n${path}, line ${line}`] : [];
	});
	const query = queryOf(input);
	if (passages.length === 0) {
		return query ? `I found nothing about “${query}” in your files. Other words may find it.` : result;
	}
	const shown = passages.slice(0, MAX_PASSAGES).join('\n\n');
	const more = passages.length - MAX_PASSAGES;
	const rest =
		more > 0
			? `\n\nThere ${more === 1 ? 'is one more passage' : `are ${more} more passages`}; narrower words show fewer.`
			: '';
	return `This is what your files say${query ? ` about “${query}”` : ''}:\n\n${shown}${rest}`;
}

/** Headings would shout in a chat, and blank lines would end the quote. */
function quoteLines(text: string): string {
	const lines = text.split('\n').filter((line) => line.trim() !== '');
	return lines.map((line) => `> ${line.replace(/^#+\s+/, '')}`).join('\n');
}

function queryOf(input: unknown): string | undefined {
	if (typeof input !== 'object' || input === null || !('query' in input)) return undefined;
	return typeof input.query === 'string' ? input.query : undefined;
}
