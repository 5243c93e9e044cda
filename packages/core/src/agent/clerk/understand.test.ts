import { describe, expect, it } from 'vitest';
import { understand } from './understand.ts';
import { CLERK_INTRODUCTION, CLERK_LIMITS, GREETING, HELP, THANKS, TOO_LONG_TO_REMIND } from './words.ts';

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
	['what is the capital of France?', CLERK_LIMITS],
	['delete everything', CLERK_LIMITS],
	['remember?', CLERK_LIMITS],
	['', CLERK_LIMITS],
];

describe('what the clerk understands', () => {
	it.each(REMINDERS)('“%s” is a reminder: %s, %s', async (said, text, when) => {
		expect(await understand(said, here)).toEqual({ type: 'call', tool: 'remind', input: { text, when } });
	});

	it.each(CALLS)('“%s” is for %s with %j', async (said, tool, input) => {
		expect(await understand(said, here)).toEqual({ type: 'call', tool, input });
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
		const before = { said: 'remind me to call mum', answer };
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
