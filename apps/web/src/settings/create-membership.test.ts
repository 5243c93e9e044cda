import type { DeviceId } from '@pocketeer/core/ids';
import type { MemberDevice, Members, MembersError, RelayState } from '@pocketeer/core/members/members';
import { ok, type Result } from '@pocketeer/core/result';
import { createRoot } from 'solid-js';
import { expect, it } from 'vitest';
import { createMembership } from './create-membership.ts';

const device = (id: string): MemberDevice => ({
	id: id as DeviceId,
	added: 0,
	isThis: false,
	isUnconfirmed: false,
	isBeingRemoved: false,
});

/** Members of which only what the screens follow is there; the relay answers when told to. */
function scripted() {
	let devices = [device('a')];
	let tell = (): void => undefined;
	let answer = (_: Result<RelayState, MembersError>): void => undefined;
	const members = {
		devices: () => devices,
		subscribe(listener: () => void) {
			tell = listener;
			return {
				[Symbol.dispose]() {
					tell = () => undefined;
				},
			};
		},
		relayState: () =>
			new Promise<Result<RelayState, MembersError>>((resolve) => {
				answer = resolve;
			}),
	} as Partial<Members> as Members;
	return {
		members,
		change(next: readonly MemberDevice[]) {
			devices = [...next];
			tell();
		},
		answer: (state: RelayState) => answer(ok(state)),
	};
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

it('shows the devices before the relay has answered, and follows both', async () => {
	const world = scripted();
	const { membership, dispose } = createRoot((end) => ({
		membership: createMembership({ members: async () => world.members }),
		dispose: end,
	}));
	await settle();
	expect(membership.devices().map(({ id }) => id)).toEqual(['a']);
	expect(membership.relay()).toBeUndefined();
	world.answer({ seenByDevice: new Map(), usedBytes: 5, limitBytes: 9 });
	await settle();
	expect(membership.relay()).toMatchObject({ value: { usedBytes: 5 } });
	world.change([device('a'), device('b')]);
	expect(membership.devices()).toHaveLength(2);
	dispose();
	world.change([]);
	expect(membership.devices()).toHaveLength(2);
});

it('says so when its code cannot be fetched', async () => {
	const membership = createRoot(() => createMembership({ members: () => Promise.reject(new Error('offline')) }));
	await settle();
	expect(membership.failure()).toContain('could not be fetched');
	expect(membership.members()).toBeUndefined();
});
