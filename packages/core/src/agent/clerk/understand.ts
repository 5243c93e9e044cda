import { parseWhen, type WhenContext } from '../../schedule/parse-when.ts';
import { splitWhen } from '../../schedule/split-when.ts';
import {
	CLERK_INTRODUCTION,
	CLERK_LIMITS,
	EMPTY_COMMAND,
	GREETING,
	HELP,
	THANKS,
	TOO_LONG_TO_REMIND,
	UNKNOWN_COMMAND,
	whenQuestion,
} from './words.ts';

/** What the clerk makes of one message. */
export type Intent =
	| { readonly type: 'call'; readonly tool: string; readonly input: Readonly<Record<string, string>> }
	| { readonly type: 'say'; readonly text: string }
	/** A reminder whose time is open; the next message may bring it. */
	| { readonly type: 'ask-when'; readonly text: string; readonly question: string };

/** What was said before, so that "tomorrow at 9" can answer the clerk's own question. */
export interface Before {
	readonly said: string;
	readonly answer: string;
}

type Rule = (said: string, context: WhenContext) => Promise<Intent | undefined> | Intent | undefined;

/** Reads a message by fixed rules, first match first; what none of them knows is answered with what the clerk is. */
export async function understand(said: string, context: WhenContext, before?: Before): Promise<Intent> {
	const text = said.trim();
	const followed = before && (await followUp(text, context, before));
	if (followed) return followed;
	if (text.startsWith('/')) return readCommand(text, context);
	const isLong = text.length > MAX_SENTENCE;
	const plain = isLong ? text : withoutPoliteness(text);
	for (const rule of isLong ? RULES_FOR_PAGES : RULES) {
		const intent = await rule(plain, context);
		if (intent) return intent;
	}
	return { type: 'say', text: CLERK_LIMITS };
}

const RULES: readonly Rule[] = [
	readSmallTalk,
	readTaskList,
	readCancel,
	readReminder,
	readJournal,
	readPersonNote,
	readNote,
	readQuestion,
];

/** Longer than any sentence: of a pasted page only the first words are looked at. */
const MAX_SENTENCE = 2000;
const RULES_FOR_PAGES: readonly Rule[] = [readJournal, readPersonNote, readNote];

/** The reply to the clerk's question when a reminder should come. */
async function followUp(said: string, context: WhenContext, before: Before): Promise<Intent | undefined> {
	if (!before.answer.trimEnd().endsWith('?')) return undefined;
	const open = await understand(before.said, context);
	if (open.type !== 'ask-when') return undefined;
	const when = await parseWhen(said, context);
	if (when.type !== 'question') return remind(open.text, said, when.type);
	return when.reason === 'unclear' ? undefined : { ...open, question: when.question };
}

async function readCommand(said: string, context: WhenContext): Promise<Intent> {
	const [, name = '', rest = ''] = /^\/(\S*)\s*([\s\S]*)$/.exec(said) ?? [];
	const argument = rest.trim();
	switch (name.toLowerCase()) {
		case 'remind':
			return argument === '' ? say(EMPTY_COMMAND.remind) : readWhen(argument, context);
		case 'note':
		case 'remember':
			return argument === '' ? say(EMPTY_COMMAND.note) : call('remember', { text: argument });
		case 'recall':
		case 'search':
			return argument === '' ? say(EMPTY_COMMAND.recall) : call('search_files', { query: argument });
		case 'journal':
			return argument === '' ? say(EMPTY_COMMAND.journal) : call('journal_add', { text: argument });
		case 'cancel':
			return argument === '' ? say(EMPTY_COMMAND.cancel) : call('cancel_task', { which: argument });
		case 'tasks':
		case 'reminders':
			return call('list_tasks', {});
		case 'help':
			return say(HELP);
		default:
			return say(UNKNOWN_COMMAND(name));
	}
}

