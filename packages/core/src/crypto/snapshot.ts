import { type Bytes, concatBytes, fromBase64Url } from '../bytes.ts';
import type { SnapshotId } from '../ids.ts';
import type { RandomDep } from '../ports/random.ts';
import type { WriterTail } from '../ports/store.ts';
import { createFrameReader, createFrameWriter, MalformedFrame } from '../protocol/wire.ts';
import { err, ok, type Result } from '../result.ts';
import { deflate, inflate } from './deflate.ts';
import type { EntryError, EntryPlace } from './entry.ts';
import { padme } from './padding.ts';
import { openPadded, type SealedBinding, sealPadded } from './sealed.ts';

/** What a snapshot says in the clear, bound by its seal. */
export interface SnapshotHeader {
	readonly epoch: number;
	readonly id: SnapshotId;
	/** Number of the newest entry it holds, and the log's hash there. */
	readonly covers: number;
	readonly chain: Bytes;
}

export interface OpenedSnapshot {
	readonly header: SnapshotHeader;
	/** Each writer's newest entry up to `covers`, by writer id. */
	readonly tails: Readonly<Record<string, WriterTail>>;
	/** The whole document as a Yjs update, V2 encoding. */
	readonly update: Bytes;
}

/** What an update may weigh or inflate to: far above any document, far below what would fell a tab. */
export const LARGEST_UPDATE = 64 * 1024 * 1024;

const VERSION = 1;
const HASH_BYTES = 32;
/** Below this size deflate saves nothing that Padmé would not pad away again. */
const DEFLATE_ABOVE = 512;
const FORMAT = { update: 1, deflated: 2 } as const;

/** Seals a document as it stands at a place of its stream's log. The key is the stream's for `header.epoch`. */
export async function sealSnapshot(
	deps: RandomDep,
	snapshot: OpenedSnapshot & { readonly place: EntryPlace; readonly key: CryptoKey },
): Promise<Bytes> {
	const header = encodeHeader(snapshot.header);
	const body = await encodeBody(snapshot);
	return sealPadded(deps, { ...binding(snapshot.place, header), key: snapshot.key, body, size: padme });
}

/** Opens a snapshot that was sealed for this place; `keyOf` gives the stream's key of an epoch. */
export async function openSnapshot(
	snapshot: Bytes,
	by: { readonly place: EntryPlace; readonly keyOf: (epoch: number) => Promise<CryptoKey> | undefined },
): Promise<Result<OpenedSnapshot, EntryError>> {
	const parts = split(snapshot);
	if (!parts.ok) return parts;
	const { header, headerBytes } = parts.value;
	const key = await by.keyOf(header.epoch);
	if (!key) return err({ type: 'UnknownEpoch', epoch: header.epoch });
	const body = await openPadded(snapshot, { ...binding(by.place, headerBytes), key });
	return body ? decodeBody(header, body) : err({ type: 'Unreadable' });
}

/** header = version(1)=1 ‖ epoch(varuint) ‖ snapshot id(16) ‖ covers(varuint) ‖ chain(32) */
function encodeHeader(header: SnapshotHeader): Bytes {
	const frame = createFrameWriter();
	frame.fixed(Uint8Array.of(VERSION), 1);
	frame.uint(header.epoch);
	frame.id(header.id);
	frame.uint(header.covers);
	frame.fixed(header.chain, HASH_BYTES);
	return frame.finish();
}

interface SnapshotParts {
	readonly header: SnapshotHeader;
	readonly headerBytes: Bytes;
}

function split(snapshot: Bytes): Result<SnapshotParts, EntryError> {
	if (snapshot[0] !== undefined && snapshot[0] > VERSION) return err({ type: 'NewerFormat' });
	return parse(() => {
		const frame = createFrameReader(snapshot);
		const [version] = frame.fixed(1);
		if (version !== VERSION) throw new MalformedFrame('not a version');
		const header: SnapshotHeader = {
			epoch: frame.uint(),
			id: frame.id(),
			covers: frame.uint(),
			chain: frame.fixed(HASH_BYTES),
		};
		return { header, headerBytes: encodeHeader(header) };
	});
}

/** body = format(1) ‖ tails ‖ update; format 1: update is a Yjs update V2; 2: the same, deflate-raw. */
async function encodeBody({ tails, update }: OpenedSnapshot): Promise<Bytes> {
	const encoded = encodeTails(tails);
	if (update.length > DEFLATE_ABOVE) {
		const deflated = await deflate(update);
		if (deflated.length < update.length) return concatBytes(Uint8Array.of(FORMAT.deflated), encoded, deflated);
	}
	return concatBytes(Uint8Array.of(FORMAT.update), encoded, update);
}

async function decodeBody(header: SnapshotHeader, body: Bytes): Promise<Result<OpenedSnapshot, EntryError>> {
	const [format] = body;
	if (format === undefined) return err({ type: 'Unreadable' });
	// The seal holds, so a device of this space wrote it: it knows more formats than we do.
	if (format !== FORMAT.update && format !== FORMAT.deflated) return err({ type: 'NewerFormat' });
	const parsed = parse(() => decodeTails(body.subarray(1)));
	if (!parsed.ok) return parsed;
	const { tails, length } = parsed.value;
	const content = body.slice(1 + length);
	const update = format === FORMAT.update ? content : await inflate(content, LARGEST_UPDATE);
	return update ? ok({ header, tails, update }) : err({ type: 'Unreadable' });
}

/** tails = count(varuint) ‖ count × (writer(16) ‖ writer seq(varuint) ‖ hash(32)), by the bytes of the id, ascending */
function encodeTails(tails: Readonly<Record<string, WriterTail>>): Bytes {
	const sorted = Object.entries(tails).sort(([a], [b]) => compareIds(a, b));
	const frame = createFrameWriter();
	frame.uint(sorted.length);
	for (const [writer, { seq, hash }] of sorted) {
		frame.id(writer);
		frame.uint(seq);
		frame.fixed(hash, HASH_BYTES);
	}
	return frame.finish();
}

/** Throws `MalformedFrame` on what `encodeTails` does not make. */
function decodeTails(bytes: Uint8Array): { readonly tails: Record<string, WriterTail>; readonly length: number } {
	const frame = createFrameReader(bytes);
	const tails: Record<string, WriterTail> = {};
	let last: string | undefined;
	for (let left = frame.uint(); left > 0; left--) {
		const writer: string = frame.id();
		if (last !== undefined && compareIds(last, writer) >= 0) throw new MalformedFrame('writers are not ascending');
		tails[writer] = { seq: frame.uint(), hash: frame.fixed(HASH_BYTES) };
		last = writer;
	}
	return { tails, length: encodeTails(tails).length };
}

function compareIds(a: string, b: string): number {
	const [left, right] = [fromBase64Url(a), fromBase64Url(b)];
	const at = left.findIndex((byte, index) => byte !== right[index]);
	return at < 0 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
}

function parse<T>(read: () => T): Result<T, EntryError> {
	try {
		return ok(read());
	} catch (error) {
		if (error instanceof MalformedFrame) return err({ type: 'Unreadable' });
		throw error;
	}
}

function binding({ space, stream }: EntryPlace, header: Bytes): SealedBinding {
	return { kind: 'pocketeer/v1/snapshot', of: [space, stream], header };
}
