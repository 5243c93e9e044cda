import type { Bytes } from '../bytes.ts';
import { inflate } from '../crypto/deflate.ts';
import { type KeyRing, newestEpoch, openKeyRing } from '../crypto/key-ring.ts';
import { type BadWords, rootOfWords } from '../crypto/recovery-words.ts';
import { type SpaceKeys, spaceKeysOf } from '../crypto/space-keys.ts';
import type { PersonId, SpaceId, StreamName } from '../ids.ts';
import { verifyEd25519 } from '../protocol/auth.ts';
import { type DeviceList, RECOVERY_RECIPIENT, verifyDeviceList } from '../protocol/device-list.ts';
import { err, ok, type Result } from '../result.ts';
import {
	type BackupHead,
	BOX_BYTES,
	boxInfo,
	CHUNK_HEAD_BYTES,
	chunkSeal,
	frontHash,
	loadBackupSuite,
	MOST_CHUNK_BYTES,
	MOST_HEAD_BYTES,
	MOST_RECORD_BYTES,
	PIECE_BYTES,
	readHead,
	signedPart,
} from './backup-file.ts';
import { type BackupCounts, type BackupRecord, decodeRecord } from './backup-records.ts';

/** A backup that was read to its end once: all of it is there, unchanged, and was written by a device of the space. */
export interface OpenBackup {
	readonly head: BackupHead;
	/** What the words open: proves to a relay that the space is ours, and signs its device list. */
	readonly keys: SpaceKeys;
	readonly root: Bytes;
	readonly person: PersonId;
	/** Signed device lists from version 1 on. */
	readonly lists: readonly Bytes[];
	readonly newestList: DeviceList;
	readonly ring: KeyRing;
	/** Settings of the device that wrote it, unparsed; undefined when there are none. */
	readonly settings: unknown;
	readonly counts: BackupCounts;
	/** Streams of the space that its writer did not have or could not read. */
	readonly missing: readonly StreamName[];
	/** Reads it again from its beginning, record by record; stops where `take` fails. */
	read<E>(take: (record: BackupRecord) => Promise<Result<void, E>>): Promise<Result<void, BackupError | E>>;
}

export type BackupError =
	| BadWords
	/** The file is no backup of Pocketeer. */
	| { readonly type: 'NotABackup' }
	/** Written by a later Pocketeer, in a form that this one does not know. */
	| { readonly type: 'NewerBackup' }
	/** The words are right, but of another space than `space`, which the backup is of. */
	| { readonly type: 'OtherWords'; readonly space: SpaceId }
	/** The file ends before its end. */
	| { readonly type: 'CutBackup' }
	/** Not what was written, or not written by this space; `reason` is part of a sentence. */
	| { readonly type: 'DamagedBackup'; readonly reason: string };

/** Opens a backup with the 24 recovery words of its space and reads all of it once. Changes nothing anywhere. */
export async function openBackup(file: Blob, words: string): Promise<Result<OpenBackup, BackupError>> {
	const front = readHead(await bytesOf(file, 0, MOST_HEAD_BYTES));
	if (front === 'none') return err({ type: 'NotABackup' });
	if (front === 'newer') return err({ type: 'NewerBackup' });
	if (front === 'cut') return err({ type: 'CutBackup' });
	const root = await rootOfWords(words);
	if (!root.ok) return root;
	const keys = await spaceKeysOf(root.value);
	const { head } = front;
	if (keys.id !== head.space) return err({ type: 'OtherWords', space: head.space });
	try {
		return ok(await readWhole({ file, head, headBytes: front.bytes, keys, root: root.value }));
	} catch (cause) {
		return err(faultOf(cause));
	}
}

interface Opening {
	readonly file: Blob;
	readonly head: BackupHead;
	readonly headBytes: Bytes;
	readonly keys: SpaceKeys;
	readonly root: Bytes;
}

/** Thrown while a file is read, caught by `openBackup` and `read`. */
class BackupFault extends Error {
	readonly error: BackupError;
	constructor(error: BackupError) {
		super(error.type);
		this.error = error;
	}
}

