import type { Bytes } from '@pocketeer/core/bytes';
import type { DeviceId, SpaceId, StreamId } from '@pocketeer/core/ids';
import type { RelayMessage } from '@pocketeer/core/protocol/messages';
import type { CommittedRun } from './appender.ts';

/** A connection past its authentication, as others reach it. */
export interface Member {
	/** null for one that holds the root only. */
	readonly device: DeviceId | null;
	committed(run: CommittedRun): void;
	/** Takes the frame of sealed ephemera if it follows the stream and has not much unsent; answers whether it did. */
	ephemeral(stream: StreamId, frame: Uint8Array): boolean;
	send(message: RelayMessage): void;
	/** The device is no longer listed: says so and hangs up. */
	remove(): void;
	/** The space was deleted by this statement: says so and hangs up. */
	deleted(statement: Bytes): void;
	/** Who asks on this connection, as `serve` is told; tells a connection from the others of its device. */
	readonly asker: object;
}

/** Who is connected to which space. */
export interface Hub {
	/** Adds a member until it leaves. */
	join(space: SpaceId, member: Member): void;
	leave(space: SpaceId, member: Member): void;
	members(space: SpaceId): Iterable<Member>;
	count(space: SpaceId): number;
	/** The newest device list of a space is of this epoch, or of a later one. */
	learnEpoch(space: SpaceId, epoch: number): void;
	/** The newest epoch learned since somebody is connected to the space; 0 when none was. */
	epoch(space: SpaceId): number;
}
export interface HubDep {
	readonly hub: Hub;
}

interface Room {
	readonly members: Set<Member>;
	epoch: number;
}

/** Starts empty. */
export function createHub(): Hub {
	const rooms = new Map<SpaceId, Room>();
	return {
		join(space, member) {
			const room = rooms.get(space) ?? { members: new Set(), epoch: 0 };
			rooms.set(space, room);
			room.members.add(member);
		},
		leave(space, member) {
			const room = rooms.get(space);
			room?.members.delete(member);
			if (room?.members.size === 0) rooms.delete(space);
		},
		members: (space) => [...(rooms.get(space)?.members ?? [])],
		count: (space) => rooms.get(space)?.members.size ?? 0,
		learnEpoch(space, epoch) {
			const room = rooms.get(space);
			// Whoever comes first reads the list.
			if (room) room.epoch = Math.max(room.epoch, epoch);
		},
		epoch: (space) => rooms.get(space)?.epoch ?? 0,
	};
}
