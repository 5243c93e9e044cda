import { type Bytes, utf8 } from '@pocketeer/core/bytes';
import type { SnapshotId } from '@pocketeer/core/ids';
import { emptyChain } from '@pocketeer/core/protocol/chain';
import { describe, expect, test } from 'vitest';
import type { LogStore, SnapshotEnd, UploadStart } from './log-store.ts';
import { idFrom, type OpenLogStore, place, readAll, request, space } from './log-store-contract.ts';

const DAY_MS = 24 * 60 * 60_000;

/** What every adapter of the log must do with snapshots and with what they make superfluous. */
export function describeSnapshots(name: string, open: OpenLogStore): void {
	const chainAt = async (store: LogStore, seq: number) => (await store.look({ ...place, seq }))?.chain ?? emptyChain();
	const begin = async (store: LogStore, id: string, covers: number, count = 1, chain?: Bytes): Promise<UploadStart> =>
		store.beginUpload({
			...place,
			id: idFrom<SnapshotId>(id),
			covers,
			chain: chain ?? (await chainAt(store, covers)),
			count,
		});
	/** Uploads a snapshot that is its id, in one part. */
	const upload = async (store: LogStore, id: string, covers: number): Promise<UploadStart | SnapshotEnd> => {
		const start = await begin(store, id, covers);
		if (start.type !== 'begun') return start;
		await store.addPart(start.upload, 0, utf8(id));
		return store.finishUpload(start.upload, 0);
	};
	const part = async (store: LogStore, id: string, index = 0) => {
		const bytes = await store.snapshotPart({ ...place, id: idFrom<SnapshotId>(id), index });
		return bytes && new TextDecoder().decode(bytes);
	};
	const append = (store: LogStore, ids: string, now = 0) =>
		store.append(
			[...ids].map((id) => request(id)),
			now,
		);
	const head = async (store: LogStore) => (await store.look({ ...place, seq: 0 }))?.head;

	describe(`${name} as a store of snapshots`, () => {
		test('a snapshot counts once its last part is there, and is there after a restart', async () => {
			using under = open({});
			await append(under.store, 'abc');
			const start = await begin(under.store, 's', 2, 2);
			if (start.type !== 'begun') throw new Error(start.type);
			expect(await under.store.addPart(start.upload, 0, utf8('one'))).toBe(true);
			expect(await under.store.finishUpload(start.upload, 0)).toEqual({ type: 'gone' });
			expect(await under.store.snapshot(place)).toBeUndefined();
			expect(await part(under.store, 's')).toBeUndefined();
			await under.store.addPart(start.upload, 1, utf8('two'));
			expect(await under.store.finishUpload(start.upload, 0)).toEqual({ type: 'kept' });
			for (const again of [() => under.store, () => under.reopen()]) {
				const store = again();
				const chain = await chainAt(store, 2);
				expect(await store.snapshot(place)).toEqual({ id: idFrom('s'), covers: 2, chain, count: 2 });
				expect([await part(store, 's', 0), await part(store, 's', 1)]).toEqual(['one', 'two']);
				expect(await head(store)).toMatchObject({ covered: 2, coveredBytes: 2, snapshotBytes: 6, pruned: 0 });
			}
		});

		test('[R3] one that covers no more than the present one is refused, at its start and at its end', async () => {
			using under = open({});
			await append(under.store, 'abc');
			const slow = await begin(under.store, 'slow', 2);
			if (slow.type !== 'begun') throw new Error(slow.type);
			await under.store.addPart(slow.upload, 0, utf8('slow'));
			expect(await upload(under.store, 'first', 2)).toEqual({ type: 'kept' });
			expect(await under.store.finishUpload(slow.upload, 0)).toEqual({ type: 'stale-snapshot' });
			expect(await upload(under.store, 'less', 1)).toEqual({ type: 'stale-snapshot' });
			expect(await upload(under.store, 'same', 2)).toEqual({ type: 'stale-snapshot' });
			expect(await under.store.snapshot(place)).toMatchObject({ id: idFrom('first') });
		});

		test('the present one offered again is there already', async () => {
			using under = open({});
			await append(under.store, 'abc');
			await upload(under.store, 's', 2);
			expect(await begin(under.store, 's', 2)).toEqual({ type: 'kept' });
		});

		test('one of another history, or of more than there is, is refused', async () => {
			using under = open({});
			await append(under.store, 'abc');
			const other = await chainAt(under.store, 1);
			expect(await begin(under.store, 's', 2, 1, other)).toEqual({ type: 'forked' });
			expect(await begin(under.store, 's', 4, 1, other)).toEqual({ type: 'forked' });
			expect(await begin(under.store, 's', 0)).toEqual({ type: 'stale-snapshot' });
		});

		test('parts count against the room of the space, and give it back when they are dropped or lost', async () => {
			using under = open({ quotaBytes: 1_000 });
			await append(under.store, 'abc');
			const before = (await under.store.usage(space)).usedBytes;
			const start = await begin(under.store, 's', 2, 3);
			if (start.type !== 'begun') throw new Error(start.type);
			expect(await under.store.addPart(start.upload, 0, utf8('x'.repeat(300)))).toBe(true);
			expect(await under.store.addPart(start.upload, 1, utf8('x'.repeat(900)))).toBe(false);
			expect((await under.store.usage(space)).usedBytes).toBeGreaterThan(before + 300);
			await under.store.dropUpload(start.upload);
			expect((await under.store.usage(space)).usedBytes).toBe(before);
			expect(await under.store.finishUpload(start.upload, 0)).toEqual({ type: 'gone' });
			const again = await begin(under.store, 's', 2, 3);
			if (again.type !== 'begun') throw new Error(again.type);
			await under.store.addPart(again.upload, 0, utf8('lost'));
			expect((await under.reopen().usage(space)).usedBytes).toBe(before);
		});

		test('parts are taken in order only', async () => {
			using under = open({});
			await append(under.store, 'abc');
			const start = await begin(under.store, 's', 2, 2);
			if (start.type !== 'begun') throw new Error(start.type);
			expect(await under.store.addPart(start.upload, 1, utf8('two'))).toBe(false);
			await under.store.addPart(start.upload, 0, utf8('one'));
			expect(await under.store.addPart(start.upload, 0, utf8('again'))).toBe(false);
		});

		test('[SY17] the last two are kept, and the room of the third newest comes back', async () => {
			using under = open({});
			await append(under.store, 'abcd');
			await upload(under.store, 'one', 1);
			await upload(under.store, 'two', 2);
			const two = (await under.store.usage(space)).usedBytes;
			await upload(under.store, 'six', 3);
			expect((await under.store.usage(space)).usedBytes).toBe(two);
			expect([await part(under.store, 'one'), await part(under.store, 'two'), await part(under.store, 'six')]).toEqual([
				undefined,
				'two',
				'six',
			]);
		});

		test('[SY17] bodies go that the older of two snapshots covers and that are old; numbers, ids and hashes stay', async () => {
			using under = open({});
			await append(under.store, 'abc', 0);
			await append(under.store, 'def', DAY_MS);
			await upload(under.store, 'one', 5);
			const prune = (before: number) => under.store.prune({ before, cursor: undefined });
			expect(await prune(10 * DAY_MS)).toMatchObject({ entries: 0 });
			await upload(under.store, 'two', 6);
			const full = (await under.store.usage(space)).usedBytes;
			expect(await prune(DAY_MS)).toEqual({ entries: 3, bytes: 3, next: undefined });
			expect(await prune(DAY_MS)).toMatchObject({ entries: 0 });
			expect(await prune(2 * DAY_MS)).toMatchObject({ entries: 2, bytes: 2 });
			for (const again of [() => under.store, () => under.reopen()]) {
				const store = again();
				expect((await store.usage(space)).usedBytes).toBe(full - 5);
				expect(await store.read({ ...place, after: 4, maxBytes: 1e6 })).toMatchObject({ items: [], isPruned: true });
				expect(await readAll(store, 5)).toEqual(['6 f']);
				expect(await store.look({ ...place, seq: 3 })).toMatchObject({ bytes: 3, head: { pruned: 5, seq: 6 } });
				expect(await chainAt(store, 3)).not.toEqual(emptyChain());
				expect(await store.append([request('b', 'other')], 0)).toMatchObject([{ seq: 2, isNew: false }]);
				expect(await store.append([request('f')], 0)).toMatchObject([{ seq: 6, isNew: false }]);
			}
		});

		test('[SY17] pruning goes on where a step stopped', async () => {
			using under = open({});
			const batch = Array.from({ length: 2_500 }, (_, index) => request(`e${index}`));
			await under.store.append(batch, 0);
			await upload(under.store, 'one', 2_400);
			await upload(under.store, 'two', 2_500);
			let entries = 0;
			let steps = 0;
			let cursor: number | string | undefined;
			do {
				const step = await under.store.prune({ before: DAY_MS, cursor });
				entries += step.entries;
				steps += 1;
				cursor = step.next;
			} while (cursor !== undefined);
			expect(entries).toBe(2_400);
			expect(steps).toBeGreaterThan(1);
			expect(await readAll(under.store, 2_400)).toHaveLength(100);
		});
	});
}
