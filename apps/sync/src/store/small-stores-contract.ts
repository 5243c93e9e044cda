import { utf8 } from '@pocketeer/core/bytes';
import type { DeviceId, SpaceId } from '@pocketeer/core/ids';
import { describe, expect, test } from 'vitest';
import { idFrom } from './log-store-contract.ts';
import type { RelayStores } from './stores.ts';

const space = idFrom<SpaceId>('space');
const other = idFrom<SpaceId>('other');
const phone = idFrom<DeviceId>('phone');
const laptop = idFrom<DeviceId>('laptop');

type SmallStores = Pick<RelayStores, 'spaceStore' | 'seenStore' | 'deletionStore' | 'inviteStore'>;

/** What every adapter of device lists, sightings, deletions and invitations must do. `open` gives empty stores. */
export function describeSmallStores(name: string, open: () => SmallStores): void {
	describe(`${name} as a store of spaces`, () => {
		test('the next version of a list is kept, no other, and never of a deleted space', async () => {
			const { spaceStore, deletionStore } = open();
			const put = (version: number, text: string) => spaceStore.put({ space, version, list: utf8(text) });
			expect(await spaceStore.newest(space)).toBeUndefined();
			expect(await put(2, 'two')).toBe(false);
			expect(await put(1, 'one')).toBe(true);
			expect(await put(1, 'another')).toBe(false);
			expect(await put(2, 'two')).toBe(true);
			expect(await spaceStore.newest(space)).toEqual({ version: 2, list: utf8('two') });
			expect(await spaceStore.listsAfter(space, 0)).toEqual([utf8('one'), utf8('two')]);
			expect(await spaceStore.listsAfter(space, 1)).toEqual([utf8('two')]);
			expect(await spaceStore.count()).toBe(1);
			await deletionStore.put(space, utf8('statement'));
			expect(await put(3, 'three')).toBe(false);
			await spaceStore.deleteSpace(space);
			expect(await put(1, 'one')).toBe(false);
			expect(await spaceStore.count()).toBe(0);
		});

		test('a device was seen when it was seen last', async () => {
			const { seenStore } = open();
			await seenStore.put([
				{ space, device: phone, at: 5 },
				{ space, device: laptop, at: 6 },
				{ space: other, device: phone, at: 7 },
			]);
			await seenStore.put([{ space, device: phone, at: 4 }]);
			expect(await seenStore.list(space)).toEqual(
				new Map([
					[phone, 5],
					[laptop, 6],
				]),
			);
			await seenStore.keepOnly(space, [laptop]);
			expect(await seenStore.list(space)).toEqual(new Map([[laptop, 6]]));
			await seenStore.deleteSpace(space);
			expect(await seenStore.list(space)).toEqual(new Map());
			expect(await seenStore.list(other)).toEqual(new Map([[phone, 7]]));
		});

		test('the first statement of a deletion stays, and is unfinished until it is finished', async () => {
			const { deletionStore } = open();
			await deletionStore.put(space, utf8('first'));
			await deletionStore.put(space, utf8('second'));
			expect(await deletionStore.statement(space)).toEqual(utf8('first'));
			expect(await deletionStore.statement(other)).toBeUndefined();
			expect(await deletionStore.unfinished()).toEqual([space]);
			await deletionStore.finish(space);
			expect(await deletionStore.unfinished()).toEqual([]);
			expect(await deletionStore.statement(space)).toEqual(utf8('first'));
		});

		test('an invitation founds one space, again if need be, and can be revoked before', async () => {
			const { inviteStore } = open();
			const used = await inviteStore.add('token one', 1);
			const unused = await inviteStore.add('token two', 2);
			expect(await inviteStore.take('token one', space)).toBe(true);
			expect(await inviteStore.take('token one', space)).toBe(true);
			expect(await inviteStore.take('token one', other)).toBe(false);
			expect(await inviteStore.isOpen('token one', space)).toBe(true);
			expect(await inviteStore.isOpen('token one', other)).toBe(false);
			expect(await inviteStore.isOpen('token two', other)).toBe(true);
			expect(await inviteStore.isOpen('no token', space)).toBe(false);
			expect(await inviteStore.take('no token', space)).toBe(false);
			expect(await inviteStore.list()).toEqual([
				{ name: used, made: 1, isUsed: true },
				{ name: unused, made: 2, isUsed: false },
			]);
			expect(await inviteStore.revoke(used)).toBe(0);
			expect(await inviteStore.revoke(unused)).toBe(1);
			expect(await inviteStore.take('token two', other)).toBe(false);
		});
	});
}
