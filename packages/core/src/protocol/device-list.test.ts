import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Bytes, fromUtf8, toBase64Url, utf8 } from '../bytes.ts';
import type { DeviceId } from '../ids.ts';
import {
	type DeviceList,
	deviceListHash,
	encodeDeviceList,
	type ListedDevice,
	readDeviceList,
	spaceIdOf,
	verifyDeviceList,
} from './device-list.ts';

const filled = (byte: number, length: number) => toBase64Url(new Uint8Array(length).fill(byte));

async function newSigner() {
	const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
	if (!('privateKey' in pair)) throw new Error('Ed25519 makes pairs');
	return {
		publicKey: toBase64Url(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))),
		sign: async (bytes: Bytes) => new Uint8Array(await crypto.subtle.sign('Ed25519', pair.privateKey, bytes)),
	};
}

async function newSpace() {
	const root = await newSigner();
	const phone = await newSigner();
	const listed: ListedDevice = {
		id: filled(1, 16) as DeviceId,
		signKey: phone.publicKey,
		sealKey: filled(2, 32),
		added: 1_760_000_000_000,
	};
	const list: DeviceList = {
		v: 1,
		space: await spaceIdOf(root.publicKey),
		version: 1,
		previous: '',
		listKey: root.publicKey,
		recoveryKey: filled(3, 32),
		devices: [listed],
		epoch: 1,
		boxes: { recovery: filled(4, 80), [listed.id]: filled(5, 80) },
		by: null,
	};
	const bytes = await encodeDeviceList(list, root.sign);
	const next: DeviceList = { ...list, version: 2, previous: await deviceListHash(bytes), by: listed.id };
	return { root, phone, list, bytes, next };
}

