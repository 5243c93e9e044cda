import type { OpenBackup } from '@pocketeer/core/backup/open-backup';
import { type Bytes, equalBytes } from '@pocketeer/core/bytes';
import type { SpaceId } from '@pocketeer/core/ids';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import type { LogDep } from '@pocketeer/core/ports/log';
import type { RandomDep } from '@pocketeer/core/ports/random';
import type { DialerDep } from '@pocketeer/core/ports/socket';
import type { StoreError } from '@pocketeer/core/ports/store';
import { ok, type Result } from '@pocketeer/core/result';
import { removedKey } from '../boot/recovery.ts';
import { type DeviceDb, memberStateOf } from '../platform/device-db.ts';

/**
 * A device restored from a backup still has to be put on its space's list, which takes the root and the relay. The root
 * is kept for that, as on the device that founded the space, and forgotten once it is done.
 */
interface JoinJob {
	readonly root: OpenBackup['root'];
}
const JOBS = 'join/';

/** Notes that this device is not on the list yet. */
export function noteJoin(
	{ device }: { readonly device: Pick<DeviceDb, 'putJobs'> },
	{ head, root }: Pick<OpenBackup, 'head' | 'root'>,
): Promise<Result<void, StoreError>> {
	const job: JoinJob = { root };
	return device.putJobs({ [JOBS + head.space]: job });
}

/** Forgets the roots of spaces that are not here: their restoring was cut before the space was kept. Call it alone. */
export async function dropStrayJoins({
	device,
}: {
	readonly device: Pick<DeviceDb, 'jobs' | 'putJobs' | 'space'>;
}): Promise<Result<void, StoreError>> {
	const jobs = await device.jobs(JOBS);
	if (!jobs.ok) return jobs;
	for (const key of jobs.value.keys()) {
		const space = await device.space(key.slice(JOBS.length) as SpaceId);
		if (!space.ok || space.value) continue;
		const done = await device.putJobs({ [key]: undefined });
		if (!done.ok) return done;
	}
	return ok();
}

export interface JoinDeps extends ClockDep, RandomDep, LogDep, DialerDep {
	readonly device: Pick<DeviceDb, 'jobs' | 'putJobs' | 'space' | 'keepKeys'>;
	readonly relayUrl: string;
}

export type JoinOutcome =
	/** There was nothing to do, or the relay has yet to hear of it. */
	| { readonly type: 'nothing' }
	/** The device is on the list: connect anew. */
	| { readonly type: 'joined' }
	/** Tried again at the next start; `reason` is a sentence. */
	| { readonly type: 'later'; readonly reason: string };

/** Puts a restored device on the list of its space, if that is still to be done. Safe to cut anywhere and to repeat. */
export async function carryOnJoin(deps: JoinDeps, space: SpaceId): Promise<JoinOutcome> {
	const { device } = deps;
	const key = JOBS + space;
	const jobs = await device.jobs(key);
	const job = jobs.ok ? (jobs.value.get(key) as JoinJob | undefined) : undefined;
	if (!job) return { type: 'nothing' };
	const known = await device.space(space);
	if (!known.ok) return { type: 'later', reason: 'The keys of the space cannot be read on this device.' };
	if (!known.value) return { type: 'nothing' };

	const [{ rejoin }, { spaceKeysOf }] = await Promise.all([
		import('@pocketeer/core/backup/rejoin'),
		import('@pocketeer/core/crypto/space-keys'),
	]);
	const { identity } = known.value;
	const { lists } = memberStateOf(known.value);
	const joined = await rejoin(deps, { keys: await spaceKeysOf(job.root), identity, lists, relayUrl: deps.relayUrl });
	if (!joined.ok) return { type: 'later', reason: 'reason' in joined.error ? joined.error.reason : NOT_JOINED };
	const { ring, isFoundedAgain } = joined.value;
	const isNews = !isSame(joined.value.lists.at(-1), lists.at(-1));
	if (isNews) {
		const kept = await device.keepKeys(space, (present) => ({ ...present, lists: joined.value.lists, ring }));
		if (!kept.ok) return { type: 'later', reason: NOT_JOINED };
	}
	// A list that founds the space again reaches the relay when this device connects. Another device may be faster, and
	// then only the root leads out of the chain that is here.
	// A relay that met the device before it was on the list took it for one that was removed.
	if (!isFoundedAgain) await device.putJobs({ [key]: undefined, [removedKey(space)]: undefined });
	if (!isNews) return { type: 'nothing' };
	return { type: 'joined' };
}

function isSame(a: Bytes | undefined, b: Bytes | undefined): boolean {
	return a !== undefined && b !== undefined && equalBytes(a, b);
}

const NOT_JOINED = 'This device could not be added to the space’s list of devices yet.';
