import { NUMBER_WORD, UNIT_WORD } from '../../schedule/words.ts';

/** "set a timer for 5 minutes" as the words for a reminder, and what it is called without a text. */
export function readAlarm(said: string): { readonly title: string; readonly sentence: string } | undefined {
	const ahead =
		/^(?:set|start|make)\s+(?:me\s+)?an?\s+(\S+[\s-](?:minutes?|mins?|hours?|seconds?|secs?))\s+timer\b\s*([\s\S]*)$/i.exec(
			said,
		);
	if (ahead) return { title: 'Timer', sentence: `in ${ahead[1]?.replace('-', ' ')} ${bareFor(ahead[2] ?? '')}` };
	const found =
		/^(?:(?:set|make|create|start|add)\s+(?:me\s+|us\s+)?(?:an?|another|the|my)\s+)?(timer|alarm)\b[,:]?\s*([\s\S]+)$/i.exec(
			said,
		);
	if (!found) return undefined;
	const isTimer = found[1]?.toLowerCase() === 'timer';
	const rest = bareFor(found[2] ?? '');
	const isLength = LENGTH.test(rest);
	const lead = isLength ? 'in ' : /^\d/.test(rest) ? 'at ' : '';
	return { title: isTimer ? 'Timer' : 'Alarm', sentence: `${lead}${rest}` };
}

const LENGTH = new RegExp(
	`^(?:an?|half an?|(?:\\d+|${NUMBER_WORD})(?: and a half)?)[ -]?(?:s|m|h|${UNIT_WORD})\\b`,
	'i',
);

/** The text without a leading "for". */
export function bareFor(text: string): string {
	return text.replace(/^(?:for|of)\s+/i, '');
}
