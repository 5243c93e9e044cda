import { describe, expect, it } from 'vitest';
import { fragmentOf, pairingLink } from './invitation.ts';

describe('an invitation in an address', () => {
	it('is found in the link that was made of it, and beside others', () => {
		expect(fragmentOf(new URL(pairingLink('https://x.org', 'pair=abc')).hash)).toBe('pair=abc');
		expect(fragmentOf('#invite=tok&pair=abc')).toBe('pair=abc');
	});

	it('is not seen where there is none', () => {
		for (const hash of ['', '#', '#pair=', '#invite=tok', '#repair=x']) expect(fragmentOf(hash), hash).toBeUndefined();
	});
});
