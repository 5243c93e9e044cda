import { createHash } from 'node:crypto';
import { toBase64Url, utf8 } from '@pocketeer/core/bytes';
import type { EntryId, SnapshotId, SpaceId, StreamId } from '@pocketeer/core/ids';
import { emptyChain, nextChain } from '@pocketeer/core/protocol/chain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AppendRequest, LogStore } from './log-store.ts';

/** A store under test; `reopen` closes it and opens it again on what is on disk. */
export interface LogStoreUnderTest extends Disposable {
	readonly store: LogStore;
	reopen(): LogStore;
	/** Marks a space as deleted, as a statement of deletion does. */
	deleted(space: SpaceId): Promise<void>;
}
export type OpenLogStore = (options: { quotaBytes?: number }) => LogStoreUnderTest;

/** An id made of a short text. */
export function idFrom<Id extends string>(text: string): Id {
	const bytes = new Uint8Array(16);
	bytes.set(utf8(text));
	return toBase64Url(bytes) as Id;
}

export const space = idFrom<SpaceId>('space');
const stream = idFrom<StreamId>('stream');
export const place = { space, stream };

/** Appends an entry, by default to the one stream, with its id as its text. */
export function request(id: string, entry = id, at = place): AppendRequest {
	return { ...at, id: idFrom<EntryId>(id), entry: utf8(entry) };
}

export async function readAll(store: LogStore, after = 0): Promise<readonly string[]> {
	const { items } = await store.read({ ...place, after, maxBytes: 1e9 });
	return items.map(({ seq, entry }) => `${seq} ${new TextDecoder().decode(entry)}`);
}

