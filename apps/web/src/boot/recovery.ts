import { equalBytes } from '@pocketeer/core/bytes';
import { checkWords, drawWordCheck, rootOfWords, wordsOfRoot } from '@pocketeer/core/crypto/recovery-words';
import type { PersonId, SpaceId } from '@pocketeer/core/ids';
import type { SpaceIdentity } from '@pocketeer/core/members/space-identity';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import type { LogDep } from '@pocketeer/core/ports/log';
import type { RandomDep } from '@pocketeer/core/ports/random';
import type { DialerDep } from '@pocketeer/core/ports/socket';
import type { Store, StoreError } from '@pocketeer/core/ports/store';
import { err, ok, type Result } from '@pocketeer/core/result';
import type { Recovery, RecoveryError, WordsProgress } from '../app.ts';
import type { DeviceDb, KnownSpace } from '../platform/device-db.ts';
import { createSpaceStore, ensureSpaceStore } from './open-space.ts';

export interface RecoveryDeps extends ClockDep, RandomDep, LogDep, DialerDep {
	readonly device: DeviceDb;
	readonly relayUrl: string;
}

/** Who founds a space; the words are theirs, so who joins by them acts for them too. */
const ONLY_PERSON = 'me' as PersonId;

/** Makes a new space and makes it the one that opens at start. Nothing is sent anywhere yet. */
export async function foundNewSpace(
	deps: ClockDep & RandomDep & { readonly device: DeviceDb },
): Promise<Result<KnownSpace, StoreError>> {
	const { foundSpace } = await loadIdentity();
	const founded = await foundSpace(deps);
	const known = { ...knownOf(deps, founded, ONLY_PERSON), root: founded.root };
	// The store first: a space that is known without its store would look like a loss.
	const made = await createSpaceStore(deps, known.id, { isEmpty: false });
	if (!made.ok) return made;
	const kept = await deps.device.keepSpace(known, { makeCurrent: true });
	return kept.ok ? ok(known) : kept;
}

/** Makes the space of these words the one that opens at start; the caller reloads. */
export async function openByWords(deps: RecoveryDeps, words: string): Promise<Result<void, RecoveryError>> {
	const root = await rootOfWords(words);
	if (!root.ok) return root;
	const { joinByWords, spaceKeysOf } = await loadIdentity();
	const { id } = await spaceKeysOf(root.value);
	const before = await deps.device.space(id);
	if (before.ok && before.value && !(await wasRemoved(deps.device, id))) {
		// This device is in it already: another entry in its device list would be a second self. Only its store may be lost.
		const made = await ensureSpaceStore(deps, before.value);
		return made.ok ? deps.device.keepSpace(before.value, { makeCurrent: true }) : made;
	}
	const joined = await joinByWords(deps, { words, relayUrl: deps.relayUrl });
	if (!joined.ok) return joined;
	return keepJoined(deps, { joined: joined.value, person: ONLY_PERSON });
}

/**
 * Keeps a space that this device has just come into, as the one that opens at start. Where it was in it before, what is
 * there and the root stay; only who this device is in the space is new.
 */
export async function keepJoined(
	deps: ClockDep & { readonly device: DeviceDb },
	{ joined, person }: { readonly joined: SpaceIdentity; readonly person: PersonId },
): Promise<Result<void, StoreError | OtherChain>> {
	const { device } = deps;
	const before = await device.space(joined.spaceId);
	if (before.ok && before.value && !continues(before.value, joined)) return err(OTHER_CHAIN);
	const { root, store } = (before.ok && before.value) || {};
	const known = { ...knownOf(deps, joined, person), ...(root && { root }), ...(store && { store }) };
	const made = await ensureSpaceStore(deps, known);
	if (!made.ok) return made;
	const kept = await device.keepSpace(known, { makeCurrent: true });
	return kept.ok ? device.putJobs({ [removedKey(joined.spaceId)]: undefined }) : kept;
}

