import { rootOfWords, wordsOfRoot } from '@pocketeer/core/crypto/recovery-words';
import type { PersonId } from '@pocketeer/core/ids';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import type { LogDep } from '@pocketeer/core/ports/log';
import type { RandomDep } from '@pocketeer/core/ports/random';
import type { DialerDep } from '@pocketeer/core/ports/socket';
import type { StoreError } from '@pocketeer/core/ports/store';
import { ok, type Result } from '@pocketeer/core/result';
import type { SpaceIdentity } from '@pocketeer/core/sync/space-identity';
import type { KnownSpaceInfo, Recovery, RecoveryError } from '../app.ts';
import type { DeviceDb, KnownSpace } from '../platform/device-db.ts';
import { createSpaceStore, ensureSpaceStore } from './open-space.ts';

export interface RecoveryDeps extends ClockDep, RandomDep, LogDep, DialerDep {
	readonly device: DeviceDb;
	readonly relayUrl: string;
}

/** Until a space has several people, every device acts for the one who founded it. */
const ONLY_PERSON = 'me' as PersonId;

/** Makes a new space and makes it the one that opens at start. Nothing is sent anywhere yet. */
export async function foundNewSpace(
	deps: ClockDep & RandomDep & { readonly device: DeviceDb },
): Promise<Result<KnownSpace, StoreError>> {
	const { foundSpace } = await loadIdentity();
	const founded = await foundSpace(deps);
	const known = { ...knownOf(deps, founded), root: founded.root };
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
	if (before.ok && before.value) {
		// This device is in it already: another entry in its device list would be a second self. Only its store may be lost.
		const made = await ensureSpaceStore(deps, id);
		return made.ok ? deps.device.keepSpace(before.value, { makeCurrent: true }) : made;
	}
	const joined = await joinByWords(deps, { words, relayUrl: deps.relayUrl });
	if (!joined.ok) return joined;
	const made = await createSpaceStore(deps, id, { isEmpty: true });
	return made.ok ? deps.device.keepSpace(knownOf(deps, joined.value), { makeCurrent: true }) : made;
}

/** The recovery of one opened space; `reload` is called once another space is to be opened. */
export function createRecovery(deps: RecoveryDeps, known: KnownSpace, reload: () => void): Recovery {
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
		async spaces() {
			const all = await deps.device.spaces();
			return all.ok ? ok(listSpaces(all.value, known.id)) : all;
		},
		async switchTo(id) {
			const switched = await deps.device.makeCurrent(id);
			if (switched.ok) reload();
			return switched;
		},
		async open(words) {
			const opened = await openByWords(deps, words);
			if (opened.ok) reload();
			return opened;
		},
	};
}

function listSpaces(spaces: readonly KnownSpace[], current: string): readonly KnownSpaceInfo[] {
	return spaces
		.map(({ id, since }) => ({ id, since, isCurrent: id === current }))
		.toSorted((a, b) => Number(b.isCurrent) - Number(a.isCurrent) || b.since - a.since);
}

function knownOf(deps: ClockDep, joined: SpaceIdentity): KnownSpace {
	return {
		id: joined.spaceId,
		person: ONLY_PERSON,
		identity: joined.identity,
		ring: joined.keyRing,
		list: joined.deviceList,
		since: deps.clock.now(),
	};
}

/** Founding and joining happen once in a device's life: not part of the first load. */
async function loadIdentity() {
	const [identity, keys] = await Promise.all([
		import('@pocketeer/core/sync/space-identity'),
		import('@pocketeer/core/crypto/space-keys'),
	]);
	return { foundSpace: identity.foundSpace, joinByWords: identity.joinByWords, spaceKeysOf: keys.spaceKeysOf };
}
