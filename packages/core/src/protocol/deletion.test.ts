import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Bytes, fromUtf8, toBase64Url, utf8 } from '../bytes.ts';
import type { DeviceId, SpaceId } from '../ids.ts';
import { type Deletion, encodeDeletion, readDeletion, verifyDeletion } from './deletion.ts';
import { type DeviceList, spaceIdOf } from './device-list.ts';

const id = <Id extends string>(byte: number) => toBase64Url(new Uint8Array(16).fill(byte)) as Id;
const AT = 1_760_000_000_000;

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
	const device = id<DeviceId>(1);
	const list: DeviceList = {
		v: 1,
		space: await spaceIdOf(root.publicKey),
		version: 3,
		previous: toBase64Url(new Uint8Array(32)),
		listKey: root.publicKey,
		recoveryKey: toBase64Url(new Uint8Array(32)),
		devices: [{ id: device, signKey: phone.publicKey, sealKey: toBase64Url(new Uint8Array(32)), added: AT }],
		epoch: 2,
		boxes: {},
		by: null,
	};
	return { root, phone, device, list };
}

describe('the statement that deletes a space', () => {
	test('is one line of JSON and a signature', async () => {
		const { list, phone, device } = await newSpace();
		const statement = await encodeDeletion({ v: 1, space: list.space, at: AT, by: device }, phone.sign);
		const [json, signature] = fromUtf8(statement).split('\n');
		expect(json).toBe(`{"v":1,"space":"${list.space}","at":${AT},"by":"${device}"}`);
		expect(signature).toMatch(/^[\w-]{86}$/);
	});

	test('a listed device may make it, and so may who holds the recovery words', async () => {
		const { list, root, phone, device } = await newSpace();
		for (const [by, signer] of [
			[device, phone],
			[null, root],
		] as const) {
			const deletion: Deletion = { v: 1, space: list.space, at: AT, by };
			const statement = await encodeDeletion(deletion, signer.sign);
			expect(readDeletion(statement)).toEqual({ ok: true, value: deletion });
			expect(await verifyDeletion({ statement, list })).toEqual({ ok: true, value: deletion });
		}
	});

	test('nobody else may: neither a stranger, nor a device that is not listed any more, nor one in the name of another', async () => {
		const { list, root, phone, device } = await newSpace();
		const stranger = await newSigner();
		const offers = [
			[device, stranger, 'BadDeletionSignature'],
			[null, stranger, 'BadDeletionSignature'],
			[null, phone, 'BadDeletionSignature'],
			[device, root, 'BadDeletionSignature'],
			[id<DeviceId>(9), phone, 'SignerNotListed'],
		] as const;
		for (const [by, signer, type] of offers) {
			const statement = await encodeDeletion({ v: 1, space: list.space, at: AT, by }, signer.sign);
			expect(await verifyDeletion({ statement, list })).toEqual({ ok: false, error: { type } });
		}
	});

	test('that of one space deletes no other, even where the same device is in both', async () => {
		const { list, phone, device } = await newSpace();
		const statement = await encodeDeletion({ v: 1, space: id<SpaceId>(7), at: AT, by: device }, phone.sign);
		expect(await verifyDeletion({ statement, list })).toEqual({ ok: false, error: { type: 'OtherSpace' } });
	});

	test('what was changed by a single bit is not taken', async () => {
		const { list, phone, device } = await newSpace();
		const statement = await encodeDeletion({ v: 1, space: list.space, at: AT, by: device }, phone.sign);
		for (let index = 0; index < statement.length; index++) {
			const changed = statement.slice();
			changed[index] = (changed[index] ?? 0) ^ 1;
			expect((await verifyDeletion({ statement: changed, list })).ok).toBe(false);
		}
	});

	test.each([
		['nothing', ''],
		['no signature', '{"v":1}'],
		['another order of the fields', `{"space":"${id(1)}","v":1,"at":0,"by":null}\n${'A'.repeat(86)}`],
		['more fields', `{"v":1,"space":"${id(1)}","at":0,"by":null,"why":""}\n${'A'.repeat(86)}`],
		['another version', `{"v":2,"space":"${id(1)}","at":0,"by":null}\n${'A'.repeat(86)}`],
		['a time before the epoch', `{"v":1,"space":"${id(1)}","at":-1,"by":null}\n${'A'.repeat(86)}`],
		['a short signature', `{"v":1,"space":"${id(1)}","at":0,"by":null}\nAAAA`],
	])('%s is malformed', (_, text) => {
		expect(readDeletion(utf8(text))).toEqual({ ok: false, error: { type: 'MalformedDeletion' } });
	});

	test('any bytes at all are read without an exception', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
				expect(readDeletion(bytes).ok).toBe(false);
			}),
		);
	});
});
