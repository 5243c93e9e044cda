import { startRelay } from '@pocketeer/sync/testing';
import { expect, test } from 'vitest';
import { openDevice, say, until } from './support.ts';

/** A device that has just joined is as useful as the one it joined: nothing has to be opened there first. */
test('on a device that just joined, reminders are known and the memory can be asked', async () => {
	await using relay = await startRelay();
	await using phone = await openDevice({ relay: relay.httpUrl });
	await say(phone, 'remember that my sister is allergic to nuts');
	await say(phone, 'remind me tomorrow at 9 to call the dentist');
	const { sync } = phone;
	await until(sync, () => sync.status.connection.type === 'online' && sync.status.pendingStreams === 0);

	await using laptop = await openDevice({ relay: relay.httpUrl, words: phone.words });
	expect(await laptop.tasks.list()).toMatchObject([{ title: 'Call the dentist', schedule: { type: 'valid' } }]);
	expect(await laptop.recall.search('sister', 5)).toMatchObject([{ path: 'notes/memory.md' }]);

	// Also what comes later: the manifest may name a file before its text is there.
	await say(phone, 'remind me tomorrow at 10 to buy stamps');
	const isKnown = async () => (await laptop.tasks.list()).some(({ title }) => title === 'Buy stamps');
	await until(laptop.tasks, isKnown);
});
