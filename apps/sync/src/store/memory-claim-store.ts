import type { ClaimStore } from './claim-store.ts';
import type { MemoryDisk } from './memory-disk.ts';

/** The claims in memory. */
export function createMemoryClaimStore(disk: MemoryDisk): ClaimStore {
	return {
		async claim({ space, occurrence, device, now, leaseMs, limit }) {
			const claims = disk.claims.get(space) ?? new Map();
			disk.claims.set(space, claims);
			const found = claims.get(occurrence);
			if (!found && claims.size >= limit) return 'full';
			const isHeld = found !== undefined && found.expires > now;
			if (!found && claims.size >= limit) return 'full';
			if (found?.isDone || (isHeld && found.device !== device)) return 0;
			const fence = (found?.fence ?? 0) + (isHeld ? 0 : 1);
			claims.set(occurrence, { device, fence, expires: now + leaseMs, isDone: false });
			return fence;
		},
		async finish({ space, occurrence, device, fence }) {
			const found = disk.claims.get(space)?.get(occurrence);
			if (found?.device !== device || found.fence !== fence) return false;
			disk.claims.get(space)?.set(occurrence, { ...found, isDone: true });
			return true;
		},
		async prune(before) {
			for (const claims of disk.claims.values()) {
				for (const [occurrence, { expires }] of claims) if (expires < before) claims.delete(occurrence);
			}
		},
		async deleteSpace(space) {
			disk.claims.delete(space);
		},
	};
}
