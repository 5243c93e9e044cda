import { describe, expect, it } from 'vitest';
import { cleanWords, describeRecoveryError, refuseWords } from './recovery-words.ts';

describe('recovery words as they are typed', () => {
	it('may come with capitals, commas, line breaks and the numbers of a printed list', () => {
		expect(cleanWords(' 1. Abandon\n2) ability,  able 4 about ')).toBe('abandon ability able about');
	});

	it('are refused by count with both numbers', () => {
		expect(refuseWords(Array(24).fill('able').join(' '))).toBeUndefined();
		expect(refuseWords('able able')).toBe('A space is opened by 24 words; these are 2. Nothing was changed.');
		expect(refuseWords('')).toContain('these are 0');
	});

	it('have their own sentence for each way to fail, and none says that something changed', () => {
		const sentences = [
			describeRecoveryError({ type: 'BadWords', reason: '“abel” is not one of the words.' }),
			describeRecoveryError({ type: 'NoSuchSpace' }),
			describeRecoveryError({ type: 'NoRelay', reason: 'no answer.' }),
			describeRecoveryError({ type: 'Untrusted', reason: 'bad signature.' }),
			describeRecoveryError({ type: 'NewerForm', reason: 'Update.' }),
		];
		expect(new Set(sentences).size).toBe(5);
		for (const sentence of sentences) expect(sentence).toContain('Nothing was changed');
		expect(sentences[0]).toContain('abel');
	});
});
