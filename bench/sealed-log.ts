import { hash } from 'node:crypto';
import type { Bytes } from '@pocketeer/core/bytes';
import { sealEntry } from '@pocketeer/core/crypto/entry';
import { sealSnapshot } from '@pocketeer/core/crypto/snapshot';
import type { SpaceSecrets } from '@pocketeer/core/crypto/space-secrets';
import type { EntryId, SnapshotId, StreamId, StreamName, WriterId } from '@pocketeer/core/ids';
import type { FoundedSpace } from '@pocketeer/core/members/space-identity';
import type { WriterTail } from '@pocketeer/core/ports/store';
import { authTranscript } from '@pocketeer/core/protocol/auth';
import { emptyChain, nextChainSync } from '@pocketeer/core/protocol/chain';
import { LIMITS } from '@pocketeer/core/protocol/limits';
import { type ClientMessage, PROTOCOL_VERSION, SYNC_PATH } from '@pocketeer/core/protocol/messages';
import { createSystemRandom } from '@pocketeer/core/system';
import { connect, type TestClient } from '@pocketeer/sync/test-client';
import { randomId } from './raw-device.ts';

/**
 * Writes the log of a space as its first device would have, but at once: a year's entries need no year. What it seals
 * is what any device opens.
 */
export interface SealedLog {
	/** Appends one entry; resolves when it is sent. */
	append(stream: StreamName, update: Uint8Array): Promise<void>;
	/** Puts a snapshot of everything appended to a stream so far; `update` is its document in the V2 encoding. */
	snapshot(stream: StreamName, update: Uint8Array): Promise<void>;
	/** Resolves when all of it is at the relay. */
	settled(): Promise<void>;
	/** Entries of each stream and their bytes. */
	sizes(): ReadonlyMap<StreamName, { readonly entries: number; readonly bytes: number }>;
	close(): void;
}

interface Place {
	readonly id: StreamId;
	readonly key: CryptoKey;
	tail: WriterTail;
	chain: Bytes;
	bytes: number;
}

/** A relay lets a connection send so much at once and then slows it down; a year has more. */
const CONNECTIONS = 4;
const EPOCH = 1;
const random = createSystemRandom();

/** Connects as the space's first device, founding the space if need be. */
export async function openSealedLog(relay: string, space: FoundedSpace, secrets: SpaceSecrets): Promise<SealedLog> {
	const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => connectAs(relay, space)));
	const writer = randomId<WriterId>();
	const places = new Map<StreamName, Place>();

	return {
		async append(stream, update) {
			const place = await placeOf(stream);
			const { seq, hash: previous } = place.tail;
			const id = randomId<EntryId>();
			const entry = await sealEntry(
				{ random },
				{
					place: { space: space.spaceId, stream: place.id },
					header: { epoch: EPOCH, id, writer, writerSeq: seq + 1, previous },
					key: place.key,
					payload: new Uint8Array(update),
				},
			);
			place.tail = { seq: seq + 1, hash: sha256(entry) };
			place.chain = nextChainSync(place.chain, entry, sha256);
			place.bytes += entry.length;
			send(place, { type: 'append', stream: place.id, id, entry });
		},
		async snapshot(stream, update) {
			const place = await placeOf(stream);
			const header = { epoch: EPOCH, id: randomId<SnapshotId>(), covers: place.tail.seq, chain: place.chain };
			const sealed = await sealSnapshot(
				{ random },
				{
					...{ header, tails: { [writer]: place.tail }, update: new Uint8Array(update) },
					...{ place: { space: space.spaceId, stream: place.id }, key: place.key },
				},
			);
			const count = Math.ceil(sealed.length / LIMITS.snapshotPart);
			for (let index = 0; index < count; index++) {
				const part = sealed.slice(index * LIMITS.snapshotPart, (index + 1) * LIMITS.snapshotPart);
				const { id, covers, chain } = header;
				send(place, { type: 'snapshot-put', stream: place.id, id, covers, chain, index, count, part });
			}
		},
		async settled() {
			for (const client of clients) {
				const refusal = (await client.drain()).find(({ type }) => type === 'error');
				if (refusal) throw new Error(`the relay refused: ${JSON.stringify(refusal)}`);
			}
		},
		sizes: () => new Map([...places].map(([name, { tail, bytes }]) => [name, { entries: tail.seq, bytes }])),
		close() {
			for (const client of clients) client.close();
		},
	};

	async function placeOf(stream: StreamName): Promise<Place> {
		const present = places.get(stream);
		if (present) return present;
		const id = await secrets.streamId(stream);
		const key = await secrets.streamKey(id, EPOCH);
		if (!key) throw new Error('the ring lacks its first epoch');
		const place = { id, key, tail: { seq: 0, hash: emptyChain() }, chain: emptyChain(), bytes: 0 };
		places.set(stream, place);
		return place;
	}

	/** All of a stream over one connection: it is to stay in order. */
	function send({ id }: Place, message: ClientMessage): void {
		const client = clients[id.charCodeAt(0) % clients.length];
		client?.send(message);
	}
}

async function connectAs(relay: string, { spaceId, identity, lists }: FoundedSpace): Promise<TestClient> {
	const client = await connect(`${relay.replace('http', 'ws')}${SYNC_PATH}`);
	const { nonce, timeline } = await client.next('challenge');
	const claim = { nonce, timeline, origin: relay, space: spaceId, device: identity.id };
	const signature = await crypto.subtle.sign('Ed25519', identity.signing.privateKey, authTranscript(claim));
	client.send({
		...{ type: 'auth', version: PROTOCOL_VERSION, space: spaceId, device: identity.id },
		...{ signature: new Uint8Array(signature), origin: relay, lists, invite: '' },
	});
	await client.next('ready');
	return client;
}

function sha256(bytes: Uint8Array): Bytes {
	return new Uint8Array(hash('sha256', bytes, 'buffer'));
}
