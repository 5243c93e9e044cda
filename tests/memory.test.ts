import { createScriptedModel } from '@pocketeer/core/testing/scripted-model';
import { expect, test } from 'vitest';
import { expectOk, openDevice, say } from './support.ts';

/**
 * The assistant's memory is text files. Person and assistant write in the same ones, at the same time; who wrote what
 * is kept with every edit, and each edit can be taken back alone.
 */
test('person and assistant edit one file, its history says who, and the assistant’s part is undone', async () => {
	// A model, as far as the loop can tell: it answers what stands here.
	const model = createScriptedModel([
		{ tools: [{ name: 'write_file', input: { path: 'notes/soup.md', text: '# Soup\n\n- 2 carrots\n- salt\n' } }] },
		{ text: 'I made a note.' },
		{
			tools: [
				{
					name: 'edit_file',
					input: { path: 'notes/soup.md', old: '- 2 carrots', new: '- 5 carrots', reason: 'Six people come.' },
				},
			],
		},
		{ text: 'Five carrots it is.' },
	]);
	// No relay here: a device is complete by itself.
	await using laptop = await openDevice({ model });
	const { files } = laptop.space;

	// The assistant makes a file.
	await say(laptop, 'note what goes into the soup');

	// Anna has it open in the editor and types at its end, while the assistant changes a line above.
	using editor = expectOk(await files.open('notes/soup.md'));
	editor.text.insert(editor.text.length, '- a bay leaf\n');
	const turn = await say(laptop, 'six people come, take more carrots');
	editor.text.insert(editor.text.length, '- pepper\n');
	expect(editor.text.toString()).toBe('# Soup\n\n- 5 carrots\n- salt\n- a bay leaf\n- pepper\n');

	// History tells who wrote what, and why.
	editor.flush();
	const history = expectOk(await files.history('notes/soup.md'));
	expect(history.map(({ actor, patch }) => [actor.type, patch.map(({ inserted }) => inserted).join(' … ')])).toEqual([
		['agent', '# Soup\n\n- 2 carrots\n- salt\n'],
		['person', '- a bay leaf\n'],
		['agent', '5'],
		['person', '- pepper\n'],
	]);
	expect(history[2]?.actor).toMatchObject({ line: laptop.chat.id, reason: 'Six people come.' });

	// The chip under the answer names the edit; its undo takes back that edit, and nothing that came after.
	const receipt = turn.flatMap((record) => (record.kind === 'tool-step' ? record.receipts : [])).at(0);
	if (receipt?.type !== 'file' || receipt.patch === undefined) throw new Error('an edit leaves a receipt');
	const me = { type: 'person', ...laptop.space.self } as const;
	expectOk(await files.undo({ path: receipt.path, patch: receipt.patch, file: receipt.file }, me));
	expect(editor.text.toString()).toBe('# Soup\n\n- 2 carrots\n- salt\n- a bay leaf\n- pepper\n');
	expect(expectOk(await files.history('notes/soup.md')).at(-1)).toMatchObject({ actor: me, undoes: receipt.patch });
});
