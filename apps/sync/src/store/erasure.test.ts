import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBase64Url } from '@pocketeer/core/bytes';
import type { EntryId, SpaceId, StreamId, WakeId } from '@pocketeer/core/ids';
import { createSeededRandom } from '@pocketeer/core/testing/seeded-random';
import { expect, test } from 'vitest';
import { openDatabase } from './database.ts';
import { createSqliteStores } from './stores.ts';

const idOf = <Id extends string>(byte: number) => toBase64Url(new Uint8Array(16).fill(byte)) as Id;

test('of a space whose rows shared pages with another’s, shreds stay in the gaps until the file is rewritten', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'pocketeer-erasure-'));
	const opened = openDatabase(join(folder, 'relay.sqlite'));
	if (!opened.ok) throw new Error(opened.error.reason);
	const database = opened.value;
	const random = createSeededRandom(1);
	const { logStore, wakeStore } = createSqliteStores({ database, defer: setImmediate });
	const spaces = [idOf<SpaceId>(1), idOf<SpaceId>(2)] as const;
	const marks = [random.bytes(12), random.bytes(12)] as const;
	/** How often a space's mark stands in the files. */
	const found = (index: 0 | 1) => {
		let count = 0;
		for (const name of readdirSync(folder)) {
			const file = readFileSync(join(folder, name));
			for (let at = file.indexOf(marks[index]); at >= 0; at = file.indexOf(marks[index], at + 1)) count++;
		}
		return count;
	};
	const sealed = (index: 0 | 1, length: number) => {
		const bytes = random.bytes(length);
		for (let at = 0; at + 12 <= length; at += 40) bytes.set(marks[index], at);
		return bytes;
	};
	try {
		for (let round = 0; round < 100; round++) {
			const batch = Array.from({ length: 60 }, (_, n) => {
				const index = random.fraction() < 0.5 ? 0 : 1;
				const entry = sealed(index, 20 + Math.floor(random.fraction() ** 3 * 9_000));
				const id = toBase64Url(random.bytes(16)) as EntryId;
				return { space: spaces[index], stream: idOf<StreamId>(10 + (n % 7)), id, entry };
			});
			await logStore.append(batch, round);
			for (const index of [0, 1] as const) {
				const recurrence = { type: 'once', at: 5 } as const;
				const payload = sealed(index, 1_500);
				const wake = { id: idOf<WakeId>(round % 70), revision: round, recurrence, ttlMs: 60_000, payload };
				await wakeStore.put({ space: spaces[index], wake, firstDue: () => 5, limit: 1_000 });
			}
		}
		database.checkpoint();
		expect(found(0)).toBeGreaterThan(1_000);
		await logStore.deleteSpace(spaces[0]);
		await wakeStore.deleteSpace(spaces[0]);
		expect(database.checkpoint()).toBe(true);
		// Should these ever be none, rewriting is for nothing and can go.
		expect(found(0)).toBeGreaterThan(0);
		const others = found(1);
		expect(database.checkpoint({ rewrite: true })).toBe(true);
		expect(found(0)).toBe(0);
		expect(found(1)).toBeGreaterThan(1_000);
		expect(found(1)).toBeLessThanOrEqual(others);
	} finally {
		database[Symbol.dispose]();
		rmSync(folder, { recursive: true });
	}
}, 30_000);