const POLITE =
	/^(?:(?:hey|hi|hello|ok|okay|so|clerk|please|pls|kindly|could you|can you|would you|will you|i want you to|i'd like you to|i need you to)\b[,!:]?\s+)+/i;

function withoutPoliteness(text: string): string {
	const bare = text.replace(POLITE, '').replace(/[,\s]+(?:please|pls|thanks|thank you)\s*([.!?]*)$/i, '$1');
	return bare === '' ? text : bare;
}

function readSmallTalk(said: string): Intent | undefined {
	const bare = said.replace(/[.!?,\s]+$/, '').toLowerCase();
	if (/^(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening|day)|greetings)(?: there| clerk)?$/.test(bare)) {
		return say(GREETING);
	}
	if (/^(?:help|what can you do|what do you do|how does this work|commands)$/.test(bare)) return say(HELP);
	if (/^(?:thanks|thank you|thx|cheers|great|perfect|nice|ok|okay)(?: (?:a lot|so much|clerk))?$/.test(bare))
		return say(THANKS);
	if (/^(?:who|what) are you$|^are you (?:an? )?(?:ai|bot|robot|human|claude|person|real)/.test(bare)) {
		return say(CLERK_INTRODUCTION);
	}
	return undefined;
}

function readTaskList(said: string): Intent | undefined {
	const bare = said.replace(/[.!?\s]+$/, '').toLowerCase();
	if (/^(?:my |all |the )?(?:reminders|tasks)$/.test(bare)) return call('list_tasks', {});
	const asks = /^(?:what|which|show|list|do i have|are there|any|tell me|see|how many)\b/.test(bare);
	const about = /\b(?:reminders?|tasks|nudges|scheduled|coming up)\b/.test(bare);
	return asks && about && !/\babout\b/.test(bare) ? call('list_tasks', {}) : undefined;
}

function readCancel(said: string): Intent | undefined {
	const [, verb = '', rest = ''] = /^(cancel|delete|remove|drop|stop|clear|turn off)\s+([\s\S]+)$/i.exec(said) ?? [];
	if (verb === '') return undefined;
	const bare = stripEnd(rest).replace(/^(?:the|my|that|this|our)\s+/i, '');
	const kind = /\b(?:reminders?|tasks?|nudges?|alarms?)\b/i;
	if (!kind.test(bare) && verb.toLowerCase() !== 'cancel') return undefined;
	const which = bare
		.replace(kind, ' ')
		.replace(/^\s*(?:to|about|for|of|that)\s+/i, '')
		.replace(/\s+(?:to|about|for|of|that)\s+/i, ' ')
		.replace(/\s+/g, ' ')
		.trim();
	return which === '' ? say(EMPTY_COMMAND.cancel) : call('cancel_task', { which });
}

async function readReminder(said: string, context: WhenContext): Promise<Intent | undefined> {
	const made =
		/^(?:set|make|create|add)\s+(?:me\s+|us\s+)?(?:a\s+|an\s+|another\s+)?reminder\b[,:]?\s*([\s\S]*)$/i.exec(said);
	if (made) return readWhen((made[1] ?? '').replace(/^for\s+/i, ''), context);
	const woken = /^wake (?:me|us)(?: up)?\s+([\s\S]+)$/i.exec(said);
	if (woken) return readWhen(`wake up ${woken[1] ?? ''}`, context);
	const kept = /^(?:don'?t|do not)\s+(?:let (?:me|us) forget|forget)\s+(to\s[\s\S]+)$/i.exec(said);
	if (kept) return readWhen(kept[1] ?? '', context);
	const asked = /^([\s\S]*?)[,\s]*\bremind\s+(?:me|us)\b[,:]?\s*([\s\S]*)$/i.exec(said);
	if (!asked) return undefined;
	const [, ahead = '', rest = ''] = asked;
	if (ahead.trim() === '') return readWhen(rest, context);
	const time = ahead.replace(/[,\s]+(?:please|could you|can you|would you|will you)$/i, '').trim();
	const when = await parseWhen(time, context);
	return when.type === 'question' && when.reason === 'unclear' ? undefined : readWhen(`${time} ${rest}`, context);
}

async function readWhen(sentence: string, context: WhenContext): Promise<Intent> {
	if (sentence.length > MAX_SENTENCE) return say(TOO_LONG_TO_REMIND);
	const split = await splitWhen(sentence, context);
	const text = capitalize(stripEnd(split.text));
	if (text === '') return say(EMPTY_COMMAND.remind);
	if (split.when.type !== 'question') return remind(text, split.words, split.when.type);
	const question = split.when.reason === 'unclear' ? whenQuestion(text) : split.when.question;
	return { type: 'ask-when', text, question };
}

function remind(text: string, words: string, type: 'moment' | 'recurrence'): Intent {
	return call('remind', type === 'recurrence' ? { text, every: words } : { text, when: words });
}

function readJournal(said: string): Intent | undefined {
	const found =
		/^(?:dear\s+)?(?:journal|diary|log)\s*[:,–-]\s*([\s\S]+)$/i.exec(said) ??
		/^(?:add|write|put|note)\s+(?:this\s+)?(?:to|in|into)\s+(?:my|the)\s+(?:journal|diary)\s*(?:that\b|[:,])?\s*([\s\S]+)$/i.exec(
			said,
		);
	return found?.[1] ? call('journal_add', { text: found[1].trim() }) : undefined;
}

/** Only with the name and a colon: "note about Maria: likes tea". */
function readPersonNote(said: string): Intent | undefined {
	const found = /^note\s+(?:about|on|for)\s+(\p{Lu}[\p{L}'-]*)\s*[:,–]\s*([\s\S]+)$/u.exec(capitalizeNote(said));
	const [, person, text] = found ?? [];
	return person && text ? call('note_about_person', { name: person, text: capitalize(text.trim()) }) : undefined;
}

function capitalizeNote(said: string): string {
	return said.replace(/^note/i, 'note');
}

function readNote(said: string): Intent | undefined {
	const found =
		/^(?:please\s+)?(?:remember|memori[sz]e|note(?:\s+down)?|make a note|take a note|write down|keep in mind|don'?t forget)\b\s*(?:that\b|of\b|:|,|–)?\s*([\s\S]+)$/i.exec(
			said,
		);
	const text = found?.[1]?.trim() ?? '';
	// "Remember when …?" and "remember me?" ask; they tell nothing.
	if (text === '' || /\?\s*$/.test(text)) return undefined;
	return call('remember', { text: capitalize(text) });
}

const RECALLS: readonly RegExp[] = [
	/^what\s+(?:do|did|can)\s+(?:you|we|i)\s+(?:know|remember|have|say|said|tell|note|write)\b(?:\s+(?:to\s+)?you)?(?:\s+(?:down|noted|written))?\s+(?:about|of|on|for|regarding)\s+(.+)$/i,
	/^(?:do|did)\s+(?:you|we|i)\s+(?:know|remember|have|say|note|write)\s+(?:anything|something|any notes?|notes?)?\s*(?:down\s+)?(?:about|of|on|for)\s+(.+)$/i,
	/^tell\s+me\s+(?:what\s+you\s+know\s+)?about\s+(.+)$/i,
	/^(?:search|look)\s+(?:(?:in|through)\s+)?(?:my\s+(?:notes|files|journal)\s+)?for\s+(.+)$/i,
	/^(?:recall|find|look\s+up|search)\s+(.+)$/i,
	/^who(?:\s+is|'s|\s+are)\s+(.+)$/i,
];

/** A question about something that may stand in the person's own files; the clerk searches, it does not know. */
function readQuestion(said: string): Intent | undefined {
	for (const pattern of RECALLS) {
		const about = pattern.exec(said)?.[1];
		if (about !== undefined) return search(about);
	}
	const isAboutThem =
		/^(?:what|when|where|which|who|how|is|are|does|do|did|was|were|has|have)\b.*\b(?:my|our|i|we)\b/i.test(said);
	return isAboutThem && said.trimEnd().endsWith('?') ? search(said) : undefined;
}

function search(about: string): Intent {
	const query = stripEnd(about).replace(/^(?:my|our|the)\s+/i, '');
	return query === '' ? say(EMPTY_COMMAND.recall) : call('search_files', { query });
}

function call(tool: string, input: Readonly<Record<string, string>>): Intent {
	return { type: 'call', tool, input };
}

function say(text: string): Intent {
	return { type: 'say', text };
}

function stripEnd(text: string): string {
	const whole = text.trim();
	// Only the end is looked at: a run of dots inside a pasted page would take this expression for ever.
	return whole.slice(0, -100) + whole.slice(-100).replace(/[\s.!?,;]+$/, '');
}

function capitalize(text: string): string {
	const [first = ''] = text;
	return first.toLocaleUpperCase('en') + text.slice(first.length);
}
