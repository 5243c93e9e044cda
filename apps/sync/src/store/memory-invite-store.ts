import type { SpaceId } from '@pocketeer/core/ids';
import type { InviteStore } from './invite-store.ts';
import type { MemoryDisk } from './memory-disk.ts';

/** The invitations in memory, each its own name. */
export function createMemoryInviteStore(disk: MemoryDisk): InviteStore {
	return {
		async add(token, now) {
			disk.invites.set(token, { made: now, space: undefined });
			return token;
		},
		async take(token, space) {
			const invite = disk.invites.get(token);
			if (!invite || !isFor(invite, space)) return false;
			disk.invites.set(token, { ...invite, space });
			return true;
		},
		async isOpen(token, space) {
			const invite = disk.invites.get(token);
			return invite !== undefined && isFor(invite, space);
		},
		async list() {
			const invites = [...disk.invites].map(([name, { made, space }]) => ({ name, made, isUsed: space !== undefined }));
			return invites.sort((a, b) => a.made - b.made);
		},
		async revoke(nameOrToken) {
			const invite = disk.invites.get(nameOrToken);
			if (!invite || invite.space !== undefined) return 0;
			disk.invites.delete(nameOrToken);
			return 1;
		},
	};
}

function isFor(invite: { readonly space: SpaceId | undefined }, space: SpaceId): boolean {
	return invite.space === undefined || invite.space === space;
}
