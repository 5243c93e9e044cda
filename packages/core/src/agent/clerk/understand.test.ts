import { describe, expect, it } from 'vitest';
import { parseWhen } from '../../schedule/parse-when.ts';
import { understand } from './understand.ts';
import {
	CLERK_INTRODUCTION,
	CLERK_LIMITS,
	GREETING,
	HELP,
	NEVER_MIND,
	NOTHING_SCHEDULED,
	THANKS,
	TOO_LONG_TO_REMIND,
} from './words.ts';

/** Friday 20 November 2026, 11:00 in Athens. */
const here = { now: Date.UTC(2026, 10, 20, 9), zone: 'Europe/Athens' };

const REMINDERS: readonly (readonly [said: string, text: string, when: string])[] = [
	['remind me in 20 minutes to take the pasta off', 'Take the pasta off', 'in 20 minutes'],
	['remind me to take the pasta off in 20 minutes', 'Take the pasta off', 'in 20 minutes'],
	['In 20 minutes remind me to take the pasta off!', 'Take the pasta off', 'In 20 minutes'],
	['tomorrow at 9, please remind me to call the dentist', 'Call the dentist', 'tomorrow at 9'],
	['Remind me tomorrow at 9 to call the dentist.', 'Call the dentist', 'tomorrow at 9'],
	['Could you please remind me to call the dentist tomorrow at 9?', 'Call the dentist', 'tomorrow at 9'],
	['hey clerk, remind me about the meeting on Monday at 10', 'The meeting', 'on Monday at 10'],
	['set a reminder for tomorrow at 9 to call mum', 'Call mum', 'tomorrow at 9'],
	['Set a reminder to call mum tomorrow at 9', 'Call mum', 'tomorrow at 9'],
	["don't let me forget to lock the door at 22:00", 'Lock the door', 'at 22:00'],
	['wake me up tomorrow at 7', 'Wake up', 'tomorrow at 7'],
	['remember to buy milk tomorrow at 9', 'Buy milk', 'tomorrow at 9'],
	['set a timer for 5 minutes', 'Timer', 'in 5 minutes'],
	['set a 5 minute timer', 'Timer', 'in 5 minute'],
	['set an alarm for 7am', 'Alarm', 'at 7am'],
	['set an alarm for 7am tomorrow to run', 'Run', 'at 7am tomorrow'],
	['set a timer for 10 minutes for the eggs', 'The eggs', 'in 10 minutes'],
	['ping me in 15 minutes', 'Reminder', 'in 15 minutes'],
	['i need to be reminded to call mum tomorrow at 9', 'Call mum', 'tomorrow at 9'],
	['remindme in 20 mintues to stir', 'Stir', 'in 20 mintues'],
	['reming me in 30 s to stir', 'Stir', 'in 30 s'],
	['wake me up at 6:45', 'Wake up', 'at 6:45 in the morning'],
	['wake me up at 7', 'Wake up', 'at 7 in the morning'],
	['remind me at 5:30 to get up', 'Get up', 'at 5:30 in the morning'],
	['/remind in 20 minutes take the pasta off', 'Take the pasta off', 'in 20 minutes'],
	['/remind call the dentist tomorrow at 9', 'Call the dentist', 'tomorrow at 9'],
	['/REMIND tomorrow at 9: call the dentist', 'Call the dentist', 'tomorrow at 9'],
];

