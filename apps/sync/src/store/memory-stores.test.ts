import { utf8 } from '@pocketeer/core/bytes';
import { expect, test } from 'vitest';
import { describeClaimStore } from './claim-store-contract.ts';
import { describeLogStore, type OpenLogStore, readAll, request } from './log-store-contract.ts';
import { createMemoryStores } from './memory-stores.ts';
import { describeSmallStores } from './small-stores-contract.ts';
import { describeSnapshots } from './snapshot-contract.ts';
import { describeWakeStores } from './wake-store-contract.ts';

const openLog: OpenLogStore = (options) => {
	const { logStore, deletionStore, disk } = createMemoryStores(options);
	return {
		store: logStore,
		reopen: () => createMemoryStores({ ...options, disk }).logStore,
		deleted: (space) => deletionStore.put(space, utf8('statement')),
		[Symbol.dispose]: () => undefined,
	};
};
describeLogStore('memory', openLog);
describeSnapshots('memory', openLog);
describeClaimStore('memory', () => createMemoryStores().claimStore);
describeWakeStores('memory', createMemoryStores);
describeSmallStores('memory', createMemoryStores);

test('a copy of the disk is the whole relay, and can be put back', async () => {
	const { logStore, disk } = createMemoryStores();
	await logStore.append([request('a')], 0);
	const copy = structuredClone(disk);
	await logStore.append([request('b')], 0);
	expect(await readAll(createMemoryStores({ disk: copy }).logStore)).toEqual(['1 a']);
	Object.assign(disk, copy);
	expect(await readAll(logStore)).toEqual(['1 a']);
});

test('a call fails before it does anything, or after it did everything', async () => {
	let failing: 'before' | 'after' | undefined;
	const { logStore } = createMemoryStores({
		async fault({ store, method, when }) {
			if (store === 'logStore' && method === 'append' && when === failing) throw new Error(`${when} it`);
		},
	});
	failing = 'before';
	await expect(logStore.append([request('a')], 0)).rejects.toThrow('before it');
	failing = undefined;
	expect(await readAll(logStore)).toEqual([]);
	failing = 'after';
	await expect(logStore.append([request('a')], 0)).rejects.toThrow('after it');
	failing = undefined;
	expect(await readAll(logStore)).toEqual(['1 a']);
});

test.each([
	['before', []],
	['after', ['1 a']],
])('a process that dies right %s a call leaves nothing or everything, and hears no answer', async (when, left) => {
	let isAlive = true;
	const die = () => {
		isAlive = false;
	};
	const { logStore, disk } = createMemoryStores({
		async fault(call) {
			// When the fault has said all that it says.
			if (call.when === when) queueMicrotask(die);
		},
		isAlive: () => isAlive,
	});
	const answered = logStore.append([request('a')], 0).then(() => 'answered');
	const waited = new Promise((resolve) => void setImmediate(() => resolve('waited')));
	expect(await Promise.race([answered, waited])).toBe('waited');
	expect(await readAll(createMemoryStores({ disk }).logStore)).toEqual(left);
});
