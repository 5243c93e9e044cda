import { type Bytes, concatBytes, equalBytes, fromBase64Url, toBase64Url, utf8 } from '../bytes.ts';
import type { FileId, OccurrenceId, SpaceId, StreamId, StreamName, WakeId } from '../ids.ts';
import { hkdfAesKey } from './derive.ts';
import { type KeyRing, newestEpoch } from './key-ring.ts';

/** The ids the relay sees in place of names; it can neither read nor guess what is behind them. */
export interface SpaceNames {
	streamId(stream: StreamName): Promise<StreamId>;
	wakeId(file: FileId): Promise<WakeId>;
	/**
	 * The same on every device: `moment` is the scheduled local wall time such as `2026-11-20T09:00`, with ` b` behind
	 * it for the second of two equal ones, or the UTC instant (ISO, with Z) for intervals.
	 */
	occurrenceId(of: {
		readonly file: FileId;
		readonly revision: number;
		readonly moment: string;
	}): Promise<OccurrenceId>;
	/** What a turn is claimed under; the same on every device. */
	claimId(turn: string): Promise<string>;
}

/** What a key ring is used for, each key derived once. */
export interface SpaceSecrets extends SpaceNames {
	readonly space: SpaceId;
	/** Epoch that new entries are sealed under. */
	readonly epoch: number;
	/** undefined for an epoch whose key is not in the ring. */
	streamKey(stream: StreamId, epoch: number): Promise<CryptoKey> | undefined;
	/** Goes on with a ring that has all keys of the one before, and those of later epochs. */
	renew(ring: KeyRing): void;
}

/** Derives keys and ids from a ring as they are asked for. */
export function createSpaceSecrets(first: KeyRing, space: SpaceId): SpaceSecrets {
	let ring = first;
	const keys = new Map<string, Promise<CryptoKey>>();
	const streamIds = new Map<StreamName, Promise<StreamId>>();
	let nameKey: Promise<CryptoKey> | undefined;

	return {
		space,
		get epoch() {
			return newestEpoch(ring);
		},
		streamId: (stream) => cached(streamIds, stream, () => named<StreamId>(`stream/${stream}`)),
		wakeId: (file) => named(`wake/${file}`),
		occurrenceId: ({ file, revision, moment }) => named(`occurrence/${file}/${revision}/${moment}`),
		claimId: (turn) => named(`claim/${turn}`),
		streamKey(stream, epoch) {
			const secret = ring.epochs[epoch - 1];
			return secret && cached(keys, `${epoch} ${stream}`, () => hkdfAesKey(secret, streamInfo(stream)));
		},
		renew(later) {
			if (!equalBytes(later.nameKey, ring.nameKey)) throw new Error('a ring of another space');
			ring = later;
		},
	};

	async function named<Id extends string>(text: string): Promise<Id> {
		nameKey ??= crypto.subtle.importKey('raw', ring.nameKey, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
		const mac = await crypto.subtle.sign('HMAC', await nameKey, utf8(text));
		return toBase64Url(new Uint8Array(mac, 0, 16)) as Id;
	}
}

function streamInfo(stream: StreamId): Bytes {
	return concatBytes(utf8('pocketeer/v1/stream/'), fromBase64Url(stream));
}

function cached<K, T>(values: Map<K, Promise<T>>, key: K, make: () => Promise<T>): Promise<T> {
	const present = values.get(key);
	if (present) return present;
	const made = make();
	values.set(key, made);
	return made;
}
