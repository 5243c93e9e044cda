import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { StreamName } from '../ids.ts';
import type { Store } from '../ports/store.ts';
import { createRecorder } from '../sync/recorder.ts';
import { createMemoryDisk, createMemoryStore, type MemoryDisk, type MemoryStore } from '../testing/memory-store.ts';
import { createTestClock } from '../testing/test-clock.ts';
import { expectError, expectOk } from '../testing/test-space.ts';
import { bringUpToDate, copyKey, type DocumentCopy } from './bring-up-to-date.ts';
import { FORMS, type Forms, formOf, isNewerForm, putForm } from './forms.ts';

const HOME = 'home' as StreamName;
const log = { info: () => {}, warn: () => {} };

/** A kind that renames a map and spells its values differently: nothing the app has, everything a migration needs. */
const TEST_FORMS: Forms = {
	...FORMS,
	home: [
		{
			migrate(doc) {
				for (const [key, value] of doc.getMap('name')) doc.getMap('title').set(key, String(value).toUpperCase());
			},
			hasLate: (doc) => [...doc.getMap('name').keys()].some((key) => !doc.getMap('title').has(key)),
		},
		{
			migrate(doc) {
				doc.getMap('count').set('titles', doc.getMap('title').size);
			},
		},
	],
};

describe('bringing a document up to date', () => {
	it('runs every step once, in order, and keeps the document as it was before each', async () => {
		const disk = await diskWith({ a: 'apple' });
		const { doc } = expectOk(await load(disk));
		expect(formOf(doc)).toBe(3);
		expect(doc.getMap('title').toJSON()).toEqual({ a: 'APPLE' });
		expect(doc.getMap('count').toJSON()).toEqual({ titles: 1 });
		expect(copyOf(disk, 1).getMap('title').size).toBe(0);
		expect(formOf(copyOf(disk, 2))).toBe(2);

		const rows = disk.docs.get(HOME)?.rows.length;
		const again = expectOk(await load(disk));
		expect(formOf(again.doc)).toBe(3);
		expect(disk.docs.get(HOME)?.rows.length).toBe(rows);
		// It goes to the other devices as any change made here.
		expect(disk.unsealed.length).toBeGreaterThan(1);
	});

	it('leaves alone what is of the newest form, of a newer one, or empty', async () => {
		const today = await diskWith({ a: 'apple' });
		expect(formOf(expectOk(await load(today, FORMS)).doc)).toBe(1);
		expect([...today.values.keys()]).toEqual([]);

		const newer = await diskWith({ a: 'apple' }, 4);
		const { doc } = expectOk(await load(newer));
		expect(isNewerForm(HOME, doc, TEST_FORMS)).toBe(true);
		expect(doc.getMap('title').size).toBe(0);
		expect([...newer.values.keys()]).toEqual([]);

		// Its contents, in whatever form, may be on their way.
		const empty = expectOk(await load(createMemoryDisk()));
		expect(formOf(empty.doc)).toBe(1);
	});

	it('takes a form that is no number for a newer one', () => {
		const doc = new Y.Doc();
		doc.getMap('form').set('form', 'crystal');
		expect(isNewerForm(HOME, doc)).toBe(true);
	});

	it('changes nothing, and does not open, when there is no room for the copy', async () => {
		const disk = await diskWith({ a: 'apple' });
		const store = createMemoryStore(disk);
		store.faults.isFull = true;
		expect(expectError(await load(disk, TEST_FORMS, store))).toEqual({ type: 'QuotaExceeded' });
		expect(disk.docs.get(HOME)?.rows).toHaveLength(1);
		expect(disk.unsealed).toHaveLength(1);
	});

	it.each([
		['putValues', 'before'],
		['putValues', 'after'],
		['appendLocal', 'before'],
		['appendLocal', 'after'],
	] as const)(
		'has document and copy when the process dies at %s, %s it is on disk, and does it again',
		async (method, when) => {
			const disk = await diskWith({ a: 'apple' });
			const dying = createMemoryStore(disk);
			dying.faults.dieAt = { method, when };
			const finished = await Promise.race([load(disk, TEST_FORMS, dying).then(() => true), pause(() => dying.isDead)]);
			if (finished && !dying.isDead) throw new Error('it did not die');

			const { doc } = expectOk(await load(disk));
			expect(doc.getMap('name').toJSON()).toEqual({ a: 'apple' });
			expect(doc.getMap('title').toJSON()).toEqual({ a: 'APPLE' });
			expect(formOf(doc)).toBe(3);
			expect(copyOf(disk, 1).getMap('name').toJSON()).toEqual({ a: 'apple' });
		},
	);

	it('gives the very same items on two devices that migrate the same state while apart', async () => {
		const [one, two] = [await diskWith({ a: 'apple', b: 'pear' }), await diskWith({ a: 'apple', b: 'pear' })];
		const [a, b] = [expectOk(await load(one)).doc, expectOk(await load(two)).doc];
		expect(Y.encodeSnapshot(Y.snapshot(a))).toEqual(Y.encodeSnapshot(Y.snapshot(b)));
		const state = Y.encodeStateVector(a);
		Y.applyUpdate(a, Y.encodeStateAsUpdate(b));
		expect(Y.encodeStateVector(a)).toEqual(state);
	});

	it('converges when two devices migrate different states while apart, and takes over what came late', async () => {
		const shared = await diskWith({ a: 'apple' });
		const other = structuredClone(shared);
		await edit(other, (doc) => doc.getMap('name').set('b', 'pear'));
		const [a, b] = [expectOk(await load(shared)).doc, expectOk(await load(other)).doc];
		exchange(a, b);
		expect(a.getMap('title').toJSON()).toEqual({ a: 'APPLE', b: 'PEAR' });
		expect(b.getMap('title').toJSON()).toEqual(a.getMap('title').toJSON());
		expect(b.getMap('count').toJSON()).toEqual(a.getMap('count').toJSON());

		// A third device, offline and of an older build, wrote in the old form meanwhile.
		const old = new Y.Doc();
		old.getMap('name').set('c', 'plum');
		const late = structuredClone(shared);
		const store = createMemoryStore(late);
		await store.appendLocal([{ stream: HOME, update: new Uint8Array(Y.encodeStateAsUpdate(old)) }]);
		const { doc } = expectOk(await load(late));
		expect(doc.getMap('title').toJSON()).toMatchObject({ a: 'APPLE', c: 'PLUM' });
		expect(formOf(doc)).toBe(3);
		// The copy of the old document is still the old document.
		expect(copyOf(late, 1).getMap('name').toJSON()).toEqual({ a: 'apple' });
	});
});

