import { createTestClock } from '@pocketeer/core/testing/test-clock';
import { expect, test } from 'vitest';
import { openDevice, say } from './support.ts';

/** With no model key the clerk answers: the same loop, the same tools, and nothing said that no tool result says. */
const TALK: readonly (readonly [said: string, answered: string])[] = [
	[
		'remind me tomorrow at 9 to call the dentist',
		'Done. I’ll remind you on Saturday 21 November 2026, 09:00 (Europe/Athens), in 22 hours: "Call the dentist".',
	],
	[
		'remind me every weekday at 8 to stretch',
		'Done. I’ll remind you every weekday at 08:00 (Europe/Athens), next on Monday 23 November 2026, 08:00 (Europe/Athens), in 3 days: "Stretch".',
	],
	['remember that my sister is allergic to nuts', 'Noted in notes/memory.md: "My sister is allergic to nuts".'],
	[
		'what do you know about my sister?',
		'This is what your files say about “sister”:\n\n> - My sister is allergic to nuts\n\nnotes/memory.md, line 3',
	],
	['what do you know about my aunt?', 'I found nothing about “aunt” in your files. Other words may find it.'],
	['note about Maria: likes tea', 'Noted in people/maria/profile.md: "Likes tea".'],
	['journal: first snow today', 'Added to journal/2026-11-20.md: - 11:00 | first snow today'],
	[
		'/tasks',
		'This is planned:\n\n- Saturday 21 November 2026, 09:00 (Europe/Athens), in 22 hours: reminder "Call the dentist" (tasks/call-the-dentist.md)\n- Monday 23 November 2026, 08:00 (Europe/Athens), in 3 days, every weekday at 08:00 (Europe/Athens): reminder "Stretch" (tasks/stretch.md)',
	],
	[
		'cancel the dentist reminder',
		'Cancelled tasks/call-the-dentist.md: "Call the dentist", which was set for: Saturday 21 November 2026, 09:00 (Europe/Athens).',
	],
];

test('a morning with the clerk', async () => {
	await using laptop = await openDevice({ clock: createTestClock() });
	for (const [said, answered] of TALK) {
		const records = await say(laptop, said);
		const step = records.findLast((record) => record.kind === 'model-step');
		expect(step?.content, said).toEqual([{ type: 'text', text: answered, citations: null }]);
	}
});