describe('device list', () => {
	test('the first version proves itself by the key its space id is the hash of', async () => {
		const { list, bytes } = await newSpace();
		expect(await verifyDeviceList({ bytes })).toEqual({ ok: true, value: list });
	});

	test('a device of the version before may sign the next', async () => {
		const { bytes, next, phone } = await newSpace();
		const signed = await encodeDeviceList(next, phone.sign);
		expect(await verifyDeviceList({ bytes: signed, previous: bytes })).toEqual({ ok: true, value: next });
	});

	test('the list key may sign any version', async () => {
		const { bytes, next, root } = await newSpace();
		const signed = await encodeDeviceList({ ...next, by: null, devices: [], boxes: {} }, root.sign);
		expect((await verifyDeviceList({ bytes: signed, previous: bytes })).ok).toBe(true);
	});

	test('a device that the new version adds cannot have signed it', async () => {
		const { bytes, next } = await newSpace();
		const stranger = await newSigner();
		const id = filled(9, 16) as DeviceId;
		const device = { id, signKey: stranger.publicKey, sealKey: filled(2, 32), added: 0 };
		const signed = await encodeDeviceList({ ...next, devices: [...next.devices, device], by: id }, stranger.sign);
		expect(await verifyDeviceList({ bytes: signed, previous: bytes })).toMatchObject({
			error: { type: 'SignerNotAllowed' },
		});
	});

	test('each broken link has its own error', async () => {
		const { root, phone, list, bytes, next } = await newSpace();
		const other = await newSpace();
		const offers: readonly [DeviceList, string][] = [
			[{ ...next, version: 3 }, 'WrongVersion'],
			[{ ...next, previous: filled(0, 32) }, 'BrokenListChain'],
			[{ ...next, recoveryKey: filled(8, 32) }, 'ChangedKey'],
			[{ ...next, space: other.list.space }, 'WrongSpace'],
			[{ ...next, listKey: other.list.listKey, space: other.list.space }, 'WrongSpace'],
			[{ ...next, by: filled(7, 16) as DeviceId }, 'SignerNotAllowed'],
		];
		for (const [offer, type] of offers) {
			const signed = await encodeDeviceList(offer, phone.sign);
			expect(await verifyDeviceList({ bytes: signed, previous: bytes })).toMatchObject({ error: { type } });
		}
		const forged = await encodeDeviceList(next, root.sign);
		expect(await verifyDeviceList({ bytes: forged, previous: bytes })).toMatchObject({
			error: { type: 'BadListSignature' },
		});
		const late = await encodeDeviceList({ ...list, version: 2 }, root.sign);
		expect(await verifyDeviceList({ bytes: late })).toMatchObject({ error: { type: 'WrongVersion', expected: 1 } });
	});

	test('an epoch never goes back', async () => {
		const { root, bytes, next } = await newSpace();
		const second = await encodeDeviceList({ ...next, by: null, epoch: 2 }, root.sign);
		const third = await encodeDeviceList(
			{ ...next, by: null, version: 3, previous: await deviceListHash(second), epoch: 1 },
			root.sign,
		);
		expect((await verifyDeviceList({ bytes: second, previous: bytes })).ok).toBe(true);
		expect(await verifyDeviceList({ bytes: third, previous: second })).toMatchObject({
			error: { type: 'ChangedKey', field: 'epoch' },
		});
	});

	test('one changed byte never verifies', async () => {
		const { bytes } = await newSpace();
		await fc.assert(
			fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
				const changed = bytes.map((byte, index) => (index === at ? byte ^ mask : byte));
				expect((await verifyDeviceList({ bytes: changed })).ok).toBe(false);
			}),
			{ numRuns: 200 },
		);
	});

	test('another spelling of the same JSON is refused', async () => {
		const { bytes } = await newSpace();
		const spaced = utf8(fromUtf8(bytes).replace('"version":1', '"version": 1'));
		expect(readDeviceList(spaced)).toMatchObject({ error: { type: 'MalformedList', reason: 'not in canonical form' } });
	});

	test('fields of a later version are kept, signed over, and carried into the next version', async () => {
		const { list, bytes, root, phone } = await newSpace();
		const [listed] = list.devices;
		const grown = { ...list, devices: [{ ...listed, kind: 'phone' }], policy: { words: [1, 'two'] } };
		// As a later writer might order it.
		const body = utf8(JSON.stringify(Object.fromEntries(Object.entries(grown).reverse())));
		const signature = toBase64Url(await root.sign(body));
		const offered = utf8(`${fromUtf8(body)}\n${signature}`);
		const read = await verifyDeviceList({ bytes: offered });
		expect(read).toEqual({ ok: true, value: grown });
		if (!read.ok) return;

		const next = {
			...read.value,
			version: 2,
			previous: await deviceListHash(offered),
			devices: [...read.value.devices, { ...read.value.devices[0], id: filled(6, 16) } as ListedDevice],
			by: listed?.id ?? null,
		};
		const second = await encodeDeviceList(next, phone.sign);
		expect(await verifyDeviceList({ bytes: second, previous: offered })).toEqual({ ok: true, value: next });
		expect(fromUtf8(second)).toContain('"policy":{"words":[1,"two"]}');
		expect(fromUtf8(second)).toContain('"kind":"phone"');

		const changed = utf8(fromUtf8(offered).replace('"two"', '"too"'));
		expect(await verifyDeviceList({ bytes: changed })).toMatchObject({ error: { type: 'BadListSignature' } });
		expect((await verifyDeviceList({ bytes, previous: offered })).ok).toBe(false);
	});

	test('a later form is not damage: its error says to update', async () => {
		const { list, root } = await newSpace();
		const body = utf8(JSON.stringify({ ...list, v: 2, devices: 'elsewhere' }));
		const bytes = utf8(`${fromUtf8(body)}\n${toBase64Url(await root.sign(body))}`);
		const error = { type: 'NewerForm', reason: expect.stringContaining('Update Pocketeer') };
		expect(readDeviceList(bytes)).toEqual({ ok: false, error });
		expect(await verifyDeviceList({ bytes })).toEqual({ ok: false, error });
	});

	test('a key that stands twice is refused, wherever it stands', async () => {
		const { bytes, root } = await newSpace();
		const [body = ''] = fromUtf8(bytes).split('\n');
		for (const [from, to] of [
			['{"v":1', '{"v":1,"v":1'],
			['"by":null', '"by":null,"later":1,"later":1'],
			['"added":', '"added":7,"added":'],
		] as const) {
			const twice = body.replace(from, to);
			const signed = utf8(`${twice}\n${toBase64Url(await root.sign(utf8(twice)))}`);
			expect(readDeviceList(signed)).toMatchObject({ error: { reason: 'not in canonical form' } });
		}
	});

	test('lists that repeat a device or seal to a stranger are refused', async () => {
		const { list, root } = await newSpace();
		const twice = await encodeDeviceList({ ...list, devices: [...list.devices, ...list.devices] }, root.sign);
		expect(readDeviceList(twice)).toMatchObject({ error: { reason: 'a device is listed twice' } });
		const stranger = await encodeDeviceList({ ...list, boxes: { [filled(9, 16)]: filled(1, 80) } }, root.sign);
		expect(readDeviceList(stranger)).toMatchObject({ error: { reason: 'a box for somebody who is not listed' } });
	});

	test('random bytes are malformed and never throw', () => {
		fc.assert(
			fc.property(
				fc.oneof(
					fc.uint8Array(),
					fc.json().map((json) => utf8(`${json}\nAA`)),
				),
				(bytes) => {
					expect(readDeviceList(bytes)).toMatchObject({ ok: false, error: { type: 'MalformedList' } });
				},
			),
		);
	});
});
