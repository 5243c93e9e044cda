import type { FileId } from '@pocketeer/core/ids';
import { expect, it } from 'vitest';
import { describeStream } from './stream-words.ts';

const known = {
	files: [{ id: 'f1' as FileId, path: 'notes/memory.md' }],
	lines: [{ id: 'kitchen', name: 'Kitchen' }],
};

it('calls documents what a person calls them', () => {
	const streams = [
		'home',
		'file/f1',
		'history/f1',
		'file/zz',
		'line/kitchen/2026-11',
		'line/gone/2026-10',
		'runs/2026-11',
	];
	expect(streams.map((stream) => describeStream(stream, known))).toEqual([
		'The list of files, lines, people and devices',
		'notes/memory.md',
		'The history of notes/memory.md',
		'a file that is not known here',
		'The line “Kitchen”, 2026-11',
		'The line “gone”, 2026-10',
		'Activity of 2026-11',
	]);
	expect(describeStream('blob/x', known)).toBe('blob/x');
});
