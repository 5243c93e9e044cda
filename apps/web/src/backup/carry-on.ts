import type { KnownSpace } from '../platform/device-db.ts';
import { clearAway, type DatabasesDep } from './databases.ts';
import { carryOnJoin, dropStrayJoins, type JoinDeps, type JoinOutcome } from './rejoin-later.ts';

/** Ends what a restore or a deletion left undone when its tab was closed; called once at each start, after the first paint. */
export async function carryOn(deps: JoinDeps & DatabasesDep, known: Pick<KnownSpace, 'id'>): Promise<JoinOutcome> {
	await deps.databases.alone(
		async () => {
			// What fails here is tried again at the next start.
			await dropStrayJoins(deps);
			await clearAway(deps);
		},
		{ ifFree: true },
	);
	return carryOnJoin(deps, known.id);
}
