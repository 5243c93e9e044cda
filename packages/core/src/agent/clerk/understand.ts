import { parseWhen, type WhenContext } from '../../schedule/parse-when.ts';
import { type SplitWhen, splitWhen } from '../../schedule/split-when.ts';
import { takeTime } from '../../schedule/time-of-day.ts';
import { normalizeWords } from '../../schedule/words.ts';
import { bareFor, readAlarm } from './alarm.ts';
import { readJournalDay, readQuestion, readTaskList, readTime } from './asks.ts';
import { type AskWhen, type Before, call, capitalize, type Intent, type Rule, say, stripEnd } from './intent.ts';
import { mergeWhen, type ReadWords } from './merge-when.ts';
import {
	CLERK_INTRODUCTION,
	CLERK_LIMITS,
	EMPTY_COMMAND,
	GREETING,
	HELP,
	NEVER_MIND,
	NOTHING_SCHEDULED,
	THANKS,
	TOO_LONG_TO_REMIND,
	UNKNOWN_COMMAND,
	WHICH_TO_CANCEL,
	whenQuestion,
} from './words.ts';

/** Reads a message by fixed rules, first match first; what none of them knows is answered with what the clerk is. */
export async function understand(said: string, context: WhenContext, before: readonly Before[] = []): Promise<Intent> {
	return answerTo(said.trim(), context, await openQuestion(before, context));
}

async function answerTo(text: string, context: WhenContext, open: AskWhen | undefined): Promise<Intent> {
	if (FORGET.test(text) && (open || !/\b(?:cancel|stop|drop)\b/i.test(text))) {
		return say(open ? NOTHING_SCHEDULED : NEVER_MIND);
	}
	const followed = open && (await followUp(text, context, open));
	if (followed) return followed;
	if (text.startsWith('/')) return readCommand(text, context);
	const isLong = text.length > MAX_SENTENCE;
	const small = isLong ? undefined : readSmallTalk(text);
	if (small) return small;
	const plain = isLong ? text : withoutPoliteness(text);
	for (const rule of isLong ? RULES_FOR_PAGES : RULES) {
		const intent = await rule(plain, context);
		if (intent) return intent;
	}
	return say(CLERK_LIMITS);
}

