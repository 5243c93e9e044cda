import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { type DefaultFile, defaultFiles, defaultText, seedDefault } from './defaults.ts';
import { hashText } from './hash.ts';

function seeded(versions: readonly string[]): Y.Doc {
	const file: DefaultFile = { path: 'SOUL.md', versions };
	const doc = new Y.Doc();
	seedDefault(file, doc);
	return doc;
}
const textOf = (doc: Y.Doc) => doc.getText('text').toString();
function merge(a: Y.Doc, b: Y.Doc): void {
	Y.applyUpdate(a, Y.encodeStateAsUpdate(b));
	Y.applyUpdate(b, Y.encodeStateAsUpdate(a));
}

describe('shipped files', () => {
	test('seeding twice, or on two devices, gives the text once', () => {
		const versions = ['# Soul\n\nBe kind.\n'];
		const a = seeded(versions);
		const b = seeded(versions);
		seedDefault({ path: 'SOUL.md', versions }, a);
		a.getText('text').insert(0, 'A');
		b.getText('text').insert(b.getText('text').length, 'B');
		merge(a, b);
		expect(textOf(a)).toBe('A# Soul\n\nBe kind.\nB');
		expect(textOf(b)).toBe(textOf(a));
	});

	test('devices with different versions of Pocketeer start from the same items', () => {
		const first = ['# Soul\n\nBe kind.\nBe brief.\n'];
		const old = seeded(first);
		const fresh = seeded([...first, '# Soul\n\nBe kind and plain.\nBe brief.\n']);
		old.getText('text').insert(old.getText('text').length, 'Speak Greek.\n');
		merge(old, fresh);
		expect(textOf(old)).toBe('# Soul\n\nBe kind and plain.\nBe brief.\nSpeak Greek.\n');
		expect(textOf(fresh)).toBe(textOf(old));
	});

	test('a text that was released is never changed: add a version instead', () => {
		const hashes = defaultFiles().map((file) => [file.path, ...file.versions.map(hashText)]);
		expect(hashes).toMatchInlineSnapshot(`
			[
			  [
			    "SOUL.md",
			    "5_mMnvIDSR489rf6jQ6vpQ",
			  ],
			  [
			    "PRACTICE.md",
			    "7icaEvyRPejM4Bf6fPP6Gw",
			  ],
			]
		`);
	});

	test('are well formed, end in one line feed, and stay small: every request carries them', () => {
		for (const file of defaultFiles()) {
			const text = defaultText(file);
			expect(text.isWellFormed()).toBe(true);
			expect(text).toMatch(/^# [^\n]+\n\n.*[^\n]\n$/s);
			expect(text.length).toBeLessThan(4_000);
		}
	});
});
