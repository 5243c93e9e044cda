import type { SpaceId } from '@pocketeer/core/ids';
import { expect, test } from 'vitest';
import { idFrom } from '../store/log-store-contract.ts';
import { createHub, type Member } from './hub.ts';

const space = idFrom<SpaceId>('space');
const member = (): Member => ({
	device: null,
	asker: {},
	committed: () => undefined,
	ephemeral: () => false,
	send: () => undefined,
	remove: () => undefined,
	deleted: () => undefined,
});

test('a space is forgotten with its last member, epoch and all, and who left twice takes nobody along', () => {
	const hub = createHub();
	const [one, two, three] = [member(), member(), member()];
	hub.join(space, one);
	hub.join(space, two);
	hub.learnEpoch(space, 3);
	hub.leave(space, one);
	expect([hub.count(space), hub.epoch(space)]).toEqual([1, 3]);
	hub.leave(space, two);
	expect([hub.count(space), hub.epoch(space)]).toEqual([0, 0]);
	hub.join(space, three);
	hub.leave(space, two);
	expect([...hub.members(space)]).toEqual([three]);
});