const FORGET =
	/^(?:(?:no|ok|okay|oh|well|sorry|please)[,.]? )?(?:forget (?:it|about it|that)|never ?mind|nevermind|drop it|leave it|cancel(?: (?:it|that))?|no|nope|stop|nothing|don'?t bother)(?:[,.]? (?:please|thanks|thank you|clerk|then))?[\s.!]*$/i;

/** The clerk's question that is still to be answered: small talk and other matters in between leave it open. */
async function openQuestion(before: readonly Before[], context: WhenContext): Promise<AskWhen | undefined> {
	let open: AskWhen | undefined;
	for (const { said, answer } of before) {
		const isQuestion = answer.trimEnd().endsWith('?');
		if (/^(?:Done\.|Nothing was scheduled\.$)/.test(answer.trim())) {
			open = undefined;
			continue;
		}
		if (!isQuestion) continue;
		const intent = await answerTo(said.trim(), context, open);
		if (intent.type === 'ask-when') open = intent;
		else if (intent.type === 'call' && intent.tool === 'remind') open = refusedReminder(intent.input, answer);
	}
	return open;
}

/** A reminder that the tool asked back about, such as one whose time had just passed. */
function refusedReminder(input: Readonly<Record<string, string>>, question: string): AskWhen {
	return { type: 'ask-when', text: input.text ?? '', words: input.when ?? input.every ?? '', question };
}

const RULES: readonly Rule[] = [
	readTime,
	readTaskList,
	readJournalDay,
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
async function followUp(said: string, context: WhenContext, open: AskWhen): Promise<Intent | undefined> {
	if (said.startsWith('/')) return undefined;
	const { words, when } = await readMorning(open.text, await mergeWhen(said, open.words, context), context);
	if (when.type !== 'question') return remind(open.text, words, when.type);
	return when.reason === 'unclear' ? undefined : { ...open, words, question: when.question };
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
	if (
		/^(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening|day)|greetings)(?:,? (?:there|clerk|you|again))*$/.test(
			bare,
		)
	) {
		return say(GREETING);
	}
	if (/^(?:help|what can you do|what do you do|how does this work|commands)$/.test(bare)) return say(HELP);
	if (/^(?:thanks|thank you|thx|cheers|great|perfect|nice|ok|okay)(?: (?:a lot|so much|clerk))?$/.test(bare))
		return say(THANKS);
	if (/^(?:who|what) are you$|^are you (?:an? )?(?:ai|bot|robot|human|claude|person|real)/.test(bare)) {
		return say(CLERK_INTRODUCTION);
	}
	if (/^how are you(?: doing)?(?: today)?$/.test(bare)) return say(CLERK_INTRODUCTION);
	return undefined;
}

const KIND = /\b(?:reminders?|tasks?|nudges?|alarms?|timers?)\b/i;
const EVERYTHING =
	/^(?:everything|(?:all|each|every one)(?: of)?(?: my| the| them| these)*(?: (?:reminders?|tasks?|nudges?|alarms?|timers?))?|(?:them|my reminders|the reminders|my tasks) all)$/i;

function readCancel(said: string): Intent | undefined {
	const [, verb = '', rest = ''] = /^(cancel|delete|remove|drop|stop|clear|turn off)\s+([\s\S]+)$/i.exec(said) ?? [];
	if (verb === '') return undefined;
	if (EVERYTHING.test(stripEnd(rest)) && (/^cancel$/i.test(verb) || KIND.test(rest))) {
		return { type: 'call', tool: 'list_tasks', input: {}, ifSome: WHICH_TO_CANCEL };
	}
	const bare = stripEnd(rest).replace(/^(?:the|my|that|this|our)\s+/i, '');
	if (!KIND.test(bare) && verb.toLowerCase() !== 'cancel') return undefined;
	const which = bare
		.replace(KIND, ' ')
		.replace(/^\s*(?:to|about|for|of|that)\s+/i, '')
		.replace(/\s+(?:to|about|for|of|that)\s+/i, ' ')
		.replace(/\s+/g, ' ')
		.trim();
	return /^(?:it|that|this|them|one|)$/i.test(which) ? say(EMPTY_COMMAND.cancel) : call('cancel_task', { which });
}

async function readReminder(said: string, context: WhenContext): Promise<Intent | undefined> {
	const made =
		/^(?:set|make|create|add)\s+(?:me\s+|us\s+)?(?:a\s+|an\s+|another\s+)?reminder\b[,:]?\s*([\s\S]*)$/i.exec(said);
	if (made) return readWhen((made[1] ?? '').replace(/^for\s+/i, ''), context);
	const alarm = readAlarm(said);
	if (alarm) return readTitled(alarm.sentence, alarm.title, context);
	const woken = /^wake (?:me|us)(?: up)?\s+([\s\S]+)$/i.exec(said);
	if (woken) return readWhen(`wake up ${woken[1] ?? ''}`, context);
	const kept = /^(?:don'?t|do not)\s+(?:let (?:me|us) forget|forget)\s+(to\s[\s\S]+)$/i.exec(said);
	if (kept) return readWhen(kept[1] ?? '', context);
	const needed =
		/^(?:i\s+(?:need|want|have|would like|'?d like)|i'd like)\s+(?:to be reminded|a reminder)\b[,:]?\s*([\s\S]+)$/i.exec(
			said,
		) ??
		/^(?:ping|nudge|alert|notify|tell|buzz)\s+me\s+((?:in|at|on|tomorrow|today|tonight|every|next)\b[\s\S]+)$/i.exec(
			said,
		);
	if (needed) return readTitled(needed[1] ?? '', 'Reminder', context);
	const remembered = /^remember\s+(to\s[\s\S]+)$/i.exec(said);
	if (remembered) {
		// Without a time it is something to keep in mind, and a note.
		const intent = await readWhen(remembered[1] ?? '', context);
		const { words } = await splitWhen(remembered[1] ?? '', context);
		if (words !== '' || (intent.type === 'ask-when' && intent.words !== '')) return intent;
	}
	const asked =
		/^([\s\S]*?)[,\s]*\b(?:remind|remin|remid|remnd|remimd|reming|rmeind|reminde)\s*(?:me|us)\b[,:]?\s*([\s\S]*)$/i.exec(
			said,
		);
	if (!asked) return undefined;
	const [, ahead = '', rest = ''] = asked;
	if (ahead.trim() === '') return readWhen(rest, context);
	const time = ahead.replace(/[,\s]+(?:please|could you|can you|would you|will you)$/i, '').trim();
	const when = await parseWhen(time, context);
	return when.type === 'question' && when.reason === 'unclear' ? undefined : readWhen(`${time} ${rest}`, context);
}

/** "ping me in 15 minutes" names nothing to be done. */
async function readTitled(sentence: string, title: string, context: WhenContext): Promise<Intent> {
	const split = await splitWhen(sentence, context);
	const text = bareFor(split.text);
	if (text === split.text) return readWhen(text === '' ? `${title} ${sentence}` : sentence, context);
	return settle({ ...split, text }, context);
}

async function readWhen(sentence: string, context: WhenContext): Promise<Intent> {
	if (sentence.length > MAX_SENTENCE) return say(TOO_LONG_TO_REMIND);
	return settle(await splitWhen(sentence, context), context);
}

async function settle(split: SplitWhen, context: WhenContext): Promise<Intent> {
	const text = capitalize(stripEnd(split.text));
	if (text === '') return say(EMPTY_COMMAND.remind);
	const { words, when } = split.isLeftOver ? split : await readMorning(text, split, context);
	if (when.type !== 'question') return remind(text, words, when.type);
	const question = when.reason === 'unclear' ? whenQuestion(text) : when.question;
	return { type: 'ask-when', text, words, question };
}

const GETTING_UP = /^(?:wake|get|be)\b(?: \S+){0,2}? ?\bup\b|^(?:rise|waking up|getting up)\b/i;

/** People get up in the morning: "at 6:45" is the next one. */
async function readMorning(text: string, { words, when }: ReadWords, context: WhenContext): Promise<ReadWords> {
	const { times, part } = takeTime(normalizeWords(words));
	if (!GETTING_UP.test(text) || part || times.length !== 1 || times[0]?.certainty !== 'bare') return { words, when };
	const inMorning = { words: `${words} in the morning`, when: await parseWhen(`${words} in the morning`, context) };
	if (inMorning.when.type === 'question') return { words, when };
	const isSame = when.type === 'moment' && inMorning.when.type === 'moment' && when.instant === inMorning.when.instant;
	return isSame ? { words, when } : inMorning;
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
