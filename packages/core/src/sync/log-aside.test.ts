import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { Bytes } from '../bytes.ts';
import type { EntryId } from '../ids.ts';
import { createLogAside } from './log-aside.ts';

const POSITION = { seq: 1, chain: new Uint8Array(32), tails: {} };

describe('[SY13] a document and a log of other content', () => {
	it('lack nothing of each other when they are the same', () => {
		const updates = edits((text) => {
			text.insert(0, 'hello');
			text.delete(1, 2);
		});
		expect(compare(updates, updates)).toEqual({ fresh: undefined, lacking: undefined });
		expect(compare([], [])).toEqual({ fresh: undefined, lacking: undefined });
	});

	it('a deletion alone is lacking, though no state vector shows it', () => {
		const updates = edits(
			(text) => text.insert(0, 'hello'),
			(text) => text.delete(1, 3),
		);
		const { fresh, lacking } = compare(updates, updates.slice(0, 1));
		expect(fresh).toBeUndefined();
		expect(textOf([...updates.slice(0, 1), ...some(lacking)])).toBe('ho');
		expect(compare(updates.slice(0, 1), updates)).toMatchObject({ lacking: undefined, fresh: expect.any(Uint8Array) });
	});

	it('changes that wait for others are lacking too', () => {
		const [first, second, third] = edits(
			(text) => text.insert(0, 'a'),
			(text) => text.insert(1, 'b'),
			(text) => text.insert(2, 'c'),
		);
		if (!first || !second || !third) throw new Error('no edits');
		const { lacking } = compare([first, third], [first]);
		expect(textOf([first, ...some(lacking), second])).toBe('abc');
	});

	it('have everything when each gets what it lacks', () => {
		const edit = fc.record({ at: fc.nat(30), insert: fc.string({ maxLength: 4 }), erase: fc.nat(3), by: fc.nat(2) });
		fc.assert(
			fc.property(fc.array(edit, { maxLength: 30 }), fc.infiniteStream(fc.nat(3)), (all, where) => {
				const authors = [0, 1, 2].map(() => new Y.Doc());
				const updates: Bytes[] = [];
				for (const author of authors) author.on('update', (update) => updates.push(new Uint8Array(update)));
				for (const { at, insert, erase, by } of all) {
					const text = authors[by]?.getText('t');
					if (!text) continue;
					text.insert(Math.min(at, text.length), insert);
					text.delete(Math.min(at, text.length), Math.min(erase, text.length - Math.min(at, text.length)));
				}
				const [ours, log]: [Bytes[], Bytes[]] = [[], []];
				for (const update of updates) {
					const to = where.next().value ?? 0;
					if (to !== 1) ours.push(update);
					if (to !== 2) log.push(update);
				}
				const { fresh, lacking } = compare(ours, log);
				const whole = textOf(updates);
				expect(textOf([...ours, ...some(fresh)])).toBe(whole);
				expect(textOf([...log, ...some(lacking)])).toBe(whole);
				const done = compare([...ours, ...some(fresh)], [...log, ...some(lacking)]);
				expect(done).toEqual({ fresh: undefined, lacking: undefined });
			}),
		);
	});
});

function compare(ours: readonly Bytes[], log: readonly Bytes[]) {
	const aside = createLogAside();
	aside.take(log.map((payload) => ({ id: 'E'.repeat(22) as EntryId, payload, position: POSITION })));
	const [snapshot, ...updates] = ours;
	return aside.compare({
		snapshot: snapshot && new Uint8Array(Y.convertUpdateFormatV1ToV2(snapshot)),
		updates,
		through: 1,
	});
}

function edits(...steps: readonly ((text: Y.Text) => void)[]): readonly Bytes[] {
	const doc = new Y.Doc();
	const updates: Bytes[] = [];
	doc.on('update', (update) => updates.push(new Uint8Array(update)));
	for (const step of steps) doc.transact(() => step(doc.getText('t')));
	return updates;
}

function textOf(updates: readonly Bytes[]): string {
	const doc = new Y.Doc();
	for (const update of updates) Y.applyUpdate(doc, update);
	return doc.getText('t').toString();
}

function some<T>(value: T | undefined): readonly T[] {
	return value === undefined ? [] : [value];
}
