import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { type Bytes, concatBytes, fromBase64Url, toBase64Url, utf8 } from '../bytes.ts';
import { wordsOfRoot } from '../crypto/recovery-words.ts';
import type { PersonId, StreamName } from '../ids.ts';
import { type FoundedSpace, foundSpace } from '../members/space-identity.ts';
import type { MemoryStore } from '../testing/memory-store.ts';
import { createMemoryStore } from '../testing/memory-store.ts';
import { createSeededRandom } from '../testing/seeded-random.ts';
import { createTestClock } from '../testing/test-clock.ts';
import { expectError, expectOk } from '../testing/test-space.ts';
import type { BackupRecord } from './backup-records.ts';
import { attemptBackup, type BackupContent, backupRecords } from './collect-backup.ts';
import { openBackup } from './open-backup.ts';
import { fillStore } from './restore-backup.ts';
import { sealBackup } from './seal-backup.ts';

const HOME = 'home' as StreamName;
const LINE = 'line/kitchen/2026-11' as StreamName;
const CREATED = Date.UTC(2026, 10, 20, 12);
const ME = 'me' as PersonId;
const random = createSeededRandom(5);
const clock = createTestClock();

describe('a backup', () => {
	it('opens with the recovery words and gives back every document, value and key', async () => {
		const { space, words } = await found();
		const store = await filledStore();
		const file = await write(space, store);
		const backup = expectOk(await openBackup(file, words));
		expect(backup.head).toEqual({ space: space.spaceId, created: CREATED });
		expect(backup.person).toBe(ME);
		expect(backup.ring).toEqual(space.keyRing);
		expect(backup.lists).toEqual([space.deviceList]);
		expect(backup.counts).toEqual({ value: 2, document: 2, blob: 0 });
		expect(backup.settings).toEqual({ theme: 'dark' });

		const restored = createMemoryStore();
		expectOk(await fillStore({ store: restored }, backup));
		expect(await textOf(restored, HOME)).toBe('home text');
		expect(await textOf(restored, LINE)).toBe('kitchen text');
		expect(await restored.position(HOME)).toMatchObject({ value: { seq: 0, republish: true } });
		expect(await restored.value('draft/kitchen')).toEqual({ ok: true, value: 'half a thought' });
		expect(await restored.value('sync/quarantine/home/7')).toEqual({
			ok: true,
			value: { entry: utf8('sealed'), reason: 'why' },
		});
		// What belongs to the device and not to the space stays where it was.
		expect(await restored.value('sync/push')).toEqual({ ok: true, value: undefined });
		expect(await restored.pendingStreams()).toEqual({ ok: true, value: [] });
	});

	it('keeps deleted text that the store still has', async () => {
		const { space, words } = await found();
		const store = createMemoryStore();
		const doc = new Y.Doc({ gc: false });
		doc.on(
			'update',
			(update: Uint8Array) => void store.appendLocal([{ stream: HOME, update: new Uint8Array(update) }]),
		);
		doc.getText('text').insert(0, 'taken back');
		const before = Y.snapshot(doc);
		doc.getText('text').delete(0, 10);
		const backup = expectOk(await openBackup(await write(space, store), words));
		const restored = new Y.Doc({ gc: false });
		await backup.read(async (record) => {
			if (record.kind === 'document') Y.applyUpdateV2(restored, record.update);
			return { ok: true, value: undefined };
		});
		expect(Y.createDocFromSnapshot(restored, before).getText('text').toString()).toBe('taken back');
	});

	it('puts home last, so that no file is named before its text is there', async () => {
		const { space, words } = await found();
		const backup = expectOk(await openBackup(await write(space, await filledStore()), words));
		const streams: string[] = [];
		await backup.read(async (record) => {
			if (record.kind === 'document') streams.push(record.stream);
			return { ok: true, value: undefined };
		});
		expect(streams).toEqual([LINE, HOME]);
	});

	it('names what this device did not have or could not read instead of failing', async () => {
		const { space, words } = await found();
		const store = await filledStore();
		store.faults.corrupt.add(LINE);
		const named = [HOME, 'file/never-came' as StreamName];
		const backup = expectOk(await openBackup(await write(space, store, { named }), words));
		expect(backup.missing).toEqual([LINE, 'file/never-came']);
		expect(backup.counts.document).toBe(1);
	});

	it('is not written when the store does not answer', async () => {
		const { space } = await found();
		const store = await filledStore();
		store.faults.unavailable = 'closed';
		const written = await attemptBackup(() => write(space, store));
		expect(expectError(written)).toEqual({ type: 'StoreUnavailable', reason: 'closed' });
	});

	it('holds five thousand files and documents larger than a chunk', async () => {
		const { space, words } = await found();
		const store = createMemoryStore();
		const large = toBase64Url(createSeededRandom(9).bytes(2_500_000));
		await store.appendLocal([{ stream: HOME, update: updateOf(large) }]);
		const streams = Array.from({ length: 5_000 }, (_, index) => `file/${index}` as StreamName);
		await store.appendLocal(streams.map((stream) => ({ stream, update: updateOf(`text of ${stream}`) })));
		const backup = expectOk(await openBackup(await write(space, store), words));
		expect(backup.counts.document).toBe(5_001);
		const restored = createMemoryStore();
		expectOk(await fillStore({ store: restored }, backup));
		expect(await textOf(restored, HOME)).toBe(large);
		expect(await textOf(restored, 'file/4999' as StreamName)).toBe('text of file/4999');
	});

	it('passes over kinds of records that a later Pocketeer writes, and counts attachments', async () => {
		const { space, words } = await found();
		async function* later(): AsyncGenerator<BackupRecord> {
			yield { kind: 'about', person: ME, documents: 0 };
			yield { kind: 'blob', name: 'photo', part: 0, parts: 1, bytes: utf8('image') };
			yield { kind: 'end', counts: { value: 0, document: 0, blob: 1 }, missing: [] };
		}
		const backup = expectOk(await openBackup(await blobOf(sealBackup({ random }, targetOf(space), later())), words));
		expect(backup.counts.blob).toBe(1);
		expectOk(await fillStore({ store: createMemoryStore() }, backup));
	});

	it('has the form that its first version had', async () => {
		const fixed = createSeededRandom(1);
		const space = await foundSpace({ clock, random: fixed });
		const file = await write(space, await filledStore());
		const bytes = new Uint8Array(await file.arrayBuffer());
		const head = concatBytes(utf8('Pocketeer backup\n'), Uint8Array.of(1));
		expect(bytes.slice(0, head.length)).toEqual(head);
		expect(toBase64Url(bytes.slice(head.length, head.length + 16))).toBe(space.spaceId);
		// 2026-11-20T12:00Z as a varint of six bytes, enc and ciphertext of the content key, then the only and last chunk.
		const chunk = head.length + 16 + 6 + 80;
		expect(bytes[chunk]).toBe(1);
		expect(new DataView(bytes.buffer).getUint32(chunk + 1)).toBe(bytes.length - chunk - 5);
	});
});

