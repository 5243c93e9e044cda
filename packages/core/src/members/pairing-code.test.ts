import { describe, expect, it } from 'vitest';
import { createSeededRandom } from '../testing/seeded-random.ts';
import { fragmentOf, mailboxOf, newCode, readInvitation, showCode } from './pairing-code.ts';

const LINK = { keyHash: new Uint8Array(16).fill(1), secret: new Uint8Array(16).fill(2) };
const CODE = 'K7QM2XPD';

describe('an invitation', () => {
	it('has a code of eight characters that are not mistaken for each other', () => {
		const random = createSeededRandom(1);
		const codes = Array.from({ length: 200 }, () => newCode({ random }));
		expect(new Set(codes).size).toBe(200);
		for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/);
		// All 32 are drawn.
		expect(new Set(codes.join('')).size).toBe(32);
		expect(showCode(CODE)).toBe('K7QM-2XPD');
	});

	it.each(['K7QM-2XPD', 'k7qm2xpd', '  K7QM 2XPD\n', 'K7QM–2XPD'])('is read from a typed code: %s', (typed) => {
		expect(readInvitation(typed)).toEqual({ ok: true, value: { code: CODE, link: undefined } });
	});

	it('takes letters that look like digits for them', () => {
		expect(readInvitation('oil0-1234')).toEqual({ ok: true, value: { code: '01101234', link: undefined } });
	});

	it('is read from a fragment and from a whole address with one', () => {
		const fragment = fragmentOf(CODE, LINK);
		expect(fragment).toBe('pair=K7QM2XPD.AQEBAQEBAQEBAQEBAQEBAQ.AgICAgICAgICAgICAgICAg');
		for (const text of [fragment, `#${fragment}`, ` https://app.example/?a=1#${fragment}&relay=x `]) {
			expect(readInvitation(text)).toEqual({ ok: true, value: { code: CODE, link: LINK } });
		}
	});

	it.each(['', 'K7QM', 'K7QM-2XPD-9', 'K7QM-2XPU', 'K7QM.2XPD', 'https://app.example/'])(
		'is not read from %j',
		(text) => {
			expect(readInvitation(text)).toMatchObject({ error: { reason: expect.stringContaining('eight letters') } });
		},
	);

	it.each([
		'pair=K7QM2XPD',
		'pair=K7QM2XPD.AQEB.AgIC',
		`${fragmentOf(CODE, LINK)}.x`,
		'pair=.AQ.AQ',
		fragmentOf(CODE, LINK).slice(0, -1),
	])('whose link is not whole, as %s, is never taken for a mere code', (text) => {
		expect(readInvitation(text)).toMatchObject({ error: { reason: expect.stringContaining('not complete') } });
	});

	it('names its mailbox by its code, for ever the same', async () => {
		expect(await mailboxOf(CODE)).toBe('9U7lpdNgZB-CO2IcQpVdyQ');
	});
});