async function readWhole(opening: Opening): Promise<OpenBackup> {
	const { file, head, headBytes, keys, root } = opening;
	const box = await bytesOf(file, headBytes.length, BOX_BYTES);
	if (box.length < BOX_BYTES) throw new BackupFault({ type: 'CutBackup' });
	const hash = await frontHash(headBytes, box);
	const contentKey = await openBox(opening, box);
	const records = () => recordsOf(piecesOf(file, { from: headBytes.length + BOX_BYTES, key: contentKey, hash }));

	const counts = { value: 0, document: 0, blob: 0 };
	let about: (BackupRecord & { kind: 'about' }) | undefined;
	let written: Awaited<ReturnType<typeof checkKeys>> | undefined;
	let end: (BackupRecord & { kind: 'end' }) | undefined;
	let settings: unknown;
	for await (const record of records()) {
		if (end) throw damaged('it goes on behind its end');
		if (record.kind === 'about') about = record;
		else if (record.kind === 'keys') written = await checkKeys(record, { keys, hash });
		else if (record.kind === 'settings') settings = record.settings;
		else if (record.kind === 'end') end = record;
		else counts[record.kind]++;
	}
	if (!about || !written || !end) throw damaged('a part of it is missing');
	const { value, document, blob } = end.counts;
	const isWhole = counts.value === value && counts.document === document && counts.blob === blob;
	if (!isWhole) throw damaged('it holds less than it says');
	return {
		head,
		keys,
		root,
		settings,
		counts,
		...written,
		person: about.person,
		missing: end.missing,
		async read(take) {
			try {
				for await (const record of records()) {
					const taken = await take(record);
					if (!taken.ok) return taken;
				}
				return ok();
			} catch (cause) {
				return err(faultOf(cause));
			}
		},
	};
}

async function openBox({ head, headBytes, keys }: Opening, box: Bytes): Promise<CryptoKey> {
	const suite = await loadBackupSuite();
	try {
		const params = { recipientKey: keys.recovery, enc: box.slice(0, 32), info: boxInfo(head.space) };
		const contentKey = await suite.open(params, box.slice(32), headBytes);
		return await crypto.subtle.importKey('raw', contentKey, 'AES-GCM', false, ['decrypt']);
	} catch {
		throw damaged('its beginning was changed');
	}
}

/** Who wrote the file was a device of this space, and the keys are those that the space sealed for its words. */
async function checkKeys(
	{ lists, device, signature }: BackupRecord & { kind: 'keys' },
	{ keys, hash }: { readonly keys: SpaceKeys; readonly hash: Bytes },
): Promise<Pick<OpenBackup, 'lists' | 'newestList' | 'ring'>> {
	let newestList: DeviceList | undefined;
	for (const [index, bytes] of lists.entries()) {
		const list = await verifyDeviceList({ bytes, previous: lists[index - 1] });
		if (!list.ok && list.error.type === 'NewerForm') throw new BackupFault({ type: 'NewerBackup' });
		if (!list.ok) throw damaged('its list of devices is not signed by this space');
		newestList = list.value;
	}
	if (newestList?.listKey !== keys.listKey || newestList.recoveryKey !== keys.recoveryKey) {
		throw damaged('its list of devices is that of another space');
	}
	const writer = newestList.devices.find(({ id }) => id === device);
	if (!writer || !(await verifyEd25519(writer.signKey, signature, signedPart(hash)))) {
		throw damaged('no device of this space has signed it');
	}
	const box = newestList.boxes[RECOVERY_RECIPIENT];
	const ring = box === undefined ? undefined : await openKeyRing(box, { space: keys.id, recipient: keys.recovery });
	if (!ring?.ok || newestEpoch(ring.value) !== newestList.epoch) throw damaged('its keys do not open');
	return { lists, newestList, ring: ring.value };
}

interface Sealed {
	/** Where the first chunk begins. */
	readonly from: number;
	readonly key: CryptoKey;
	readonly hash: Bytes;
}

