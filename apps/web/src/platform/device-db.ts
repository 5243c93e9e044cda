import type { Bytes } from '@pocketeer/core/bytes';
import type { DeviceIdentity } from '@pocketeer/core/crypto/device-keys';
import type { KeyRing } from '@pocketeer/core/crypto/key-ring';
import type { PersonId, SpaceId } from '@pocketeer/core/ids';
import type { MemberState } from '@pocketeer/core/members/member-store';
import type { StoreError } from '@pocketeer/core/ports/store';
import { ok, type Result } from '@pocketeer/core/result';
import { type KeyValueDb, openKeyValueDb } from './key-value-db.ts';

/** A space that this browser profile belongs to, with what opens it here. */
export interface KnownSpace {
	readonly id: SpaceId;
	readonly person: PersonId;
	readonly identity: DeviceIdentity;
	readonly ring: KeyRing;
	/** Newest device list known, as signed: the newest of `lists`. */
	readonly list: Bytes;
	/** Consecutive versions up to that one, oldest first; entries of earlier builds have only `list`. */
	readonly lists?: readonly Bytes[];
	/** What is under way with the members, see `MemberState`. */
	readonly removal?: MemberState['removal'];
	readonly unconfirmed?: MemberState['unconfirmed'];
	/** Only where the space was founded: what the recovery words are made from. */
	readonly root?: Bytes;
	/** Wall clock when it was founded or joined here, ms since the epoch. */
	readonly since: number;
	/** Name of its database, where a backup was restored; one made here or filled by the relay is named after the space. */
	readonly store?: string;
}

/**
 * What this browser profile knows beside its spaces: which there are, who it is in them, settings. The service worker
 * reads it too, so it stands on plain IndexedDB.
 */
export interface DeviceDb extends Disposable {
	/** The space that opens at start; undefined before the first one was founded. */
	currentSpace(): Promise<Result<KnownSpace | undefined, StoreError>>;
	space(id: SpaceId): Promise<Result<KnownSpace | undefined, StoreError>>;
	/** Keeps a space; `makeCurrent` also opens it at the next start. Both or neither. */
	keepSpace(space: KnownSpace, options: { readonly makeCurrent: boolean }): Promise<Result<void, StoreError>>;
	/** Every space of this profile whose keys can be read. */
	spaces(): Promise<Result<readonly KnownSpace[], StoreError>>;
	/** Opens a known space at the next start; refuses one whose keys are not here. */
	makeCurrent(id: SpaceId): Promise<Result<void, StoreError>>;
	/** Whether the person was shown the recovery words of a space here. */
	wereWordsShown(id: SpaceId): Promise<Result<boolean, StoreError>>;
	keepWordsShown(id: SpaceId): Promise<Result<void, StoreError>>;
	/** What its people call a space, as it was known here last; '' for one without a name. */
	spaceName(id: SpaceId): Promise<string>;
	keepSpaceName(id: SpaceId, name: string): Promise<Result<void, StoreError>>;
	/**
	 * Changes what is kept of a known space's membership, in one transaction; answering the very same object changes
	 * nothing. Refused when the space is not known here any more.
	 */
	keepKeys(id: SpaceId, change: (present: MemberState) => MemberState): Promise<Result<void, StoreError>>;
	/** Takes a space out with all that is noted beside it; `next` opens at the next start. Both or neither. */
	forgetSpace(id: SpaceId, next: SpaceId | undefined): Promise<Result<void, StoreError>>;
	/** What was begun on this device and is to be carried on or cleared away; `backup/` knows the keys. */
	jobs(prefix: string): Promise<Result<ReadonlyMap<string, unknown>, StoreError>>;
	/** undefined: it is done. All or none. */
	putJobs(changes: Readonly<Record<string, unknown>>): Promise<Result<void, StoreError>>;
	settings(): Promise<Result<unknown, StoreError>>;
	/** Reads and writes in one transaction, so that two tabs do not undo each other's change. */
	updateSettings(change: (present: unknown) => unknown): Promise<Result<void, StoreError>>;
	/** Whether the person switched notifications on here. */
	isPushWanted(): Promise<boolean>;
	keepPushWanted(isWanted: boolean): Promise<Result<void, StoreError>>;
	/** Another relay than the origin that serves the app; undefined for that origin. */
	relayUrl(): Promise<string | undefined>;
	/** What an operator's relay asks for when a space is new there. */
	inviteToken(): Promise<string | undefined>;
	keepInviteToken(token: string): Promise<Result<void, StoreError>>;
}

/** Name of the database; the same for every build, because the worker of an old one may read what a new one wrote. */
const DEVICE_DB = 'pocketeer-device';

/** Opens, or makes, the device's database. */
export async function openDeviceDb(name: string = DEVICE_DB): Promise<Result<DeviceDb, StoreError>> {
	const opened = await openKeyValueDb(name);
	if (!opened.ok) return opened;
	const db = opened.value;
	return ok({
		...spacesOf(db),
		...jobsOf(db),
		settings: () => db.get('settings'),
		updateSettings: (change) => db.update('settings', change),
		isPushWanted: async () => {
			const kept = await db.get('push-wanted');
			return kept.ok && kept.value === true;
		},
		keepPushWanted: (isWanted) => db.put({ 'push-wanted': isWanted }),
		relayUrl: () => textOf(db, 'relay-url'),
		inviteToken: () => textOf(db, 'invite-token'),
		keepInviteToken: (token) => db.put({ 'invite-token': token }),
		[Symbol.dispose]: () => db[Symbol.dispose](),
	});
}

type Spaces = Pick<
	DeviceDb,
	| 'currentSpace'
	| 'space'
	| 'spaces'
	| 'keepSpace'
	| 'makeCurrent'
	| 'keepKeys'
	| 'forgetSpace'
	| 'wereWordsShown'
	| 'keepWordsShown'
	| 'spaceName'
	| 'keepSpaceName'
