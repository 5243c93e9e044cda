import { expect, it } from 'vitest';
import { utf8 } from '../bytes.ts';
import type { StreamName } from '../ids.ts';
import { createMemoryDisk, createMemoryStore, type MemoryDisk } from './memory-store.ts';
import { storeContract } from './store-contract.ts';

const disks = new Map<string, MemoryDisk>();
storeContract('a store in memory', async (name) => {
	const disk = disks.get(name) ?? createMemoryDisk();
	disks.set(name, disk);
	return createMemoryStore(disk);
});

const HOME = 'home' as StreamName;

it('a full disk refuses every write and keeps what was there', async () => {
	const store = createMemoryStore();
	await store.appendLocal([{ stream: HOME, update: utf8('kept') }]);
	store.faults.isFull = true;
	expect(await store.appendLocal([{ stream: HOME, update: utf8('lost') }])).toMatchObject({
		error: { type: 'QuotaExceeded' },
	});
	expect(await store.loadDoc(HOME)).toMatchObject({ value: { updates: { length: 1 } } });
});

it('a process that dies after a write leaves it on disk', async () => {
	const store = createMemoryStore();
	store.faults.dieAt = { method: 'appendLocal', when: 'after' };
	void store.appendLocal([{ stream: HOME, update: utf8('a') }]);
	await Promise.resolve().then(() => Promise.resolve());
	expect(store.isDead).toBe(true);
	expect(await createMemoryStore(store.disk).unsealed(HOME, 1)).toMatchObject({ value: { length: 1 } });
});
