import { splitWhen } from '@pocketeer/core/schedule/split-when';
import { expect, test } from 'vitest';
import { draftOf } from './quick-add.ts';

/** Friday, 14:00 in Athens. */
const here = { now: Date.parse('2026-11-20T12:00:00Z'), zone: 'Europe/Athens' };

test('a sentence with a time is shown as it will be scheduled', async () => {
	expect(await draft('call the dentist tomorrow at 9')).toMatchObject({
		type: 'ready',
		text: 'call the dentist',
		words: 'Sat 21 Nov, 09:00, in 19 hours',
		request: { kind: 'reminder', text: 'call the dentist', when: '2026-11-21T09:00' },
	});
});

test('a recurrence is scheduled as one', async () => {
	expect(await draft('water the plants every Sunday at 10')).toMatchObject({
		type: 'ready',
		text: 'water the plants',
		request: { every: '0 10 * * 0' },
	});
});

test('without a time it asks for one, without a text for that', async () => {
	expect(await draft('call the dentist')).toMatchObject({ type: 'question', question: expect.stringContaining('?') });
	expect(await draft('tomorrow at 9')).toEqual({ type: 'question', question: 'What should the reminder say?' });
});

test('a time gone by is asked about, not scheduled', async () => {
	expect(await draft('call yesterday at 9')).toMatchObject({ type: 'question' });
});

async function draft(sentence: string) {
	return draftOf(await splitWhen(sentence, here), here);
}
