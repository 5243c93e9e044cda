import { expect, test } from 'vitest';
import { createTestSpace } from '../testing/test-space.ts';

test('five thousand files are listed and found without folding all of them each time', async () => {
	const { space, agent } = await createTestSpace();
	const { files } = space;
	const count = 5_000;
	for (let i = 0; i < count; i++) await files.write({ path: `notes/${i % 50}/${i}.md`, text: `${i}\n` }, agent);
	const start = performance.now();
	expect(files.list()).toHaveLength(count + 2);
	const firstList = performance.now() - start;
	expect(files.list()).toBe(files.list());
	const before = files.list()[100];
	await files.write({ path: 'notes/7/7.md', text: 'changed\n' }, agent);
	// Untouched entries are the same objects: nothing else was folded again.
	expect(files.list()[100]).toBe(before);
	const findStart = performance.now();
	for (let i = 0; i < count; i++) expect(files.find(`notes/${i % 50}/${i}.md`)).toBeDefined();
	expect(firstList).toBeLessThan(250);
	expect(performance.now() - findStart).toBeLessThan(500);
}, 60_000);
