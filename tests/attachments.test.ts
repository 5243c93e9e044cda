import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSeededRandom } from '@pocketeer/core/testing/seeded-random';
import { startRelay } from '@pocketeer/sync/testing';
import { expect, test } from 'vitest';
import { expectOk, openDevice, until } from './support.ts';

/**
 * What is attached travels as everything else does: sealed, in pieces, through a relay that cannot tell a photo from a
 * shopping list.
 */
test('an attachment of 6 MB is on the other device byte by byte, and the relay never held a piece of it', async () => {
	const dataDir = await mkdtemp(join(tmpdir(), 'pocketeer-blobs-'));
	const relay = await startRelay({ dataDir });
	// Noise, so that deflating leaves it as it is, with words in it that a search would find.
	const photo = createSeededRandom(6).bytes(6 * 1024 * 1024);
	const words = new TextEncoder().encode('zvqxattachment');
	for (const at of [0, 3_000_000, photo.length - words.length]) photo.set(words, at);

	await using phone = await openDevice({ relay: relay.httpUrl });
	const id = expectOk(await phone.space.blobs.put(photo));
	await until(
		phone.sync,
		() => phone.sync.status.connection.type === 'online' && phone.sync.status.pendingStreams === 0,
	);

	// The laptop did not have it before it asked, and has it whole when it did.
	await using laptop = await openDevice({ relay: relay.httpUrl, words: phone.words });
	expect(await laptop.space.blobs.read(id)).toMatchObject({ ok: false, error: { type: 'NotHere' } });
	const arrived = expectOk(await laptop.space.blobs.fetch(id));
	expect(Buffer.compare(arrived, photo)).toBe(0);

	// Put there as well, it is nothing new: nothing is sent.
	await until(laptop.sync, () => laptop.sync.status.pendingStreams === 0);
	const before = await sizeOf(dataDir);
	expect(expectOk(await laptop.space.blobs.put(photo))).toBe(id);
	expect(laptop.sync.status.pendingStreams).toBe(0);
	expect(laptop.sync.status.stuck).toEqual([]);

	await relay.stop();
	const kept = await readFolder(dataDir);
	expect(kept.length).toBeGreaterThan(photo.length);
	// Once, not once more as a snapshot.
	expect(await sizeOf(dataDir)).toBeLessThan(Math.max(before, 1.7 * photo.length));
	expect(kept.includes(Buffer.from(words))).toBe(false);
	expect(kept.includes(Buffer.from(photo.subarray(1_000_000, 1_000_064)))).toBe(false);
	await rm(dataDir, { recursive: true });
}, 60_000);

async function sizeOf(folder: string): Promise<number> {
	return (await readFolder(folder)).length;
}

async function readFolder(folder: string): Promise<Buffer> {
	const names = await readdir(folder);
	return Buffer.concat(await Promise.all(names.map((name) => readFile(join(folder, name)))));
}
