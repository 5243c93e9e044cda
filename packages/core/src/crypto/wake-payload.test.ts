import { expect, it } from 'vitest';
import { type Bytes, toBase64Url } from '../bytes.ts';
import type { SpaceId, WakeId } from '../ids.ts';
import { LIMITS } from '../protocol/limits.ts';
import { createSeededRandom } from '../testing/seeded-random.ts';
import type { KeyRing } from './key-ring.ts';
import { CUT_MARK, openWake, sealWake, type WakePayload } from './wake-payload.ts';

const RING: KeyRing = { nameKey: filled(32, 1), epochs: [filled(32, 2), filled(32, 3)] };
const PLACE = { space: 'Eq3XkuyQoCNjtoCP2avTew' as SpaceId, wake: 'tWTnYosD5U24VLzWP3rOGg' as WakeId };
const PAYLOAD: WakePayload = {
	v: 1,
	title: 'Dentist',
	body: 'Call her',
	file: 'FILE',
	revision: 7,
	kind: 'reminder',
	line: '',
	zone: 'Europe/Athens',
};

it('a wake opens to what was sealed', async () => {
	expect(await openWake(await seal(PAYLOAD), { place: PLACE, ring: RING })).toEqual(PAYLOAD);
	const withUrl = { ...PAYLOAD, kind: 'nudge' as const, url: '/chat/kitchen' };
	expect(await openWake(await seal(withUrl), { place: PLACE, ring: RING })).toEqual(withUrl);
});

it('the sealed form is, byte for byte, what it was', async () => {
	const nines = { bytes: (length: number) => filled(length, 9), fraction: () => 0 };
	const sealed = await sealWake({ random: nines }, { place: PLACE, ring: RING, payload: PAYLOAD });
	const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', sealed));
	expect([...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')).toBe(
		'61b274ffe63167f1a7bc324d126a2c8d0577aa8d67aaa6fb9edf95874cd044b4',
	);
});

it('every sealed wake has the same length', async () => {
	for (const body of ['', 'x', 'long '.repeat(500)]) {
		expect((await seal({ ...PAYLOAD, body })).length).toBe(LIMITS.wakePayload);
	}
});

it('a long body is cut with a mark, between characters', async () => {
	for (const body of ['word '.repeat(1000), '👩‍👩‍👧 '.repeat(400), '"\\\n'.repeat(1000)]) {
		const opened = await openWake(await seal({ ...PAYLOAD, body }), { place: PLACE, ring: RING });
		expect(opened?.body.endsWith(CUT_MARK)).toBe(true);
		const kept = opened?.body.slice(0, -CUT_MARK.length) ?? '';
		expect(body.startsWith(kept)).toBe(true);
		expect(kept.length).toBeGreaterThan(100);
		expect(kept.isWellFormed()).toBe(true);
	}
});

it('a long title is cut too, when cutting the body is not enough', async () => {
	const opened = await openWake(await seal({ ...PAYLOAD, title: 't'.repeat(3000), body: 'b' }), {
		place: PLACE,
		ring: RING,
	});
	expect(opened?.title.endsWith(CUT_MARK)).toBe(true);
	expect(opened?.file).toBe('FILE');
});

it('a wake sealed in an earlier epoch opens after the key rotated', async () => {
	const early = await seal(PAYLOAD, { ...RING, epochs: RING.epochs.slice(0, 1) });
	expect(await openWake(early, { place: PLACE, ring: RING })).toEqual(PAYLOAD);
});

it('a wake of another place, another space, without the key, or changed, does not open', async () => {
	const sealed = await seal(PAYLOAD);
	const other = toBase64Url(filled(16, 9));
	expect(await openWake(sealed, { place: { ...PLACE, wake: other as WakeId }, ring: RING })).toBeUndefined();
	expect(await openWake(sealed, { place: { ...PLACE, space: other as SpaceId }, ring: RING })).toBeUndefined();
	const without = { ...RING, epochs: RING.epochs.slice(0, 1) };
	expect(await openWake(sealed, { place: PLACE, ring: without })).toBeUndefined();
	for (const at of [0, 1, 2, 14, 500, sealed.length - 1]) {
		const changed = sealed.slice();
		changed[at] = (changed[at] ?? 0) ^ 1;
		expect(await openWake(changed, { place: PLACE, ring: RING })).toBeUndefined();
	}
	expect(await openWake(new Uint8Array(0), { place: PLACE, ring: RING })).toBeUndefined();
});

function seal(payload: WakePayload, ring = RING): Promise<Bytes> {
	return sealWake({ random: createSeededRandom(1) }, { place: PLACE, ring, payload });
}

function filled(length: number, byte: number): Bytes {
	return new Uint8Array(length).fill(byte);
}
