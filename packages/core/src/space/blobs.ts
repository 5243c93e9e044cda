import * as Y from 'yjs';
import { type Bytes, concatBytes, toBase64Url } from '../bytes.ts';
import { sha256 as sha256Aside } from '../crypto/derive.ts';
import { createEmitter } from '../emitter.ts';
import type { BlobId, StreamName } from '../ids.ts';
import { err, ok, type Result } from '../result.ts';
import { sha256 } from './hash.ts';
import type { LineRecord } from './records.ts';
import type { BlobError, Blobs, DocsDep, OpenDoc } from './space.ts';

/**
 * What can be attached at most. A request to the model holds 32 MB, which is 24 MB before base64; and a phone has
 * several copies in memory while it seals one: so no larger, though the relay would take it.
 */
export const MOST_BLOB_BYTES = 20 * 1024 * 1024;

/**
 * One piece is one value of the document, and goes into one sealed entry: far below the relay's limit of one, and small
 * enough that a connection which breaks off does not begin again from nothing.
 */
const PIECE_BYTES = 512 * 1024;
/** Who writes a blob: the same Yjs client on every device, so that the same bytes are the same items everywhere. */
const WRITER = 1;
/** Origin of the changes of a put. */
const PUT_ORIGIN = 'blob';
const PREFIX = 'blob/';

/** Makes the blobs of a space. */
export function createBlobs(deps: DocsDep): Blobs & Disposable {
	const arrivals = createEmitter<BlobId>();
	const listening = deps.docs.onArrival((stream) => {
		if (stream.startsWith(PREFIX)) arrivals.emit(stream.slice(PREFIX.length) as BlobId);
	});

	return {
		async put(bytes) {
			if (bytes.length > MOST_BLOB_BYTES) {
				return err({ type: 'TooLarge', limitBytes: MOST_BLOB_BYTES, sizeBytes: bytes.length });
			}
			const id = await nameOf(bytes);
			const opened = await deps.docs.open(streamOf(id));
			if (!opened.ok) return opened;
			using open = opened.value;
			const kept = await write(open, bytes);
			if (!kept.ok) return kept;
			const read = await contentOf(open.doc, id);
			return read.ok ? ok(id) : read;
		},
		async read(id) {
			const opened = await deps.docs.open(streamOf(id));
			if (!opened.ok) return opened;
			using open = opened.value;
			return await contentOf(open.doc, id);
		},
		async fetch(id) {
			const opened = await deps.docs.open(streamOf(id));
			if (!opened.ok) return opened;
			using open = opened.value;
			const here = await contentOf(open.doc, id);
			if (here.ok || here.error.type !== 'NotHere') return here;
			await deps.docs.caughtUp(streamOf(id));
			return await contentOf(open.doc, id);
		},
		onArrival: (listener) => arrivals.subscribe(listener),
		[Symbol.dispose]: () => listening[Symbol.dispose](),
	};
}

/** The stream of a blob. */
export function streamOf(id: BlobId): StreamName {
	return `${PREFIX}${id}` as StreamName;
}

/** The blobs that a record of a line names: what a backup must hold besides it. */
export function blobsOf(record: LineRecord): readonly BlobId[] {
	switch (record.kind) {
		case 'message':
			return (record.attachments ?? []).map(({ blob }) => blob);
		case 'tool-step':
			return [record.whole, record.shows].flatMap((attachment) => attachment?.blob ?? []);
		default:
			return [];
	}
}

/** The updates that make a blob's document out of nothing, one a piece; the same on every device. */
export function* blobUpdates(bytes: Bytes): Generator<Bytes> {
	const doc = new Y.Doc();
	doc.clientID = WRITER;
	let update: Uint8Array = new Uint8Array();
	doc.on('update', (made: Uint8Array) => {
		update = made;
	});
	for (let at = 0; at === 0 || at < bytes.length; at += PIECE_BYTES) {
		doc.transact(() => {
			// The size goes with the first piece, so that whoever has some of them knows that others are to come.
			if (at === 0) doc.getMap('blob').set('size', bytes.length);
			if (bytes.length > 0) doc.getArray('pieces').push([bytes.slice(at, at + PIECE_BYTES)]);
		});
		yield new Uint8Array(update);
	}
	doc.destroy();
}

/** Piece by piece onto the disk: all at once would stand in memory several times over. What is there already changes nothing. */
async function write(open: OpenDoc, bytes: Bytes): ReturnType<OpenDoc['saved']> {
	for (const update of blobUpdates(bytes)) {
		Y.applyUpdate(open.doc, update, PUT_ORIGIN);
		const saved = await open.saved();
		if (!saved.ok) return saved;
	}
	return ok();
}

/** What the document holds, if it is what the name says; nothing else is ever handed out. */
async function contentOf(doc: Y.Doc, id: BlobId): Promise<Result<Bytes, BlobError>> {
	const size = doc.getMap('blob').get('size');
	if (size === undefined) return err({ type: 'NotHere', blob: id });
	const pieces = doc.getArray('pieces').toArray();
	if (!pieces.every((piece) => piece instanceof Uint8Array)) return corrupt(id);
	const here = pieces.reduce((sum, piece) => sum + piece.length, 0);
	if (typeof size === 'number' && here < size) return err({ type: 'NotHere', blob: id });
	const bytes = concatBytes(...pieces);
	return (await nameOf(bytes)) === id ? ok(bytes) : corrupt(id);
}

function corrupt(id: BlobId): Result<never, BlobError> {
	return err({ type: 'CorruptRow', stream: streamOf(id), reason: 'its bytes are not the ones it is named for' });
}

/** Up to here hashing at once is quicker than the way to WebCrypto's threads and back; a megabyte would hold up the page. */
const HASHED_AT_ONCE = 32 * 1024;

async function nameOf(bytes: Bytes): Promise<BlobId> {
	return toBase64Url(bytes.length <= HASHED_AT_ONCE ? sha256(bytes) : await sha256Aside(bytes)) as BlobId;
}
