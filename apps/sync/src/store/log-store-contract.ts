import { createHash } from 'node:crypto';
import { utf8 } from '@pocketeer/core/bytes';
import type { EntryId, SpaceId, StreamId } from '@pocketeer/core/ids';
import { emptyChain, nextChain } from '@pocketeer/core/protocol/chain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AppendRequest, LogStore } from './log-store.ts';

/** A store under test; `reopen` closes it and opens it again on what is on disk. */
export interface LogStoreUnderTest extends Disposable {
	readonly store: LogStore;
	reopen(): LogStore;
}

/** What every adapter of the log must do. `open` gives an empty store with room for `quotaBytes` per space. */
export function describeLogStore(name: string, open: (options: { quotaBytes?: number }) => LogStoreUnderTest): void {
	const space = 'space' as SpaceId;
	const stream = 'stream' as StreamId;
	const request = (id: string, entry = id, at = { space, stream }): AppendRequest => ({
		...at,
		id: id as EntryId,
		entry: utf8(entry),
	});
	const readAll = async (store: LogStore, after = 0) => {
		const { items } = await store.read({ space, stream, after, maxBytes: 1e9 });
		return items.map(({ seq, id, entry }) => `${seq} ${id} ${new TextDecoder().decode(entry)}`);
	};

	describe(`${name} as a log store`, () => {
		test('numbers entries from 1 without gaps, per space and stream', async () => {
			using under = open({});
			const other = { space: 'other' as SpaceId, stream };
			const outcomes = await under.store.append([request('a'), request('b', 'b', other), request('c')]);
			expect(outcomes.map((outcome) => outcome.type === 'kept' && outcome.seq)).toEqual([1, 1, 2]);
			expect(await readAll(under.store)).toEqual(['1 a a', '2 c c']);
		});

		test('[R6] a repeated id is answered with its first number and stores nothing, within one batch and later', async () => {
			using under = open({});
			const first = await under.store.append([request('a', 'one'), request('a', 'two')]);
			const again = await under.store.append([request('b'), request('a', 'three')]);
			expect([...first, ...again]).toEqual([
				{ type: 'kept', seq: 1, isNew: true },
				{ type: 'kept', seq: 1, isNew: false },
				{ type: 'kept', seq: 2, isNew: true },
				{ type: 'kept', seq: 1, isNew: false },
			]);
			expect(await readAll(under.store)).toEqual(['1 a one', '2 b b']);
		});

		test('[R2] a number is not given again after a restart', async () => {
			using under = open({});
			await under.store.append([request('a'), request('b')]);
			const store = under.reopen();
			expect(await store.append([request('c')])).toEqual([{ type: 'kept', seq: 3, isNew: true }]);
			expect(await readAll(store)).toEqual(['1 a a', '2 b b', '3 c c']);
		});

		test('the chain is the rolling hash of the entries, and ends where the log ends', async () => {
			using under = open({});
			await under.store.append([request('a', 'one')]);
			await under.store.append([request('b', 'two')]);
			const one = await nextChain(emptyChain(), utf8('one'));
			const two = await nextChain(one, utf8('two'));
			const chainAt = (seq: number) => under.store.chainAt({ space, stream, seq });
			expect(await chainAt(0)).toEqual(emptyChain());
			expect(await chainAt(1)).toEqual(one);
			expect(await chainAt(2)).toEqual(two);
			expect(await chainAt(3)).toBeUndefined();
			expect(await under.store.chainAt({ space, stream: 'none' as StreamId, seq: 1 })).toBeUndefined();
		});

		test('reads as much as fits, and one entry at least', async () => {
			using under = open({});
			await under.store.append([request('a', 'x'.repeat(10)), request('b', 'y'.repeat(10)), request('c', 'z')]);
			const read = (after: number, maxBytes: number) => under.store.read({ space, stream, after, maxBytes });
			expect((await read(0, 20)).items.map(({ seq }) => seq)).toEqual([1, 2]);
			expect((await read(0, 1)).items.map(({ seq }) => seq)).toEqual([1]);
			expect((await read(1, 1e6)).items.map(({ seq }) => seq)).toEqual([2, 3]);
			expect((await read(1, 1)).chain).toEqual(await under.store.chainAt({ space, stream, seq: 2 }));
			expect(await read(3, 1e6)).toEqual({ items: [], chain: undefined });
		});

		test('an entry over the quota is refused with those behind it on its stream; the rest of the batch is kept', async () => {
			using under = open({ quotaBytes: 1_000 });
			const elsewhere = { space, stream: 'elsewhere' as StreamId };
			const outcomes = await under.store.append([
				request('a'),
				request('b', 'x'.repeat(2_000)),
				request('c'),
				request('d', 'd', elsewhere),
				request('a'),
			]);
			expect(outcomes.map(({ type }) => type)).toEqual(['kept', 'quota', 'quota', 'kept', 'kept']);
			expect(await readAll(under.store)).toEqual(['1 a a']);
			const other = { space: 'other' as SpaceId, stream };
			expect((await under.store.append([request('d', 'd', other)]))[0]?.type).toBe('kept');
		});

		test('whatever is appended in whatever batches, the log is the distinct entries in order', async () => {
			const ids = fc.array(fc.constantFrom(...'abcdefghij'), { maxLength: 6 });
			await fc.assert(
				fc.asyncProperty(fc.array(ids, { maxLength: 8 }), async (batches) => {
					using under = open({});
					for (const batch of batches) await under.store.append(batch.map((id) => request(id)));
					const distinct = [...new Set(batches.flat())];
					expect(await readAll(under.store)).toEqual(distinct.map((id, index) => `${index + 1} ${id} ${id}`));
					let chain = new Uint8Array(32);
					const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
					for (const id of distinct) chain = new Uint8Array(sha256(Buffer.concat([chain, sha256(utf8(id))])));
					expect(await under.store.chainAt({ space, stream, seq: distinct.length })).toEqual(chain);
				}),
				{ numRuns: 40 },
			);
		});
	});
}
