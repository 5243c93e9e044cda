import type { FileId } from '@pocketeer/core/ids';
import type { Receipt } from '@pocketeer/core/space/records';
import type { FileChange } from '@pocketeer/core/space/space';
import { createTestSpace, expectOk } from '@pocketeer/core/testing/test-space';
import { describe, expect, it } from 'vitest';
import { shownReceipts, undoCancel, undoChange } from './receipt-actions.ts';

type FileReceipt = Extract<Receipt, { type: 'file' }>;

function receiptOf(change: FileChange, kind: FileReceipt['change'], from?: string): FileReceipt {
	return {
		type: 'file',
		change: kind,
		file: change.entry.id,
		path: change.entry.path,
		linesAdded: change.linesAdded,
		linesRemoved: change.linesRemoved,
		...(from === undefined ? {} : { from }),
		...(change.patch === undefined ? {} : { patch: change.patch }),
	};
}

describe('undo on a chip', () => {
	it('takes an edit back and leaves what others wrote since', async () => {
		const { space, agent, me } = await createTestSpace();
		const path = 'notes/memory.md';
		await space.files.write({ path, text: 'one\n' }, me);
		const change = expectOk(await space.files.append({ path, text: 'two' }, agent));
		await space.files.append({ path, text: 'three' }, me);
		expectOk(await undoChange(space, receiptOf(change, 'edited')));
		expect(expectOk(await space.files.read(path)).text).toBe('one\nthree\n');
	});

	it('brings back a deleted file, and a moved one to its place', async () => {
		const { space, agent } = await createTestSpace();
		expectOk(await space.files.write({ path: 'notes/a.md', text: 'a' }, agent));
		const moved = expectOk(await space.files.move({ from: 'notes/a.md', to: 'notes/b.md' }, agent));
		expectOk(await undoChange(space, receiptOf(moved, 'moved', 'notes/a.md')));
		expect(space.files.find('notes/a.md')).toBeDefined();
		const removed = expectOk(await space.files.remove('notes/a.md', agent));
		expectOk(await undoChange(space, receiptOf(removed, 'deleted')));
		expect(expectOk(await space.files.read('notes/a.md')).text).toBe('a');
	});

	it('takes a new file away again', async () => {
		const { space, agent } = await createTestSpace();
		const made = expectOk(await space.files.write({ path: 'notes/a.md', text: 'a\n' }, agent));
		expectOk(await undoChange(space, receiptOf(made, 'created')));
		expect(space.files.find('notes/a.md')).toBeUndefined();
	});

	it('says in a sentence why it cannot be done any more', async () => {
		const { space, agent, me } = await createTestSpace();
		const path = 'notes/memory.md';
		const change = expectOk(await space.files.write({ path, text: 'one\n' }, agent));
		await space.files.remove(path, me);
		const undone = await undoChange(space, receiptOf(change, 'edited'));
		expect(undone.ok ? '' : undone.error).toMatch(/^[A-Z].*\.$/);
	});
});

describe('undo on a cancelled task', () => {
	it('brings its file back, and says in a sentence when it cannot', async () => {
		const { space, agent } = await createTestSpace();
		const path = 'tasks/pasta.md';
		expectOk(await space.files.write({ path, text: 'pasta\n' }, agent));
		const removed = expectOk(await space.files.remove(path, agent));
		const receipt = { type: 'cancelled', path, text: 'pasta', task: removed.entry.id } as const;
		expectOk(await undoCancel(space, receipt));
		expect(expectOk(await space.files.read(path)).text).toBe('pasta\n');
		const lost = await undoCancel(space, { ...receipt, task: 'unknown' as FileId });
		expect(lost.ok ? '' : lost.error).toMatch(/^[A-Z].*\.$/);
	});
});

describe('receipts on screen', () => {
	it('do not tell the file of a task a second time', () => {
		const file = (path: string) => ({ type: 'file', change: 'created', path }) as FileReceipt;
		const scheduled = { type: 'scheduled', path: 'tasks/a.md' } as Receipt;
		expect(shownReceipts([scheduled, file('tasks/a.md'), file('notes/b.md')])).toEqual([scheduled, file('notes/b.md')]);
	});
});
