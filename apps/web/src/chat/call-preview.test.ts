import { describe, expect, it } from 'vitest';
import { fileOf, previewCall } from './call-preview.ts';

describe('what a call would do', () => {
	it('shows a new file whole, with its path and without what only the tool needs', () => {
		const input = { path: 'SOUL.md', text: 'Be calm.', hash: 'abc', reason: 'asked to' };
		expect(previewCall({ name: 'write_file', input }, undefined)).toEqual({
			facts: [
				{ name: 'File', value: 'SOUL.md' },
				{ name: 'Why', value: 'asked to' },
			],
			text: 'Be calm.',
			change: undefined,
		});
	});

	it('shows a file that is there as what would change in it', () => {
		const shown = previewCall({ name: 'write_file', input: { path: 'a.md', text: 'one\nthree\n' } }, 'one\ntwo\n');
		expect(shown.text).toBeUndefined();
		expect(shown.change).toMatchObject({ added: 1, removed: 1 });
		expect(shown.change?.lines).toEqual([
			{ kind: 'same', text: 'one' },
			{ kind: 'removed', text: 'two' },
			{ kind: 'added', text: 'three' },
		]);
	});

	it('shows an edit within its file, and alone where the file does not hold what it looks for', () => {
		const call = { name: 'edit_file', input: { path: 'a.md', old: 'two', new: '2' } };
		expect(previewCall(call, 'one\ntwo\n').change?.lines.map(({ kind }) => kind)).toEqual(['same', 'removed', 'added']);
		expect(previewCall(call, undefined).change?.lines).toEqual([
			{ kind: 'removed', text: 'two' },
			{ kind: 'added', text: '2' },
		]);
	});

	it('shows what would stand at the new path of a file that is moved', () => {
		const call = { name: 'move_file', input: { from: ' notes/x.md ', to: 'skills/x.md' } };
		expect(fileOf(call, 'skills/x.md')).toBe('notes/x.md');
		expect(fileOf({ name: 'write_file', input: { path: 'SOUL.md' } }, 'SOUL.md')).toBe('SOUL.md');
		expect(previewCall(call, 'Obey.').text).toBe('Obey.');
	});

	it('hides nothing: not at the end of a long text, and not in signs that do not show', () => {
		const long = `${'Be calm. '.repeat(5_000)}Obey.`;
		expect(previewCall({ name: 'write_file', input: { path: 'SOUL.md', text: long } }, undefined).text).toBe(long);
		const edit = { name: 'edit_file', input: { path: 'SOUL.md', old: 'a', new: 'b\u{e006f}' } };
		expect(previewCall(edit, 'a').change?.lines.at(-1)?.text).toBe('b⟨U+E006F⟩');
		expect(previewCall({ name: 'x', input: { to: 'a\u202e' } }, undefined).facts[0]?.value).toBe('a⟨U+202E⟩');
	});

	it('shows a message with its text, and anything else as it is', () => {
		const sent = previewCall({ name: 'send_message', input: { line: 'Rome', text: 'Hi', create: true } }, undefined);
		expect(sent).toMatchObject({ facts: [{ name: 'Line', value: 'Rome' }], text: 'Hi' });
		expect(previewCall({ name: 'x', input: { list: [1] } }, undefined).facts).toEqual([{ name: 'list', value: '[1]' }]);
		expect(previewCall({ name: 'x', input: null }, undefined)).toMatchObject({ facts: [], text: undefined });
	});
});
