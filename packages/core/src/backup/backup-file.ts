import { type Bytes, concatBytes, fromBase64Url, utf8 } from '../bytes.ts';
import { domain, sha256 } from '../crypto/derive.ts';
import type { SpaceId } from '../ids.ts';
import { createFrameReader, createFrameWriter } from '../protocol/wire.ts';

/**
 * One file that holds a whole space, for whoever has its 24 recovery words and for nobody else; any device of the space
 * can write it, because it is sealed to the recovery key of the device list. Form 1, final:
 *
 * ```
 * file    = head ‖ box ‖ chunk ‖ chunk ‖ …
 * head    = `Pocketeer backup` ‖ 0x0a ‖ form(varuint)=1 ‖ space id(16) ‖ created(varuint, ms since the epoch)
 * box     = enc(32) ‖ ciphertext(48)        HPKE base mode as for key rings, to the recovery key; holds the content key (32 random bytes);
 *                                           info = `pocketeer/v1/backup` ‖ 0 ‖ space id, aad = head
 * chunk   = last(1) ‖ length(4, big-endian) ‖ AES-256-GCM(piece)       key: the content key; iv: index, 12 bytes big-endian, from 0
 * aad     = `pocketeer/v1/backup-chunk` ‖ 0 ‖ SHA-256(head ‖ box)(32) ‖ index(varuint) ‖ last(1)
 * piece   = deflate-raw of the next at most 1 MiB of the stream of records
 * record  = kind(varuint) ‖ length(varuint) ‖ payload; records lie end to end, across pieces
 * ```
 *
 * The index in iv and additional data finds out chunks that changed places, `last` a file that was cut or went on, the
 * hash a chunk under another head. The records, in this order (numbers as in `RECORD_KINDS`):
 *
 * ```
 * 1 about     JSON {v:1, person, documents}            for whom its device acted, at most how many documents follow
 * 2 keys      JSON {v:1, lists: [b64u…], device, signature: b64u}      signed device lists from version 1 on; who wrote the file
 * 3 settings  JSON, without anything secret
 * 4 value     key(text) ‖ lib0 any                     what the store keeps under a key: drafts, quarantined entries
 * 5 document  stream(text) ‖ Yjs update V2             the whole document, deletions included; `home` is the last of them
 * 6 blob      name(text) ‖ part(varuint, from 0) ‖ parts(varuint) ‖ bytes      no writer: attachments are documents (`blob/<id>`); readers count them and go on
 * 7 end       JSON {v:1, counts: {value, document, blob}, missing: [stream…]}  what was written; streams that could not be
 * ```
 *
 * The key ring is in the newest list's recovery box, which the words open too. `signature` is the Ed25519 signature of a
 * device of that list over `pocketeer/v1/backup-by` ‖ 0 ‖ SHA-256(head ‖ box)(32). The recovery key is public to the relay, so
 * anybody could seal to it; but who signed the box chose the content key, and without that key no chunk can be made.
 *
 * How it grows: readers pass over kinds and JSON fields they do not know. What a reader must understand comes with a
 * greater form, of which nothing is fixed but the text in front and the number: older readers then ask for an update.
 */
export const BACKUP_FORM = 1;

/** Bytes of records in one chunk, before deflating. A reader holds about three of them. */
export const PIECE_BYTES = 1024 * 1024;
/** Of a chunk's length field: no deflated piece is larger, so a damaged length does not ask for gigabytes. */
export const MOST_CHUNK_BYTES = PIECE_BYTES + 64 * 1024;
/** A record has to fit in memory. */
export const MOST_RECORD_BYTES = 512 * 1024 * 1024;
/** An encapsulated X25519 key, the content key and GCM's tag. */
export const BOX_BYTES = 32 + 32 + 16;
/** In front of a chunk's ciphertext: whether it is the last, and its length. */
export const CHUNK_HEAD_BYTES = 5;

const MAGIC = utf8('Pocketeer backup\n');
/** The head's parts behind the magic: form and time at most 8 bytes each. */
export const MOST_HEAD_BYTES = MAGIC.length + 8 + 16 + 8;

/** What stands readable in front of a backup. */
export interface BackupHead {
	readonly space: SpaceId;
	/** Wall clock of the device that wrote it, ms since the epoch. */
	readonly created: number;
}

/** The head's bytes. */
export function encodeHead(head: BackupHead): Bytes {
	const frame = createFrameWriter();
	frame.uint(BACKUP_FORM);
	frame.id(head.space);
	frame.uint(head.created);
	return concatBytes(MAGIC, frame.finish());
}

/** A head with its bytes; `none` when this is no backup, `newer` when a later Pocketeer wrote it, `cut` when it ends early. */
export function readHead(
	start: Bytes,
): { readonly head: BackupHead; readonly bytes: Bytes } | 'none' | 'newer' | 'cut' {
	if (start.length < MAGIC.length || !MAGIC.every((byte, index) => start[index] === byte)) return 'none';
	const frame = createFrameReader(start.subarray(MAGIC.length));
	try {
		const form = frame.uint();
		if (form > BACKUP_FORM) return 'newer';
		if (form < 1) return 'none';
		const head = { space: frame.id<SpaceId>(), created: frame.uint() };
		// The writer is the only place that knows how long the numbers are.
		return { head, bytes: encodeHead(head) };
	} catch {
		return 'cut';
	}
}

/** What the box is bound to besides the head. */
export function boxInfo(space: SpaceId): Bytes {
	return concatBytes(domain('pocketeer/v1/backup'), fromBase64Url(space));
}

/** What the device that writes a backup signs; `hash` is that of head and box. */
export function signedPart(hash: Bytes): Bytes {
	return concatBytes(domain('pocketeer/v1/backup-by'), hash);
}

/** Names one head with its box. */
export function frontHash(head: Bytes, box: Bytes): Promise<Bytes> {
	return sha256(concatBytes(head, box));
}

/** IV and additional data of the chunks behind the head and box of this hash. */
export function chunkSeal(hash: Bytes): ChunkSeal {
	return ({ index, isLast }) => {
		const iv = new Uint8Array(12);
		new DataView(iv.buffer).setBigUint64(4, BigInt(index));
		const place = createFrameWriter();
		place.uint(index);
		place.flag(isLast);
		return { name: 'AES-GCM', iv, additionalData: concatBytes(CHUNK_DOMAIN, hash, place.finish()) };
	};
}
export type ChunkSeal = (chunk: { readonly index: number; readonly isLast: boolean }) => AesGcmParams;

const CHUNK_DOMAIN = domain('pocketeer/v1/backup-chunk');

/** HPKE is loaded when a backup is written or opened. */
export async function loadBackupSuite() {
	const { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } = await import('@hpke/core');
	return new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
}
