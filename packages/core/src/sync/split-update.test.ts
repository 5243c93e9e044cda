import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { Bytes } from '../bytes.ts';
import { splitUpdate } from './split-update.ts';

describe('[SY13] a divided update', () => {
	it('is, put together in any order, what it was', () => {
		const step = fc.record({ at: fc.nat(40), insert: fc.string({ maxLength: 12 }), erase: fc.nat(3), by: fc.nat(2) });
		fc.assert(
			fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 200 }), (steps, bytes) => {
				const update = written(steps);
				const parts = splitUpdate(update, bytes);
				expect(stateOf([...parts].reverse())).toEqual(stateOf([update]));
			}),
		);
	});

	it('keeps changes that wait for others, and all kinds of content', () => {
		const [doc, updates] = [new Y.Doc(), [] as Bytes[]];
		doc.on('update', (update) => updates.push(new Uint8Array(update)));
		doc.getMap('map').set('nested', new Y.Map([['list', new Y.Array()]]));
		doc.getArray('records').push([{ any: [1, 'two', null] }, Uint8Array.of(1, 2, 3)]);
		doc.getText('text').insert(0, 'bold', { bold: true });
		doc.getArray('records').push(['waits']);
		const [first, missing, ...rest] = updates;
		if (!first || !missing) throw new Error('no updates');
		const gapped = new Uint8Array(Y.mergeUpdates([first, ...rest]));
		const parts = splitUpdate(gapped, 10);
		expect(parts.length).toBeGreaterThan(3);
		expect(stateOf([...parts, missing])).toEqual(stateOf(updates));
	});

	it('is of parts near the size asked for', () => {
		const steps = Array.from({ length: 300 }, (_, index) => ({ at: 0, insert: 'word ', erase: 0, by: index % 3 }));
		const update = written(steps);
		const parts = splitUpdate(update, 500);
		expect(parts.length).toBeGreaterThan(update.length / 1000);
		for (const part of parts) expect(part.length).toBeLessThan(1000);
		expect(splitUpdate(update, update.length)).toEqual([update]);
	});

	it('comes apart within what one client wrote in a row, between values and never in the middle of a character', () => {
		const doc = new Y.Doc();
		for (let at = 0; at < 40; at++) doc.getArray('records').push([{ at, text: 'x'.repeat(100) }]);
		doc.getText('text').insert(0, 'a🌍b'.repeat(500));
		doc.getText('text').delete(7, 100);
		const update = new Uint8Array(Y.encodeStateAsUpdate(doc));
		for (const bytes of [1, 64, 333, 1_000]) {
			const parts = splitUpdate(update, bytes);
			for (const part of parts) expect(part.length).toBeLessThan(Math.max(bytes, 130) + 40);
			for (const together of [parts, [...parts].reverse()]) {
				const again = new Y.Doc();
				for (const part of together) Y.applyUpdate(again, part);
				expect(again.getArray('records').toJSON()).toEqual(doc.getArray('records').toJSON());
				expect(again.getText('text').toJSON()).toBe(doc.getText('text').toJSON());
			}
		}
	});
});

interface Step {
	readonly at: number;
	readonly insert: string;
	readonly erase: number;
	readonly by: number;
}

function written(steps: readonly Step[]): Bytes {
	const authors = [0, 1, 2].map((client) => {
		const doc = new Y.Doc();
		doc.clientID = client + 1;
		return doc;
	});
	for (const { at, insert, erase, by } of steps) {
		const author = authors[by];
		if (!author) continue;
		const text = author.getText('text');
		const place = Math.min(at, text.length);
		text.insert(place, insert);
		text.delete(place, Math.min(erase, text.length - place));
		for (const other of authors) if (other !== author) Y.applyUpdate(other, Y.encodeStateAsUpdate(author));
	}
	return new Uint8Array(Y.mergeUpdates(authors.map((author) => Y.encodeStateAsUpdate(author))));
}

function stateOf(updates: readonly Bytes[]) {
	const doc = new Y.Doc();
	for (const update of updates) Y.applyUpdate(doc, update);
	expect(doc.store.pendingStructs).toBeNull();
	const [map, records] = [doc.getMap('map').toJSON(), doc.getArray('records').toJSON()];
	return { text: doc.getText('text').toDelta(), map, records, vector: Y.decodeStateVector(Y.encodeStateVector(doc)) };
}