async function* piecesOf(file: Blob, { from, key, hash }: Sealed): AsyncGenerator<Bytes> {
	const sealOf = chunkSeal(hash);
	let offset = from;
	for (let index = 0; ; index++) {
		const front = await bytesOf(file, offset, CHUNK_HEAD_BYTES);
		if (front.length < CHUNK_HEAD_BYTES) throw new BackupFault({ type: 'CutBackup' });
		const length = new DataView(front.buffer).getUint32(1);
		const [last] = front;
		if (length > MOST_CHUNK_BYTES || (last !== 0 && last !== 1)) throw damaged('a part of it was changed');
		const sealed = await bytesOf(file, offset + CHUNK_HEAD_BYTES, length);
		if (sealed.length < length) throw new BackupFault({ type: 'CutBackup' });
		const isLast = last === 1;
		yield await openChunk(sealed, key, sealOf({ index, isLast }));
		offset += CHUNK_HEAD_BYTES + length;
		if (!isLast) continue;
		if (offset !== file.size) throw damaged('it goes on behind its end');
		return;
	}
}

async function openChunk(sealed: Bytes, key: CryptoKey, params: AesGcmParams): Promise<Bytes> {
	let deflated: Bytes;
	try {
		deflated = new Uint8Array(await crypto.subtle.decrypt(params, key, sealed));
	} catch {
		throw damaged('a part of it was changed');
	}
	const piece = await inflate(deflated, PIECE_BYTES);
	if (!piece) throw damaged('a part of it cannot be unpacked');
	return piece;
}

/** Puts the stream of records together again from its pieces. */
async function* recordsOf(pieces: AsyncGenerator<Bytes>): AsyncGenerator<BackupRecord> {
	const reader = createByteReader(pieces);
	while (await reader.hasMore()) {
		const kind = await reader.uint();
		const length = await reader.uint();
		if (length > MOST_RECORD_BYTES) throw damaged('a record is larger than any');
		const payload = await reader.take(length);
		const record = decode(kind, payload);
		if (record) yield record;
	}
}

function decode(kind: number, payload: Bytes): BackupRecord | undefined {
	try {
		return decodeRecord(kind, payload);
	} catch {
		throw damaged('a record cannot be read');
	}
}

interface ByteReader {
	hasMore(): Promise<boolean>;
	take(length: number): Promise<Bytes>;
	uint(): Promise<number>;
}

function createByteReader(pieces: AsyncGenerator<Bytes>): ByteReader {
	let piece: Bytes = new Uint8Array(0);
	let at = 0;
	const reader: ByteReader = {
		async hasMore() {
			while (at === piece.length) {
				const next = await pieces.next();
				if (next.done) return false;
				piece = next.value;
				at = 0;
			}
			return true;
		},
		async take(length) {
			const taken = new Uint8Array(length);
			for (let filled = 0; filled < length; ) {
				if (!(await reader.hasMore())) throw damaged('a record is cut');
				const part = piece.subarray(at, at + length - filled);
				taken.set(part, filled);
				filled += part.length;
				at += part.length;
			}
			return taken;
		},
		async uint() {
			let value = 0;
			for (let scale = 1; ; scale *= 128) {
				const [byte = 0] = await reader.take(1);
				value += (byte & 127) * scale;
				if (!Number.isSafeInteger(value)) throw damaged('a number is too large');
				if (byte < 128) return value;
			}
		},
	};
	return reader;
}

/** A disk that is taken out while it is read looks like a file that ends. */
async function bytesOf(file: Blob, from: number, length: number): Promise<Bytes> {
	try {
		return new Uint8Array(await file.slice(from, from + length).arrayBuffer());
	} catch {
		throw new BackupFault({ type: 'CutBackup' });
	}
}

function damaged(reason: string): BackupFault {
	return new BackupFault({ type: 'DamagedBackup', reason });
}

function faultOf(cause: unknown): BackupError {
	if (cause instanceof BackupFault) return cause.error;
	throw cause;
}
