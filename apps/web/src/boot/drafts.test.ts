import type { BlobId } from '@pocketeer/core/ids';
import { err, ok } from '@pocketeer/core/result';
import { createTestClock } from '@pocketeer/core/testing/test-clock';
import { expect, it } from 'vitest';
import 'fake-indexeddb/auto';
import { createDexieStore } from '../platform/dexie-store.ts';
import { createDrafts, type LastChance } from './drafts.ts';

let count = 0;

async function setUp() {
	const name = `drafts-${count++}`;
	const opened = await createDexieStore(name);
	if (!opened.ok) throw new Error(opened.error.type);
	const store = opened.value;
	const clock = createTestClock();
	const texts = new Map<string, string>();
	const lastChance: LastChance = {
		read: (key) => texts.get(key) ?? null,
		write: (key, text) => void texts.set(key, text),
		remove: (key) => void texts.delete(key),
	};
	return { name, store, clock, texts, lastChance };
}

it('has a draft on disk within half a second, though the person types on', async () => {
	const { store, clock, lastChance } = await setUp();
	const drafts = createDrafts({ store, clock, lastChance });
	for (let key = 1; key <= 6; key += 1) {
		drafts.write('kitchen', 'x'.repeat(key));
		await clock.advance(80);
	}
	await expect.poll(() => store.value('draft/kitchen')).toEqual(ok('xxxx'));
});

it('reads back what was typed, before and after it is on disk, and in the next start', async () => {
	const { store, clock, lastChance } = await setUp();
	const drafts = createDrafts({ store, clock, lastChance });
	drafts.write('kitchen', 'pasta');
	expect(await drafts.read('kitchen')).toBe('pasta');
	await clock.advance(300);
	await expect.poll(() => store.value('draft/kitchen')).toEqual(ok('pasta'));
	const next = createDrafts({ store, clock, lastChance });
	expect(await next.read('kitchen')).toBe('pasta');
	expect(await next.read('garden')).toBe('');
});

it('survives a page that is killed right after it hid', async () => {
	const { store, clock, lastChance, texts } = await setUp();
	const dead = { ...store, putValues: () => new Promise<never>(() => undefined) };
	const drafts = createDrafts({ store: dead, clock, lastChance });
	drafts.write('kitchen', 'half a sen');
	drafts.flush();
	const next = createDrafts({ store, clock, lastChance });
	expect(await next.read('kitchen')).toBe('half a sen');
	next.write('kitchen', 'half a sentence');
	await clock.advance(300);
	await expect.poll(() => texts.size).toBe(0);
	expect(await store.value('draft/kitchen')).toEqual(ok('half a sentence'));
});

it('falls back to the small store when the database is full', async () => {
	const { store, clock, lastChance, texts } = await setUp();
	const full = { ...store, putValues: async () => err({ type: 'QuotaExceeded' }) };
	const drafts = createDrafts({ store: full, clock, lastChance });
	drafts.write('kitchen', 'kept all the same');
	await clock.advance(300);
	expect(texts.get('draft/kitchen')).toBe('kept all the same');
	expect(await createDrafts({ store, clock, lastChance }).read('kitchen')).toBe('kept all the same');
});

it('forgets the draft of a message that was sent', async () => {
	const { store, clock, lastChance } = await setUp();
	const drafts = createDrafts({ store, clock, lastChance });
	drafts.write('kitchen', 'pasta');
	await clock.advance(300);
	await expect.poll(() => store.value('draft/kitchen')).toEqual(ok('pasta'));
	drafts.write('kitchen', '');
	await clock.advance(300);
	await expect.poll(() => store.value('draft/kitchen')).toEqual(ok(undefined));
});

it('keeps what was attached as long as the message is not sent', async () => {
	const { store, clock, lastChance } = await setUp();
	const photo = { blob: 'b' as BlobId, name: 'beach.png', mediaType: 'image/png', sizeBytes: 9 };
	const drafts = createDrafts({ store, clock, lastChance });
	drafts.writeFiles('kitchen', [photo]);
	await expect.poll(() => createDrafts({ store, clock, lastChance }).readFiles('kitchen')).toEqual([photo]);
	expect(await drafts.read('kitchen')).toBe('');
	expect(await drafts.readFiles('garden')).toEqual([]);
	drafts.writeFiles('kitchen', []);
	await expect.poll(() => drafts.readFiles('kitchen')).toEqual([]);
});
