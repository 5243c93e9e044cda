import { type Bytes, concatBytes, fromBase64Url } from '../bytes.ts';
import { deflate } from '../crypto/deflate.ts';
import type { DeviceIdentity } from '../crypto/device-keys.ts';
import type { RandomDep } from '../ports/random.ts';
import {
	type BackupHead,
	boxInfo,
	CHUNK_HEAD_BYTES,
	chunkSeal,
	encodeHead,
	frontHash,
	loadBackupSuite,
	PIECE_BYTES,
	signedPart,
} from './backup-file.ts';
import { type BackupRecord, encodeRecord } from './backup-records.ts';

/** What a backup is written with; nothing of it is secret but the device's own key, which signs. */
export interface BackupTarget extends BackupHead {
	/** X25519 public key of the recovery words, base64url, from the device list. */
	readonly recoveryKey: string;
	readonly identity: DeviceIdentity;
	/** From version 1 on. */
	readonly lists: readonly Bytes[];
}

/**
 * The bytes of a backup, part by part, as its records come: `content` yields `about`, then everything up to `end`; the
 * record of keys is put behind the first. What `content` throws comes through, and then the file is not whole.
 */
export async function* sealBackup(
	deps: RandomDep,
	target: BackupTarget,
	content: AsyncIterable<BackupRecord>,
): AsyncGenerator<Bytes> {
	const contentKey = deps.random.bytes(32);
	const head = encodeHead(target);
	const box = await sealBox(target, head, contentKey);
	const hash = await frontHash(head, box);
	yield concatBytes(head, box);

	const key = await crypto.subtle.importKey('raw', contentKey, 'AES-GCM', false, ['encrypt']);
	const sealOf = chunkSeal(hash);
	let index = 0;
	const chunk = async (piece: Bytes, isLast: boolean): Promise<Bytes> => {
		const sealed = await crypto.subtle.encrypt(sealOf({ index, isLast }), key, await deflate(piece));
		index++;
		const front = new Uint8Array(CHUNK_HEAD_BYTES);
		front[0] = isLast ? 1 : 0;
		new DataView(front.buffer).setUint32(1, sealed.byteLength);
		return concatBytes(front, new Uint8Array(sealed));
	};

	const signature = await crypto.subtle.sign('Ed25519', target.identity.signing.privateKey, signedPart(hash));
	const keys: BackupRecord = {
		kind: 'keys',
		lists: target.lists,
		device: target.identity.id,
		signature: new Uint8Array(signature),
	};
	let piece: Bytes = new Uint8Array(PIECE_BYTES);
	let filled = 0;
	for await (const part of partsOf(content, keys)) {
		for (let from = 0; from < part.length; ) {
			// Full, and more is coming: so it was not the last.
			if (filled === PIECE_BYTES) {
				yield await chunk(piece, false);
				piece = new Uint8Array(PIECE_BYTES);
				filled = 0;
			}
			const taken = part.subarray(from, from + PIECE_BYTES - filled);
			piece.set(taken, filled);
			filled += taken.length;
			from += taken.length;
		}
	}
	yield await chunk(piece.slice(0, filled), true);
}

async function* partsOf(content: AsyncIterable<BackupRecord>, keys: BackupRecord): AsyncGenerator<Bytes> {
	for await (const record of content) {
		yield* encodeRecord(record);
		if (record.kind === 'about') yield* encodeRecord(keys);
	}
}

async function sealBox({ space, recoveryKey }: BackupTarget, head: Bytes, contentKey: Bytes): Promise<Bytes> {
	const suite = await loadBackupSuite();
	const recipientPublicKey = await crypto.subtle.importKey('raw', fromBase64Url(recoveryKey), 'X25519', true, []);
	const sealed = await suite.seal({ recipientPublicKey, info: boxInfo(space) }, contentKey, head);
	return concatBytes(new Uint8Array(sealed.enc), new Uint8Array(sealed.ct));
}