>;

function spacesOf(db: KeyValueDb): Spaces {
	const spaceOf = async (id: SpaceId): ReturnType<Spaces['space']> => {
		const kept = await db.get(spaceKey(id));
		if (!kept.ok || kept.value === undefined) return kept.ok ? ok(undefined) : kept;
		return isKnownSpace(kept.value) ? ok(kept.value) : unreadable(id);
	};
	return {
		space: spaceOf,
		async currentSpace() {
			const current = await db.get('current');
			if (!current.ok) return current;
			if (typeof current.value !== 'string') return ok(undefined);
			const space = await spaceOf(current.value as SpaceId);
			// A name without its keys is not the same as no space: founding a new one must not happen by itself.
			if (space.ok && space.value === undefined) return unreadable(current.value);
			return space;
		},
		keepSpace: (space, { makeCurrent }) =>
			db.put({ [spaceKey(space.id)]: space, ...(makeCurrent ? { current: space.id } : {}) }),
		async spaces() {
			const kept = await db.entries(SPACE_PREFIX);
			return kept.ok ? ok([...kept.value.values()].filter(isKnownSpace)) : kept;
		},
		async makeCurrent(id) {
			const space = await spaceOf(id);
			if (!space.ok) return space;
			return space.value ? db.put({ current: id }) : unreadable(id);
		},
		async wereWordsShown(id) {
			const kept = await db.get(wordsShownKey(id));
			return kept.ok ? ok(kept.value === true) : kept;
		},
		keepWordsShown: (id) => db.put({ [wordsShownKey(id)]: true }),
		spaceName: async (id) => (await textOf(db, spaceNameKey(id))) ?? '',
		keepSpaceName: (id, name) => db.put({ [spaceNameKey(id)]: name }),
		forgetSpace: (id, next) =>
			db.put({
				[spaceKey(id)]: undefined,
				[wordsShownKey(id)]: undefined,
				[spaceNameKey(id)]: undefined,
				current: next,
			}),
		async keepKeys(id, change) {
			let isKnown = false;
			const kept = await db.update(spaceKey(id), (present) => {
				isKnown = isKnownSpace(present);
				return isKnownSpace(present) ? withMembers(present, change) : present;
			});
			return kept.ok && !isKnown ? unreadable(id) : kept;
		},
	};
}

/** What a known space says of its membership. */
export function memberStateOf({ list, lists, ring, removal, unconfirmed }: KnownSpace): MemberState {
	return { lists: lists ?? [list], ring, removal, unconfirmed };
}

function withMembers(space: KnownSpace, change: (present: MemberState) => MemberState): KnownSpace {
	const before = memberStateOf(space);
	const next = change(before);
	if (next === before) return space;
	// An earlier build, whose tab or worker may still run, reads `list`.
	const { lists, ring, removal, unconfirmed } = next;
	return { ...space, ring, lists, list: lists.at(-1) ?? space.list, removal, unconfirmed };
}

const JOB_PREFIX = 'job/';

function jobsOf(db: KeyValueDb): Pick<DeviceDb, 'jobs' | 'putJobs'> {
	return {
		async jobs(prefix) {
			const kept = await db.entries(JOB_PREFIX + prefix);
			if (!kept.ok) return kept;
			return ok(new Map([...kept.value].map(([key, job]) => [key.slice(JOB_PREFIX.length), job])));
		},
		putJobs: (changes) =>
			db.put(Object.fromEntries(Object.entries(changes).map(([key, job]) => [JOB_PREFIX + key, job]))),
	};
}

const SPACE_PREFIX = 'space/';

function spaceKey(id: SpaceId): string {
	return `${SPACE_PREFIX}${id}`;
}

/** Beside the space and not in it: the space's entry is written anew when it is opened by its words. */
function wordsShownKey(id: SpaceId): string {
	return `words-shown/${id}`;
}

function spaceNameKey(id: SpaceId): string {
	return `space-name/${id}`;
}

async function textOf(db: KeyValueDb, key: string): Promise<string | undefined> {
	const kept = await db.get(key);
	return kept.ok && typeof kept.value === 'string' && kept.value !== '' ? kept.value : undefined;
}

function unreadable(space: string): Result<never, StoreError> {
	return {
		ok: false,
		error: { type: 'StoreUnavailable', reason: `The keys of the space ${space} on this device cannot be read.` },
	};
}

function isKnownSpace(value: unknown): value is KnownSpace {
	if (typeof value !== 'object' || value === null) return false;
	const { id, person, identity, ring, list, lists, since } = value as Readonly<Record<string, unknown>>;
	return (
		typeof id === 'string' &&
		typeof person === 'string' &&
		typeof since === 'number' &&
		list instanceof Uint8Array &&
		(lists === undefined || isListOfBytes(lists)) &&
		hasKeyPairs(identity) &&
		typeof ring === 'object' &&
		ring !== null &&
		'nameKey' in ring &&
		ring.nameKey instanceof Uint8Array &&
		'epochs' in ring &&
		isListOfBytes(ring.epochs)
	);
}

function isListOfBytes(value: unknown): boolean {
	return Array.isArray(value) && value.length > 0 && value.every((item) => item instanceof Uint8Array);
}

function hasKeyPairs(identity: unknown): boolean {
	if (typeof identity !== 'object' || identity === null) return false;
	const { id, signing, sealing } = identity as Readonly<Record<string, unknown>>;
	const isPair = (pair: unknown) =>
		typeof pair === 'object' && pair !== null && 'privateKey' in pair && pair.privateKey instanceof CryptoKey;
	return typeof id === 'string' && isPair(signing) && isPair(sealing);
}