const CALLS: readonly (readonly [said: string, tool: string, input: Readonly<Record<string, string>>])[] = [
	['remind me every weekday at 8 to stretch', 'remind', { text: 'Stretch', every: 'every weekday at 8' }],
	['remind me to stretch every 30 minutes', 'remind', { text: 'Stretch', every: 'every 30 minutes' }],
	['remember that my sister is allergic to nuts', 'remember', { text: 'My sister is allergic to nuts' }],
	['Please remember: the code word is heron.', 'remember', { text: 'The code word is heron.' }],
	['note that my bike has a flat tyre', 'remember', { text: 'My bike has a flat tyre' }],
	["don't forget that I owe Bob 5 euros", 'remember', { text: 'I owe Bob 5 euros' }],
	['/note the spare key is with Maria', 'remember', { text: 'the spare key is with Maria' }],
	['note about Maria: likes tea', 'note_about_person', { name: 'Maria', text: 'Likes tea' }],
	['journal: first snow today', 'journal_add', { text: 'first snow today' }],
	['add to my journal: first snow', 'journal_add', { text: 'first snow' }],
	['/journal first snow #weather', 'journal_add', { text: 'first snow #weather' }],
	['what do you know about my sister?', 'search_files', { query: 'sister' }],
	['What did I say about the spare key?', 'search_files', { query: 'spare key' }],
	['do you know anything about Maria', 'search_files', { query: 'Maria' }],
	['who is Maria?', 'search_files', { query: 'Maria' }],
	['/recall spare key', 'search_files', { query: 'spare key' }],
	['what is my sister allergic to?', 'search_files', { query: 'what is my sister allergic to' }],
	['find the recipe for moussaka', 'search_files', { query: 'recipe for moussaka' }],
	['/tasks', 'list_tasks', {}],
	['What are my reminders?', 'list_tasks', {}],
	['show me my tasks', 'list_tasks', {}],
	["what's coming up?", 'list_tasks', {}],
	['do I have any reminders', 'list_tasks', {}],
	['cancel the dentist reminder', 'cancel_task', { which: 'dentist' }],
	['Delete my reminder to call the dentist.', 'cancel_task', { which: 'call the dentist' }],
	['/cancel dentist', 'cancel_task', { which: 'dentist' }],
	['cancel everything', 'list_tasks', {}],
	['delete all my reminders', 'list_tasks', {}],
	['what do I have tomorrow?', 'list_tasks', {}],
	['do i have anything on today?', 'list_tasks', {}],
	['where is the spare key?', 'search_files', { query: 'where is the spare key' }],
	["what is Ann's number?", 'search_files', { query: "what is Ann's number" }],
	['what does Maria like?', 'search_files', { query: 'what does Maria like' }],
	['who has the spare key', 'search_files', { query: 'who has the spare key' }],
	['what did I write in my journal yesterday?', 'journal_entries', { from: '2026-11-19', to: '2026-11-19' }],
	['remember to be kind', 'remember', { text: 'To be kind' }],
	['remember that the fair is tomorrow', 'remember', { text: 'The fair is tomorrow' }],
];

const SAID: readonly (readonly [said: string, text: string])[] = [
	['Hello!', GREETING],
	['good morning', GREETING],
	['help', HELP],
	['/help', HELP],
	['What can you do?', HELP],
	['thanks', THANKS],
	['who are you?', CLERK_INTRODUCTION],
	['Are you an AI?', CLERK_INTRODUCTION],
	['write me a poem about the sea', CLERK_LIMITS],
	['hello there!', GREETING],
	['hello clerk', GREETING],
	['what time is it?', 'It is Friday 20 November 2026, 11:00 (Europe/Athens).'],
	['never mind', NEVER_MIND],
	['delete everything', CLERK_LIMITS],
	['remember?', CLERK_LIMITS],
	['', CLERK_LIMITS],
];

describe('what the clerk understands', () => {
	it.each(REMINDERS)('“%s” is a reminder: %s, %s', async (said, text, when) => {
		expect(await understand(said, here)).toEqual({ type: 'call', tool: 'remind', input: { text, when } });
	});

	it.each(CALLS)('“%s” is for %s with %j', async (said, tool, input) => {
		expect(await understand(said, here)).toMatchObject({ type: 'call', tool, input });
	});

	it.each(SAID)('“%s” is answered without a tool', async (said, text) => {
		expect(await understand(said, here)).toEqual({ type: 'say', text });
	});

	it.each(['/remind', '/note', '/recall', '/journal', '/cancel', '/dance'])(
		'“%s” alone is asked about',
		async (said) => {
			expect(await understand(said, here)).toMatchObject({
				type: 'say',
				text: expect.stringMatching(/example|remind/),
			});
		},
	);

	it('asks when it should remind, and takes the time from the next message', async () => {
		const asked = await understand('remind me to call mum', here);
		expect(asked).toMatchObject({
			type: 'ask-when',
			text: 'Call mum',
			question: expect.stringMatching(/Call mum.*\?$/),
		});
		const answer = asked.type === 'ask-when' ? asked.question : '';
		const before = [{ said: 'remind me to call mum', answer }];
		expect(await understand('tomorrow at 9', here, before)).toEqual({
			type: 'call',
			tool: 'remind',
			input: { text: 'Call mum', when: 'tomorrow at 9' },
		});
		expect(await understand('/tasks', here, before)).toMatchObject({ tool: 'list_tasks' });
	});

	it.each(['today at 9am', 'tomorrow at 9 or 10', 'later'])(
		'a time that is past or open, “%s”, leads to a question',
		async (when) => {
			const asked = await understand(`remind me ${when} to call mum`, here);
			expect(asked).toMatchObject({ type: 'ask-when', question: expect.stringMatching(/\?$/) });
		},
	);

	it('keeps a question a question: what asks for memory is not written into it', async () => {
		for (const said of ['remember when we met?', 'note anything about Maria?']) {
			const intent = await understand(said, here);
			expect(intent.type === 'call' && intent.tool, said).not.toBe('remember');
		}
	});

	it('survives a page of pasted text', async () => {
		const page = `a${' '.repeat(200_000)}b`;
		const noted = await understand(`/note ${page}`, here);
		expect(noted).toEqual({ type: 'call', tool: 'remember', input: { text: page } });
		expect(await understand(page, here)).toEqual({ type: 'say', text: CLERK_LIMITS });
		expect(await understand(`/remind ${page} tomorrow at 9`, here)).toEqual({ type: 'say', text: TOO_LONG_TO_REMIND });
	});
});

