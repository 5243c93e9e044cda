import { type Bytes, utf8 } from '@pocketeer/core/bytes';
import type { BlobId, MessageId, TurnId } from '@pocketeer/core/ids';
import type { LineRecord } from '@pocketeer/core/space/records';
import { expectOk } from '@pocketeer/core/testing/test-space';
import { describe, expect, test } from 'vitest';
import { createToolsWorld } from './testing/tools-world.ts';

const PNG: Bytes = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3);

/** A line to which something is attached. */
async function world() {
	const made = await createToolsWorld();
	const { lines, blobs, self } = made.space;
	const { id } = expectOk(await lines.ensure('chat'));
	async function append(...records: readonly LineRecord[]) {
		using line = expectOk(await lines.open(id));
		expectOk(await line.append(records));
	}
	async function attach(name: string, mediaType: string, bytes: Bytes): Promise<BlobId> {
		const blob = expectOk(await blobs.put(bytes));
		await append({
			kind: 'message',
			id: `m-${name}` as MessageId,
			at: made.clock.now(),
			author: { type: 'person', ...self },
			content: [],
			attachments: [{ blob, name, mediaType, sizeBytes: bytes.length }],
		});
		return blob;
	}
	return { ...made, append, attach, blobs };
}

describe('fetch_attachment', () => {
	test('shows an image from its blob, marked as material from outside, and keeps its bytes out of the line', async () => {
		const { call, attach } = await world();
		const id = await attach('beach.png', 'image/png', PNG);
		const outcome = await call('fetch_attachment', { id });
		expect(outcome).toEqual({
			outcome: 'done',
			result: '"beach.png" (image/png, 11 bytes):',
			receipts: [],
			untrusted: { source: 'beach.png' },
			shows: { blob: id, name: 'beach.png', mediaType: 'image/png', sizeBytes: 11 },
		});
		expect(await call('fetch_attachment', { id, offset: 5 })).toMatchObject({ outcome: 'refused' });
	});

	test('reads a text on from where it was cut, to its end', async () => {
		const { call, attach } = await world();
		const text = Array.from({ length: 5_000 }, (_, index) => `line ${index}`).join('\n');
		const id = await attach('long.txt', 'text/plain', utf8(text));
		let offset: number | undefined = 0;
		let read = '';
		while (offset !== undefined) {
			const outcome = await call('fetch_attachment', { id, offset });
			expect(outcome).toMatchObject({ outcome: 'done', untrusted: { source: 'long.txt' } });
			const [, page = '', next] =
				/^[^\n]+\n\n([\s\S]*?)(?:\n\(more: read on with offset (\d+)\))?$/.exec(String(outcome.result)) ?? [];
			read += page;
			offset = next === undefined ? undefined : Number(next);
		}
		expect(read).toBe(text);
		const beyond = await call('fetch_attachment', { id, offset: text.length });
		expect(beyond.result).toContain(`has ${text.length} characters`);
	});

	test('of a long result of our own tools is as trusted as the result was', async () => {
		const { call, append, blobs, clock } = await world();
		const whole = { name: 'read_file-result.txt', mediaType: 'text/plain', sizeBytes: 4 };
		const step = (text: string, untrusted?: { source: string }) => async () => {
			const blob = expectOk(await blobs.put(utf8(text)));
			await append({
				kind: 'tool-step',
				turn: 't' as TurnId,
				toolUse: text,
				at: clock.now(),
				name: 'read_file',
				outcome: 'done',
				result: text,
				receipts: [],
				durationMs: 1,
				whole: { ...whole, blob },
				...(untrusted ? { untrusted } : {}),
			});
			return call('fetch_attachment', { id: blob });
		};
		expect(await step('mine')()).not.toHaveProperty('untrusted');
		expect(await step('from the web', { source: 'example.com' })()).toMatchObject({
			untrusted: { source: 'example.com' },
		});
	});

	test('of one that no line names goes by its content, and never passes for trusted', async () => {
		const { call, blobs } = await world();
		const id = expectOk(await blobs.put(PNG));
		expect(await call('fetch_attachment', { id })).toMatchObject({
			shows: { mediaType: 'image/png', name: 'attachment' },
			untrusted: { source: 'attachment' },
		});
	});

	test('says what is wrong with an id, and when an attachment has not come yet', async () => {
		const { call, append, clock, space } = await world();
		expect(await call('fetch_attachment', { id: 'photo.png' })).toMatchObject({ outcome: 'refused' });
		const blob = 'q1Vb3J0m8rTqS4n9Jd1oYb2Wz5c7Uu0xKk6tHh8eLlM' as BlobId;
		expect((await call('fetch_attachment', { id: blob })).result).toContain('no attachment of this id');
		await append({
			kind: 'message',
			id: 'm' as MessageId,
			at: clock.now(),
			author: { type: 'person', ...space.self },
			content: [],
			attachments: [{ blob, name: 'far.png', mediaType: 'image/png', sizeBytes: 9 }],
		});
		expect((await call('fetch_attachment', { id: blob })).result).toContain('has not reached this device yet');
	});
});