/** What every adapter of the log must do. `open` gives an empty store with room for `quotaBytes` per space. */
export function describeLogStore(name: string, open: OpenLogStore): void {
	describe(`${name} as a log store`, () => {
		test('numbers entries from 1 without gaps, per space and stream', async () => {
			using under = open({});
			const other = { space: idFrom<SpaceId>('other'), stream };
			const outcomes = await under.store.append([request('a'), request('b', 'b', other), request('c')], 0);
			expect(outcomes.map((outcome) => outcome.type === 'kept' && outcome.seq)).toEqual([1, 1, 2]);
			expect(await readAll(under.store)).toEqual(['1 a', '2 c']);
		});

		test('[R6] a repeated id is answered with its first number and stores nothing, within one batch and later', async () => {
			using under = open({});
			const first = await under.store.append([request('a', 'one'), request('a', 'two')], 0);
			const again = await under.store.append([request('b'), request('a', 'three')], 0);
			expect([...first, ...again]).toEqual([
				{ type: 'kept', seq: 1, isNew: true, change: 1 },
				{ type: 'kept', seq: 1, isNew: false, change: 1 },
				{ type: 'kept', seq: 2, isNew: true, change: 2 },
				{ type: 'kept', seq: 1, isNew: false, change: 2 },
			]);
			expect(await readAll(under.store)).toEqual(['1 one', '2 b']);
		});

		test('[R2] a number is not given again after a restart', async () => {
			using under = open({});
			await under.store.append([request('a'), request('b')], 0);
			const store = under.reopen();
			expect(await store.append([request('c')], 0)).toEqual([{ type: 'kept', seq: 3, isNew: true, change: 2 }]);
			expect(await readAll(store)).toEqual(['1 a', '2 b', '3 c']);
		});

		test('the chain is the rolling hash of the entries, and ends where the log ends', async () => {
			using under = open({});
			await under.store.append([request('a', 'one')], 0);
			await under.store.append([request('b', 'two')], 0);
			const one = await nextChain(emptyChain(), utf8('one'));
			const two = await nextChain(one, utf8('two'));
			const look = (seq: number) => under.store.look({ ...place, seq });
			expect(await look(0)).toMatchObject({ chain: emptyChain(), bytes: 0 });
			expect(await look(1)).toMatchObject({ chain: one, bytes: 3 });
			expect(await look(2)).toMatchObject({ chain: two, bytes: 6, head: { seq: 2, chain: two, bytes: 6 } });
			expect(await look(3)).toBeUndefined();
			const nowhere = { space, stream: idFrom<StreamId>('none') };
			expect(await under.store.look({ ...nowhere, seq: 1 })).toBeUndefined();
			expect(await under.store.look({ ...nowhere, seq: 0 })).toMatchObject({ head: { seq: 0, covered: 0 } });
		});

		test('reads as much as fits, and one entry at least', async () => {
			using under = open({});
			await under.store.append([request('a', 'x'.repeat(10)), request('b', 'y'.repeat(10)), request('c', 'z')], 0);
			const read = (after: number, maxBytes: number) => under.store.read({ ...place, after, maxBytes });
			expect((await read(0, 20)).items.map(({ seq }) => seq)).toEqual([1, 2]);
			expect((await read(0, 1)).items).toEqual([
				{ seq: 1, id: idFrom('a'), entry: new Uint8Array(10).fill('x'.charCodeAt(0)) },
			]);
			expect((await read(1, 1e6)).items.map(({ seq }) => seq)).toEqual([2, 3]);
			expect(await read(3, 1e6)).toMatchObject({ items: [], isPruned: false, head: { seq: 3 } });
		});

		test('an entry over the quota is refused with those behind it on its stream; the rest of the batch is kept', async () => {
			using under = open({ quotaBytes: 1_000 });
			const elsewhere = { space, stream: idFrom<StreamId>('elsewhere') };
			const outcomes = await under.store.append(
				[request('a'), request('b', 'x'.repeat(2_000)), request('c'), request('d', 'd', elsewhere), request('a')],
				0,
			);
			expect(outcomes.map(({ type }) => type)).toEqual(['kept', 'quota', 'quota', 'kept', 'kept']);
			expect(await readAll(under.store)).toEqual(['1 a']);
			const other = { space: idFrom<SpaceId>('other'), stream };
			expect((await under.store.append([request('d', 'd', other)], 0))[0]?.type).toBe('kept');
		});

		test('what a space keeps is counted, and counted on after a restart', async () => {
			using under = open({ quotaBytes: 1_000 });
			expect(await under.store.usage(space)).toEqual({ usedBytes: 0, limitBytes: 1_000 });
			await under.store.append([request('a'), request('b', 'xyz')], 0);
			const used = await under.store.usage(space);
			expect(used.usedBytes).toBeGreaterThan(4);
			expect(await under.reopen().usage(space)).toEqual(used);
		});

		test('[SY11] the streams that moved since a count are named with their newest number', async () => {
			using under = open({});
			const other = idFrom<StreamId>('other');
			const toOther = (id: string) => request(id, id, { space, stream: other });
			await under.store.append([request('a'), toOther('b'), request('c')], 0);
			expect(await under.store.moved(space, 0)).toMatchObject({ change: 2 });
			expect((await under.store.moved(space, 0)).heads).toEqual([
				{ stream, seq: 2 },
				{ stream: other, seq: 1 },
			]);
			await under.store.append([toOther('d'), request('a')], 0);
			expect(await under.store.moved(space, 2)).toEqual({ change: 3, heads: [{ stream: other, seq: 2 }] });
			expect(await under.store.moved(space, 3)).toEqual({ change: 3, heads: [] });
			expect(await under.store.moved(idFrom('nobody'), 0)).toEqual({ change: 0, heads: [] });
			expect(await under.reopen().moved(space, 2)).toEqual({ change: 3, heads: [{ stream: other, seq: 2 }] });
		});

		test('a deleted space leaves nothing, takes nothing, and others keep theirs', async () => {
			using under = open({});
			const other = { space: idFrom<SpaceId>('other'), stream };
			await under.store.append([request('a'), request('b', 'b', other)], 0);
			const { chain } = (await under.store.look({ ...place, seq: 1 })) ?? { chain: emptyChain() };
			const start = await under.store.beginUpload({
				...place,
				id: idFrom<SnapshotId>('s'),
				covers: 1,
				chain,
				count: 1,
			});
			if (start.type !== 'begun') throw new Error(start.type);
			await under.store.addPart(start.upload, 0, utf8('part'));
			await under.store.finishUpload(start.upload, 0);
			await under.deleted(space);
			await under.store.deleteSpace(space);
			const store = under.reopen();
			expect(await readAll(store)).toEqual([]);
			expect(await store.snapshot(place)).toBeUndefined();
			expect((await store.usage(space)).usedBytes).toBe(0);
			expect(await store.moved(space, 0)).toEqual({ change: 0, heads: [] });
			expect(await store.append([request('a')], 0)).toEqual([{ type: 'deleted' }]);
			expect(await store.look({ ...other, seq: 1 })).toMatchObject({ head: { seq: 1 } });
			await store.deleteSpace(space);
		});

		test('whatever is appended in whatever batches, the log is the distinct entries in order', async () => {
			const ids = fc.array(fc.constantFrom(...'abcdefghij'), { maxLength: 6 });
			await fc.assert(
				fc.asyncProperty(fc.array(ids, { maxLength: 8 }), async (batches) => {
					using under = open({});
					for (const batch of batches)
						await under.store.append(
							batch.map((id) => request(id)),
							0,
						);
					const distinct = [...new Set(batches.flat())];
					expect(await readAll(under.store)).toEqual(distinct.map((id, index) => `${index + 1} ${id}`));
					let chain = new Uint8Array(32);
					const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
					for (const id of distinct) chain = new Uint8Array(sha256(Buffer.concat([chain, sha256(utf8(id))])));
					expect((await under.store.look({ ...place, seq: distinct.length }))?.chain).toEqual(chain);
				}),
				{ numRuns: 40 },
			);
		});
	});
}
