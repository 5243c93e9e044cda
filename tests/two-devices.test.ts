import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRelay } from '@pocketeer/sync/testing';
import { expect, test } from 'vitest';
import { type Device, expectOk, openDevice, say, until } from './support.ts';

/**
 * One space on two devices. The phone and the laptop never talk to each other; between them stands a relay that may go
 * away at any time and cannot read a word.
 */
test('what is said and written on one device is on the other, also after the relay was away', async () => {
	const dataDir = await mkdtemp(join(tmpdir(), 'pocketeer-story-'));
	let relay = await startRelay({ dataDir });
	const { port } = new URL(relay.httpUrl);

	// Anna's phone makes a space, and she tells it something.
	await using phone = await openDevice({ relay: relay.httpUrl });
	await say(phone, 'remember that my sister is allergic to nuts');
	expect(await read(phone, 'notes/memory.md')).toContain('- My sister is allergic to nuts');
	await everythingSent(phone);

	// The laptop gets in by 24 words, and has what the phone has.
	await using laptop = await openDevice({ relay: relay.httpUrl, words: phone.words });
	await until(laptop.chat, () => laptop.chat.records().some(({ kind }) => kind === 'turn-end'));
	expect(laptop.chat.records()).toEqual(phone.chat.records());
	await fileSays(laptop, 'notes/memory.md', 'allergic to nuts');

	// The relay goes away. Both devices go on as if nothing had happened, each on its own.
	await relay.stop();
	await say(phone, 'remember that the train leaves at nine');
	await say(laptop, 'remember that the key is under the mat');

	// It comes back, with the database it had, and the two become one again: nothing lost, nothing doubled.
	relay = await startRelay({ dataDir, env: { PORT: port } });
	for (const device of [phone, laptop]) {
		device.sync.wake();
		await fileSays(device, 'notes/memory.md', '- The train leaves at nine');
		await fileSays(device, 'notes/memory.md', '- The key is under the mat');
		await until(device.chat, () => device.chat.records().filter(({ kind }) => kind === 'turn-end').length === 3);
	}
	expect(await read(phone, 'notes/memory.md')).toBe(await read(laptop, 'notes/memory.md'));
	expect(phone.chat.records()).toEqual(laptop.chat.records());

	// And the relay? It holds every one of these words, and could not tell you one of them.
	await relay.stop();
	const database = await readFolder(dataDir);
	expect(database.length).toBeGreaterThan(4096);
	for (const secret of ['allergic', 'train leaves', 'under the mat', 'memory.md', 'notes/', 'chat', 'anna']) {
		expect(database.includes(secret), secret).toBe(false);
	}
	await rm(dataDir, { recursive: true });
});

async function read({ space }: Device, path: string): Promise<string> {
	return expectOk(await space.files.read(path)).text;
}

/** Resolves once a file says so; like an editor, it has the file open while it waits. */
async function fileSays({ space }: Device, path: string, text: string): Promise<void> {
	await until(space.files, () => space.files.find(path) !== undefined);
	using file = expectOk(await space.files.open(path));
	await until(
		{
			subscribe(listener) {
				file.text.observe(listener);
				return { [Symbol.dispose]: () => file.text.unobserve(listener) };
			},
		},
		() => file.text.toString().includes(text),
	);
}

/** Resolves once the relay has confirmed everything this device wrote. */
function everythingSent({ sync }: Device): Promise<void> {
	return until(sync, () => sync.status.connection.type === 'online' && sync.status.pendingStreams === 0);
}

async function readFolder(folder: string): Promise<string> {
	const names = await readdir(folder);
	return (await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')))).join('\n');
}