describe('a backup kept from the first version', () => {
	it('still opens', async () => {
		const backup = expectOk(await openBackup(new Blob([fromBase64Url(KEPT.file)]), KEPT.words));
		const restored = createMemoryStore();
		expectOk(await fillStore({ store: restored }, backup));
		expect(await textOf(restored, HOME)).toBe('home text');
		expect(await textOf(restored, LINE)).toBe('kitchen text');
	});
});

describe('a file that is not to be trusted', () => {
	it('is refused with other words than its own, saying whose it is', async () => {
		const [mine, other] = [await found(), await found()];
		const file = await write(mine.space, await filledStore());
		expect(expectError(await openBackup(file, other.words))).toEqual({ type: 'OtherWords', space: mine.space.spaceId });
		expect(expectError(await openBackup(file, 'apple pear'))).toMatchObject({ type: 'BadWords' });
	});

	it('is refused when it is no backup, or one of a later Pocketeer', async () => {
		const { space, words } = await found();
		expect(expectError(await openBackup(new Blob(['# A note']), words))).toEqual({ type: 'NotABackup' });
		expect(expectError(await openBackup(new Blob([]), words))).toEqual({ type: 'NotABackup' });
		const bytes = new Uint8Array(await (await write(space, await filledStore())).arrayBuffer());
		bytes[utf8('Pocketeer backup\n').length] = 2;
		expect(expectError(await openBackup(new Blob([bytes]), words))).toEqual({ type: 'NewerBackup' });
	});

	it('is refused wherever it is cut', async () => {
		const { space, words } = await found();
		const file = await write(space, await filledStore());
		for (let size = 17; size < file.size; size += 61) {
			const error = expectError(await openBackup(file.slice(0, size), words));
			expect(error.type, `cut at ${size}`).toBe('CutBackup');
		}
	});

	it('is refused when it was cut between two chunks, or one was taken out or changed places', async () => {
		const { space, words } = await found();
		const store = createMemoryStore();
		await store.appendLocal([{ stream: HOME, update: updateOf(toBase64Url(random.bytes(3_000_000))) }]);
		const bytes = new Uint8Array(await (await write(space, store)).arrayBuffer());
		const [front, ...chunks] = split(bytes);
		expect(chunks.length).toBeGreaterThan(3);
		const [a, b, ...rest] = chunks;
		if (!front || !a || !b) throw new Error('too few chunks');
		const type = async (...parts: Bytes[]) => expectError(await openBackup(new Blob(parts), words)).type;
		expect(await type(front, a, b)).toBe('CutBackup');
		expect(await type(front, b, a, ...rest)).toBe('DamagedBackup');
		expect(await type(front, a, ...rest)).toBe('DamagedBackup');
		expect(await type(front, a, b, ...rest, a)).toBe('DamagedBackup');
		const asLast = new Uint8Array(b);
		asLast[0] = 1;
		expect(await type(front, a, asLast)).toBe('DamagedBackup');
	});

	it('is refused with any bit flipped', async () => {
		const { space, words } = await found();
		const bytes = new Uint8Array(await (await write(space, await filledStore())).arrayBuffer());
		for (let at = 0; at < bytes.length; at += 37) {
			const flipped = new Uint8Array(bytes);
			flipped[at] = (flipped[at] ?? 0) ^ 4;
			expect((await openBackup(new Blob([flipped]), words)).ok, `flipped at ${at}`).toBe(false);
		}
	});

	it('is refused when somebody outside of the space wrote it to the public recovery key', async () => {
		const [mine, stranger] = [await found(), await found()];
		const forged = { ...mine.space, identity: stranger.space.identity };
		const error = expectError(await openBackup(await write(forged, await filledStore()), mine.words));
		expect(error).toEqual({ type: 'DamagedBackup', reason: 'no device of this space has signed it' });
	});

	it('is refused when the chunks of one backup stand under the head of another', async () => {
		const { space, words } = await found();
		const store = await filledStore();
		const [one, two] = [await write(space, store), await write(space, store)];
		const [front] = split(new Uint8Array(await one.arrayBuffer()));
		const [, ...chunks] = split(new Uint8Array(await two.arrayBuffer()));
		if (!front) throw new Error('no front');
		expect(expectError(await openBackup(new Blob([front, ...chunks]), words))).toMatchObject({ type: 'DamagedBackup' });
	});
});

