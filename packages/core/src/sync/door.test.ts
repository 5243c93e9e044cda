import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { createTestClock, type TestClock } from '../testing/test-clock.ts';
import { createDoor } from './door.ts';

/** The provider keeps its own time, by the platform's intervals; the door keeps the test clock's. */
beforeEach(() => {
	vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
});
afterEach(() => {
	vi.useRealTimers();
});

function attach(clock: TestClock) {
	const doc = new Y.Doc();
	const kept = new Y.Doc();
	const offered: Uint8Array[] = [];
	const door = createDoor(
		{ clock },
		{ keptStateVector: () => Y.encodeStateVector(kept), offered: (update) => offered.push(update) },
	);
	const provider = new WebsocketProvider('wss://door.invalid', 'stream', doc, {
		WebSocketPolyfill: door.socketClass,
		disableBc: true,
	});
	const closes: unknown[] = [];
	provider.on('connection-close', (event) => closes.push(event));
	return {
		doc,
		door,
		provider,
		offered,
		closes,
		[Symbol.dispose]() {
			provider.destroy();
			door[Symbol.dispose]();
			doc.destroy();
		},
	};
}

it('the provider finds the door open and is synced with it', async () => {
	using world = attach(createTestClock());
	await Promise.resolve();
	expect(world.provider.wsconnected).toBe(true);
	expect(world.provider.synced).toBe(true);
});

it('the provider hears a sign of life well within the 30 s of its patience, for ever', async () => {
	const clock = createTestClock();
	using world = attach(clock);
	await Promise.resolve();
	for (let round = 0; round < 20; round++) {
		world.provider.wsLastMessageReceived = 0;
		await clock.advance(20_000);
		expect(world.provider.wsLastMessageReceived).toBeGreaterThan(0);
	}
	expect(world.provider.doc.getText('text').toString()).toBe('');
	expect(world.closes).toEqual([]);
});

it('what comes in through the door is applied as the provider’s, so that nothing of it is sent back', async () => {
	using world = attach(createTestClock());
	await Promise.resolve();
	const origins: unknown[] = [];
	world.doc.on('update', (_, origin) => origins.push(origin));
	const other = new Y.Doc();
	other.getText('text').insert(0, 'from afar');
	world.door.receive(Y.encodeStateAsUpdate(other));
	expect(world.doc.getText('text').toString()).toBe('from afar');
	expect(origins).toEqual([world.provider]);
});

it('what comes in before the provider opened the door waits for it', async () => {
	using world = attach(createTestClock());
	const other = new Y.Doc();
	other.getText('text').insert(0, 'early');
	world.door.receive(Y.encodeStateAsUpdate(other));
	expect(world.doc.getText('text').toString()).toBe('');
	await Promise.resolve();
	expect(world.doc.getText('text').toString()).toBe('early');
});

it('a provider that was frozen and opens the door anew says what it has that is not on disk', async () => {
	using world = attach(createTestClock());
	await Promise.resolve();
	world.doc.getText('text').insert(0, 'typed');
	world.offered.splice(0);
	// It was frozen for so long that its patience is over when it looks.
	world.provider.wsLastMessageReceived = 0;
	vi.advanceTimersByTime(4_000);
	await Promise.resolve();
	expect(world.closes).toHaveLength(1);
	expect(world.provider.synced).toBe(true);
	const copy = new Y.Doc();
	for (const update of world.offered) Y.applyUpdate(copy, update);
	expect(copy.getText('text').toString()).toBe('typed');
});
