import { describe, expect, test } from 'vitest';
import type { StreamName } from '../ids.ts';
import { createMemoryDocs, linkDocs } from '../testing/memory-docs.ts';
import { createTestClock } from '../testing/test-clock.ts';
import { createTestSpace, expectOk } from '../testing/test-space.ts';

/** One tab with its own document of the manifest; `client` decides whom Yjs lets win a key. */
async function openTab(device: string, client: number, now: number) {
	const docs = createMemoryDocs();
	const home = expectOk(await docs.open('home' as StreamName));
	home.doc.clientID = client;
	const { space, clock } = await createTestSpace({ device, docs, clock: createTestClock({ now }) });
	return { space, docs, clock, home: home.doc };
}

describe('two tabs of one device that write one register at the same moment', () => {
	test.each([
		[1, 2],
		[2, 1],
	])('end with the later value on every device, whomever Yjs prefers (%d, %d)', async (earlyClient, lateClient) => {
		const early = await openTab('same', earlyClient, 1_000);
		const late = await openTab('same', lateClient, 9_000);
		const other = await openTab('other', 3, 5_000);
		const links = [linkDocs(early.docs, late.docs), linkDocs(late.docs, other.docs), linkDocs(early.docs, other.docs)];
		const meet = async () => {
			for (const link of links) link.flush();
			await Promise.resolve();
		};
		await meet();
		const id = early.space.self.device;
		expectOk(await late.space.directory.nameDevice(id, 'the later name'));
		expectOk(await early.space.directory.nameDevice(id, 'the earlier name'));
		// The other device may hear of the loss first.
		linkDocs(early.docs, other.docs).flush();
		for (let round = 0; round < 3; round++) await meet();

		for (const { space, home } of [early, late, other]) {
			expect(space.directory.devices().find((device) => device.id === id)?.name).toBe('the later name');
			// One key of the device, however many tabs it had.
			expect([...home.getMap('device-name').keys()].filter((key) => key.startsWith(`${id}/`))).toHaveLength(1);
		}
	});
});