/** What the sync client does when a document is opened. */
async function load(disk: MemoryDisk, forms: Forms = TEST_FORMS, store: MemoryStore = createMemoryStore(disk)) {
	const clock = createTestClock();
	const recorder = createRecorder({ store, clock, log }, () => {});
	const doc = await read(store);
	const done = await bringUpToDate({ store, clock, recorder, forms }, HOME, doc);
	if (!done.ok) return done;
	const saved = await recorder.settled();
	return saved.ok ? { ok: true as const, value: { doc } } : saved;
}

async function read(store: Store): Promise<Y.Doc> {
	const { snapshot, updates } = expectOk(await store.loadDoc(HOME));
	const doc = new Y.Doc();
	if (snapshot) Y.applyUpdateV2(doc, snapshot);
	for (const update of updates) Y.applyUpdate(doc, update);
	return doc;
}

async function diskWith(names: Readonly<Record<string, string>>, form = 1): Promise<MemoryDisk> {
	const disk = createMemoryDisk();
	await edit(disk, (doc) => {
		doc.clientID = 5;
		for (const [key, value] of Object.entries(names)) doc.getMap('name').set(key, value);
		putForm(doc, form);
	});
	return disk;
}

async function edit(disk: MemoryDisk, change: (doc: Y.Doc) => void): Promise<void> {
	const store = createMemoryStore(disk);
	const doc = await read(store);
	const before = Y.encodeStateVector(doc);
	doc.transact(() => change(doc));
	const update = new Uint8Array(Y.encodeStateAsUpdate(doc, before));
	expectOk(await store.appendLocal([{ stream: HOME, update }]));
}

function copyOf(disk: MemoryDisk, form: number): Y.Doc {
	// Put there by `bringUpToDate`.
	const copy = disk.values.get(copyKey(HOME, form)) as DocumentCopy;
	const doc = new Y.Doc();
	Y.applyUpdateV2(doc, copy.update);
	return doc;
}

function exchange(a: Y.Doc, b: Y.Doc): void {
	Y.applyUpdate(a, Y.encodeStateAsUpdate(b));
	Y.applyUpdate(b, Y.encodeStateAsUpdate(a));
}

async function pause(isOver: () => boolean): Promise<boolean> {
	while (!isOver()) await new Promise((resolve) => setImmediate(resolve));
	return false;
}