/** Friday 20 November 2026, 17:00 in Athens. */
const friday = { now: Date.UTC(2026, 10, 20, 15), zone: 'Europe/Athens' };

/** Everything but the last is answered first; the last is a reminder of these words, or a question. */
const DIALOGUES: readonly (readonly [said: readonly string[], words: string])[] = [
	[['remind me on 5/12 at 18:00 to call mum', '5 December'], '5 December at 18:00'],
	[['remind me to call mum', 'tomorrow at 9 please'], 'tomorrow at 9'],
	[['remind me to call mum', 'hello there!', '9'], 'at 9'],
	[['remind me on friday to call mum', 'next one at 10'], 'next friday at 10'],
	[['remind me on the 20th to call mum', 'the next one at 9'], 'the 20th of next month at 9'],
	[['remind me this weekend to call mum', 'later', 'saturday at 10'], 'saturday at 10'],
	[['remind me next week to call mum', 'at 10', 'tuesday'], 'next week tuesday at 10:00'],
	[['remind me tomorrow at 6 to call mum', 'in the evening'], 'tomorrow at 6 in the evening'],
	[['remind me tomorrow 5 call mum', '17:00'], 'tomorrow at 17:00'],
	[['remind me later to call mum', 'at 10'], 'at 10'],
	[['remind me to call mum', '/tasks', 'tomorrow at 9'], 'tomorrow at 9'],
	[['remind me every other day at 8 to call mum', 'every day'], 'every day at 8:00'],
	[['remind me next week to call mum', 'at 10'], '?'],
];

async function dialogue(said: readonly string[]) {
	const before: { said: string; answer: string }[] = [];
	let intent = await understand('', friday);
	for (const text of said) {
		intent = await understand(text, friday, before);
		const isReminder = intent.type === 'call' && intent.tool === 'remind';
		const answer = intent.type === 'say' ? intent.text : intent.type === 'ask-when' ? intent.question : '';
		before.push({ said: text, answer: isReminder ? 'Done. I’ll remind you.' : answer });
	}
	return intent;
}

describe('a question that is still open', () => {
	it.each(DIALOGUES)('%j asks for a reminder %s', async (said, words) => {
		const intent = await dialogue(said);
		if (words === '?') expect(intent).toMatchObject({ type: 'ask-when', text: 'Call mum' });
		else {
			const time = words.startsWith('every') ? { every: words } : { when: words };
			expect(intent).toEqual({ type: 'call', tool: 'remind', input: { text: 'Call mum', ...time } });
			// What the tool reads must be a time, too.
			expect((await parseWhen(words, friday)).type).not.toBe('question');
		}
	});

	it.each(['forget it', 'never mind', 'no, never mind', 'cancel that'])('“%s” drops it', async (said) => {
		expect(await dialogue(['remind me to call mum', said])).toEqual({ type: 'say', text: NOTHING_SCHEDULED });
	});

	it('is closed by its answer', async () => {
		expect(await dialogue(['remind me to call mum', 'tomorrow at 9', 'at 10'])).toMatchObject({ type: 'say' });
	});

	it('names what was not understood, and is about the one thing to be done', async () => {
		const intent = await dialogue(['remind me tomorrow at 9 to call the dentist and at 10 to call the bank']);
		expect(intent).toMatchObject({ text: 'Call the dentist', question: expect.stringContaining('"at 10"') });
	});
});
