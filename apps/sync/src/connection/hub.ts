import type { DeviceId, SpaceId } from '@pocketeer/core/ids';
import type { RelayMessage } from '@pocketeer/core/protocol/messages';
import type { CommittedRun } from './appender.ts';

/** A connection past its authentication, as others reach it. */
interface Member {
	/** null for one that holds the root only. */
	readonly device: DeviceId | null;
	committed(run: CommittedRun): void;
	send(message: RelayMessage): void;
	/** The device is no longer listed: says so and hangs up. */
	remove(): void;
}

/** Who is connected to which space. */
export interface Hub {
	/** Adds a member until disposed. */
	join(space: SpaceId, member: Member): Disposable;
	members(space: SpaceId): Iterable<Member>;
	count(space: SpaceId): number;
}
export interface HubDep {
	readonly hub: Hub;
}

/** Starts empty. */
export function createHub(): Hub {
	const membersBySpace = new Map<SpaceId, Set<Member>>();
	return {
		join(space, member) {
			const members = membersBySpace.get(space) ?? new Set();
			membersBySpace.set(space, members.add(member));
			return {
				[Symbol.dispose]() {
					members.delete(member);
					if (members.size === 0 && membersBySpace.get(space) === members) membersBySpace.delete(space);
				},
			};
		},
		members: (space) => [...(membersBySpace.get(space) ?? [])],
		count: (space) => membersBySpace.get(space)?.size ?? 0,
	};
}