async function found(): Promise<{ readonly space: FoundedSpace; readonly words: string }> {
	const space = await foundSpace({ clock, random });
	return { space, words: (await wordsOfRoot(space.root)).join(' ') };
}

async function filledStore(): Promise<MemoryStore> {
	const store = createMemoryStore();
	await store.appendLocal([
		{ stream: HOME, update: updateOf('home text') },
		{ stream: LINE, update: updateOf('kitchen text') },
	]);
	await store.putValues({
		'draft/kitchen': 'half a thought',
		'sync/quarantine/home/7': { entry: utf8('sealed'), reason: 'why' },
		'sync/push': { endpoint: 'https://push.example' },
	});
	return store;
}

function updateOf(text: string): Bytes {
	const doc = new Y.Doc();
	doc.clientID = 7;
	doc.getText('text').insert(0, text);
	return new Uint8Array(Y.encodeStateAsUpdate(doc));
}

async function textOf(store: MemoryStore, stream: StreamName): Promise<string> {
	const { snapshot, updates } = expectOk(await store.loadDoc(stream));
	const doc = new Y.Doc();
	if (snapshot) Y.applyUpdateV2(doc, snapshot);
	for (const update of updates) Y.applyUpdate(doc, update);
	return doc.getText('text').toString();
}

function targetOf(space: FoundedSpace) {
	const { spaceId, identity, deviceList } = space;
	const recoveryKey = recoveryKeyOf(deviceList);
	return { space: spaceId, created: CREATED, recoveryKey, identity, lists: [deviceList] };
}

function recoveryKeyOf(list: Bytes): string {
	const parsed: unknown = JSON.parse(new TextDecoder().decode(list).split('\n')[0] ?? '');
	return String(Reflect.get(Object(parsed), 'recoveryKey'));
}

function write(space: FoundedSpace, store: MemoryStore, change: Partial<BackupContent> = {}): Promise<Blob> {
	const content: BackupContent = { person: ME, settings: { theme: 'dark' }, named: [], ...change };
	return blobOf(sealBackup({ random }, targetOf(space), backupRecords({ store }, content)));
}

async function blobOf(parts: AsyncIterable<Bytes>): Promise<Blob> {
	const all: Bytes[] = [];
	for await (const part of parts) all.push(part);
	return new Blob(all);
}

/** Head and box, then each chunk. */
function split(bytes: Bytes): Bytes[] {
	let at = utf8('Pocketeer backup\n').length + 1 + 16 + 6 + 80;
	const parts = [bytes.slice(0, at)];
	while (at < bytes.length) {
		const length = 5 + new DataView(bytes.buffer).getUint32(at + 1);
		parts.push(bytes.slice(at, at + length));
		at += length;
	}
	return parts;
}

