import type { Attachment } from '@pocketeer/core/space/records';
import { createTestSpace, type TestSpace } from '@pocketeer/core/testing/test-space';
import { expect, it } from 'vitest';
import { type Attached, createAttached } from './create-attached.ts';

it('is ready when all that was attached is kept, in order, and is part of the draft', async () => {
	const { attached, drafted } = await setUp();
	attached.add([text('a.txt', 'one'), text('b.txt', 'two')]);
	expect(names(attached)).toEqual(['a.txt', 'b.txt']);
	expect((await attached.ready()).map(({ name }) => name)).toEqual(['a.txt', 'b.txt']);
	expect(drafted().map(({ name }) => name)).toEqual(['a.txt', 'b.txt']);
	attached.remove(attached.files()[0]?.key ?? -1);
	expect(drafted().map(({ name }) => name)).toEqual(['b.txt']);
});

it('takes the same file once, however often it comes', async () => {
	const { attached } = await setUp();
	attached.add([text('a.txt', 'one'), text('copy.txt', 'one')]);
	expect(await attached.ready()).toHaveLength(1);
	expect(names(attached)).toEqual(['a.txt']);
	expect(attached.problems()).toEqual([]);
});

it('says why a file is not attached, and keeps the others', async () => {
	const { attached } = await setUp();
	attached.add([text('a.txt', 'one'), new File([], 'nothing.txt'), text('c.txt', 'three')]);
	expect(await attached.ready()).toHaveLength(2);
	expect(attached.problems()).toEqual(['nothing.txt is empty, so it was not attached.']);
});

it('takes twenty files, and twenty megabytes of all', async () => {
	const { attached } = await setUp();
	attached.add(Array.from({ length: 21 }, (_, index) => text(`${index}.txt`, `${index}`)));
	expect(await attached.ready()).toHaveLength(20);
	expect(attached.problems()).toEqual(['At most 20 files can be attached to one message.']);

	const { attached: heavy } = await setUp();
	heavy.add([text('a.txt', 'a'.repeat(12_000_000)), text('b.txt', 'b'.repeat(12_000_000))]);
	expect(await heavy.ready()).toHaveLength(1);
	expect(heavy.problems()[0]).toMatch(/^b\.txt was not attached: together/);
});

it('has what was attached before a reload, and forgets what was sent', async () => {
	const { attached, again } = await setUp();
	attached.add([text('a.txt', 'one')]);
	await attached.ready();
	const reloaded = await again();
	expect(names(reloaded)).toEqual(['a.txt']);
	reloaded.add([text('b.txt', 'two')]);
	const sent = (await reloaded.ready()).slice(0, 1);
	reloaded.sent(sent);
	expect(names(reloaded)).toEqual(['b.txt']);
	expect(names(await again())).toEqual(['b.txt']);
});

it('is not attached when it was taken out while it was made ready', async () => {
	const { attached, drafted } = await setUp();
	attached.add([text('a.txt', 'one')]);
	attached.remove(attached.files()[0]?.key ?? -1);
	expect(await attached.ready()).toEqual([]);
	expect(drafted()).toEqual([]);
});

async function setUp() {
	const { space }: TestSpace = await createTestSpace();
	let kept: readonly Attachment[] = [];
	const drafts = {
		read: async () => '',
		write: () => {},
		readFiles: async () => kept,
		writeFiles: (_: string, files: readonly Attachment[]) => {
			kept = files;
		},
	};
	const again = async () => {
		const attached = createAttached({ space, drafts }, 'chat');
		await Promise.resolve();
		return attached;
	};
	return { attached: await again(), again, drafted: () => kept };
}

function text(name: string, content: string): File {
	return new File([content], name, { type: 'text/plain' });
}

function names(attached: Attached): readonly string[] {
	return attached.files().map(({ name }) => name);
}