/** The space is here already, and what was offered does not come out of what this device knows of it; `reason` is a sentence. */
export interface OtherChain {
	readonly type: 'Untrusted';
	readonly reason: string;
}

/** The sentence of that. */
export const OTHER_CHAIN: OtherChain = {
	type: 'Untrusted',
	reason:
		'This browser has that space already, and what the other side offered does not follow from what is known of it here. Nothing was changed.',
};

/**
 * Whether the lists that somebody brings lead on from the newest one known here. Who invites vouches for a space that is
 * new to this browser, and for no other: it could name any space, and bring keys of its own making for it.
 */
export function continues(before: Pick<KnownSpace, 'list'>, joined: Pick<SpaceIdentity, 'lists'>): boolean {
	return joined.lists.some((list) => equalBytes(list, before.list));
}

/** Remembers that the space removed this device: from then on joining again makes it a new one in the space. */
export function noteRemoved(device: Pick<DeviceDb, 'putJobs'>, id: SpaceId): Promise<Result<void, StoreError>> {
	return device.putJobs({ [removedKey(id)]: true });
}

async function wasRemoved(device: Pick<DeviceDb, 'jobs'>, id: SpaceId): Promise<boolean> {
	const jobs = await device.jobs(removedKey(id));
	return jobs.ok && jobs.value.size > 0;
}

/** Key of the job that says so. */
export function removedKey(id: SpaceId): string {
	return `removed/${id}`;
}

/** Key of the space's store under which it stands how far the person is with the words. */
const PROGRESS = 'recovery/words';

/** The recovery of one opened space; `reload` is called once another space is to be opened. */
export function createRecovery(
	deps: RecoveryDeps & { readonly store: Pick<Store, 'value' | 'putValues'> },
	known: KnownSpace,
	reload: () => void,
): Recovery {
	const { store } = deps;
	// Not remembered, it costs one more question later.
	const keep = async (progress: WordsProgress) => void (await store.putValues({ [PROGRESS]: progress }));
	return {
		async words() {
			if (!known.root) return undefined;
			// Not remembering it costs one needless warning later; the words are shown all the same.
			await deps.device.keepWordsShown(known.id);
			return wordsOfRoot(known.root);
		},
		async wereShown() {
			if (!known.root) return true;
			const shown = await deps.device.wereWordsShown(known.id);
			return shown.ok && shown.value;
		},
		async progress() {
			if (!known.root) return 'absent';
			const kept = await store.value(PROGRESS);
			return kept.ok && isProgress(kept.value) ? kept.value : 'unconfirmed';
		},
		draw: async () => drawWordCheck(deps),
		async confirm(answers) {
			if (!known.root || answers.length === 0) return false;
			const checked = checkWords(await wordsOfRoot(known.root), answers);
			if (checked.ok) await keep('confirmed');
			return checked.ok;
		},
		dismissReminder: () => keep('dismissed'),
		async open(words) {
			const opened = await openByWords(deps, words);
			if (opened.ok) reload();
			return opened;
		},
	};
}

function isProgress(value: unknown): value is WordsProgress {
	return value === 'confirmed' || value === 'dismissed';
}

function knownOf(deps: ClockDep, joined: SpaceIdentity, person: PersonId): KnownSpace {
	return {
		id: joined.spaceId,
		person,
		identity: joined.identity,
		ring: joined.keyRing,
		list: joined.deviceList,
		lists: joined.lists,
		since: deps.clock.now(),
	};
}

/** Founding and joining happen once in a device's life: not part of the first load. */
async function loadIdentity() {
	const [identity, keys] = await Promise.all([
		import('@pocketeer/core/members/space-identity'),
		import('@pocketeer/core/crypto/space-keys'),
	]);
	return { foundSpace: identity.foundSpace, joinByWords: identity.joinByWords, spaceKeysOf: keys.spaceKeysOf };
}
