import { type Claims, createClaims } from '../agent/turn/claims.ts';
import type { Clock } from '../ports/clock.ts';
import { err, ok } from '../result.ts';

/** A relay that knows nothing but claims; leases end by its clock. */
export interface MemoryClaims {
	/** The connection of one device. */
	connect(device: string): ClaimsConnection;
	/** What is claimed now, by name. */
	readonly claims: ReadonlyMap<string, { readonly device: string; readonly fence: number; readonly isDone: boolean }>;
}

/** One device's connection, which a test cuts and mends. */
export interface ClaimsConnection extends Claims {
	isOnline: boolean;
}

/** Makes a relay without claims. */
export function createMemoryClaims(clock: Clock): MemoryClaims {
	const claims = new Map<string, { device: string; fence: number; until: number; isDone: boolean }>();
	return { claims, connect };

	function connect(device: string): ClaimsConnection {
		const offline = { type: 'Offline' } as const;
		const connection: ClaimsConnection = {
			isOnline: true,
			...createClaims({
				clock,
				keys: { claimId: async (name) => name },
				sync: {
					wakes: {
						claim: async (name, leaseMs) => (connection.isOnline ? ok({ fence: claim(name, leaseMs) }) : err(offline)),
						finish: async (name, fence) => (connection.isOnline ? ok(finish(name, fence)) : err(offline)),
					},
				},
			}),
		};
		return connection;

		function claim(name: string, leaseMs: number): number {
			const found = claims.get(name);
			const isHeld = found !== undefined && found.until > clock.now();
			if (found?.isDone || (isHeld && found.device !== device)) return 0;
			const fence = (found?.fence ?? 0) + (isHeld ? 0 : 1);
			claims.set(name, { device, fence, until: clock.now() + leaseMs, isDone: false });
			return fence;
		}

		function finish(name: string, fence: number): boolean {
			const found = claims.get(name);
			if (found?.device !== device || found.fence !== fence) return false;
			found.isDone = true;
			return true;
		}
	}
}