/** A file of the first version; never made anew. */
const KEPT = {
	words:
		'radio clap chief clinic knee depend ostrich flight sad elite tape oil fee this topic above sleep pretty elephant vehicle stadium apology grab crane',
	file: 'UG9ja2V0ZWVyIGJhY2t1cAoBvMk6cJF95yfNqpkggmrAJIDUz8afNE6gjl2jvDFdbdY8rofR9682IbkCLNdLxmp3q4xzHiBtNEcvQPTVMJOa2Pk9uEwVfsW-uHn6TYLjSa_yuCuvgAVnV-v91cJKcQyqKUUjzBQSAQAABSgrrl3_ynoIMS2SCZFpJCSBSR-lPKj-fIZka-3LyWl1ue_p7hrLL1fYt16bfD7ngA9mpPPQIv4WsThIymcLAojeZAKZn8Swb-d4mj6g7pj4dDMVOFw3U2IavdWumvFYwOKWS9BvmAT1kVBp3xKnSzo-f4R4QTJXILRuiY662Nesi762b1SzIQvrXKFnVfdRyNgwcwqJBgZ-SoMPPrtgjxMOK246zmPKaiAJWa-BHK8Ri6scy3pGNulVFNcFf9zklCuKby6PRis1Z2V4Fv2ziSZ7Ak44TMZVNA2Zqc4J6mZRdYnmX-4H_IpYf2a7TEIDUYh6WrchzuqllX1fzs7j8VQQjtY80_Nr4WePNAW3NHCB5RjbXM_M0mOsHxRrFsj4fKjE7owS4Zt2AtrvqFURGQnDY3hk0rUolPpX5uXUVM6iVe_52drgRfPAx5-MOqi_u9xX_3OQIwnCuQ1lC6_88eg5JwUf5DnkUEmGvQ6DfLdti6b3z3Neq4-gqNhV2wTQMmbX5yYnjpSHTm3asZYw6t6Ts4vpAZGjAb_1RnLlT-1_UX3UhHAiRxJkOcFlqN-0iNiHj9iUwoZHFBN8WYvqMIZTprvQLUoFZuZSktcsENIU7fy8ymAgMR0368QaRUZ4-EnupJC9nH62Kqf-QIJxpqBpcjFwuNgDK2CbTQAZ2dwjpwx_eRxjySskgMMiu-V3VqkDUCQlr1q81dCOrEq2NEUSlDJ1eXBrduvUTeVh0qV5y4zAH5wCtNeWCNuiB3SxtTEpSrxNvlnVZSW2546oqB9OAOM8ZGCB6NKmnqRh2a4jMYR90SKg1dqio4x1tcmL_4MmX5FZ1rh8zhSAIFgySpzvwLEcDfJa49NCfJcUOalD3eBHq2BXtPBTMNx0hLbBe3AMpSLlIYb3g5Q0_PPwQ46YmOWP0X3biJRzpNwPLoqRwfsEzIQtoK7nsC0gJ6l6n9_WgsA6Ri4WzBEh05-JDV-AfCpRK4ddiAoJCwAXHQb50sMu1feDZDHmP-Y66Lb2vkkKyKsRgD0U4DnwiihrpbumeBrRWFmk2w2arPD8j9thqKv8pRyJQ2Z2iwdZygQMCFlA0UcYTuvy8pojHhqLrGzcwZD5RZ85i9NF4p1VHfYHrFeEkoWeU8FBtpFWCawi2i9cZo3LxQn1g1D52QZFZAdZ9IRlfL0wEvgkh-onsHfnkQ8z2c29GCf0DIudEVmcPH_kVDwWGp1kewqNipI9-d2C1Ms9RTO9lBM5QU3Sfpxmij8HbOekOddoMJ2dc64Z03vr1BBbZYMA6eiV2NQWgWwqZCkPaNSrgRj_AxoeaUZPvsGhva5MlybooW6b0stiF_fOB2t1LDRWZsIMVrEy6cXixQqUXmSj3t4uBVsLJbFGgxaQKtzZpqJXkAS5mXFY6_DvqWUy60K73zBfqn2uSdmC6IlHZuwUorDkIu_IPdtOSc9_k7R-lq-q-Rw8irx7T5_fSE3VT7DBdDCYtIXg14fuWfiT5AN8N-KT5pr52JLUuCj1kP26INyYLtXkL11rrWzL_441z6m6UTKuGZ5RFplJsgJuDZ7f0a0t7sFr-HnGtE-02ZNQBuvWLJb24u082s45HGgc1BvBy8W917CJ326px-pARzyTzXFcpJ8TA3psJxbpQLnXS5P8autxfejR5kTOYXpYs7i8FMCvEVnVr_og0h7Oblyd9zJe6ieyxzrWz-Va10Hp2Emr20qZf9R1cLLKAGbNVGFAFJ9DIyddymP8tMzsNn-yilE',
};
