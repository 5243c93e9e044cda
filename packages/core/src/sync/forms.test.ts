import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { FORMS, type Forms, formOf } from '../forms/forms.ts';
import type { StreamName } from '../ids.ts';
import { createMemoryDisk, createMemoryStore } from '../testing/memory-store.ts';
import { createMemoryTabs } from '../testing/memory-tabs.ts';
import { createTestClock } from '../testing/test-clock.ts';
import { expectOk } from '../testing/test-space.ts';
import { createOpenDocs } from './open-docs.ts';
import { createRecorder } from './recorder.ts';

const FILE = 'file/a' as StreamName;
const log = { info: () => {}, warn: () => {} };
const TEST_FORMS: Forms = {
	...FORMS,
	file: [{ migrate: (doc) => void doc.getMap('meta').set('length', doc.getText('text').length) }],
};

function openDisk(disk = createMemoryDisk(), forms: Forms = TEST_FORMS) {
	const clock = createTestClock();
	const store = createMemoryStore(disk);
	const deps = { clock, store, tabs: createMemoryTabs().open(), log };
	const recorder = createRecorder(deps, () => {});
	return { disk, docs: createOpenDocs({ ...deps, recorder, forms }) };
}

it('a document in an older form is brought up to date when it is opened, on disk and for the relay', async () => {
	const old = openDisk(createMemoryDisk(), FORMS);
	const before = expectOk(await old.docs.open(FILE));
	before.doc.getText('text').insert(0, 'four');
	expectOk(await before.saved());
	await old.docs[Symbol.asyncDispose]();

	const { docs, disk } = openDisk(old.disk);
	const opened = expectOk(await docs.open(FILE));
	expect(opened.doc.getMap('meta').get('length')).toBe(4);
	expectOk(await opened.saved());
	expect(disk.unsealed).toHaveLength(2);
	expect(disk.docs.get(FILE)?.rows).toHaveLength(2);
	await docs[Symbol.asyncDispose]();
});

it('a document in a newer form is shown, and what is typed into it is refused with a sentence', async () => {
	const { docs, disk } = openDisk();
	const opened = expectOk(await docs.open(FILE));
	opened.doc.getText('text').insert(0, 'ours');
	expectOk(await opened.saved());

	// Another device, with a newer build, migrates it meanwhile.
	const newer = new Y.Doc();
	Y.applyUpdate(newer, Y.encodeStateAsUpdate(opened.doc));
	newer.getMap('form').set('form', 3);
	docs.deliver(FILE, [Y.encodeStateAsUpdate(newer)]);
	expect(formOf(opened.doc)).toBe(3);
	expect(opened.doc.getText('text').toString()).toBe('ours');

	const rows = disk.unsealed.length;
	opened.doc.getText('text').insert(0, 'spoilt ');
	expect(await opened.saved()).toMatchObject({ error: { type: 'StoreUnavailable' } });
	expect(disk.unsealed).toHaveLength(rows);
	await docs[Symbol.asyncDispose]();
});
