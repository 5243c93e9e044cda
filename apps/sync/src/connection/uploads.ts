import { equalBytes } from '@pocketeer/core/bytes';
import type { SpaceId, StreamId } from '@pocketeer/core/ids';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import type { LogDep } from '@pocketeer/core/ports/log';
import { LIMITS } from '@pocketeer/core/protocol/limits';
import type { ErrorCode, RelayMessage, SnapshotPart } from '@pocketeer/core/protocol/messages';
import type { MetricsDep } from '../metrics.ts';
import type { LogStoreDep, UploadKey } from '../store/log-store.ts';
import type { HubDep } from './hub.ts';
import { isStale } from './sealed-header.ts';

/** The snapshots one connection is uploading, one of a stream at a time. */
export interface Uploads {
	/** Takes the next part; says so when it was the last, or when the snapshot is not wanted. */
	put(part: SnapshotPart): Promise<void>;
	/** Drops what is unfinished: the connection is gone. */
	end(): void;
}

interface Upload {
	readonly first: SnapshotPart;
	/** undefined: answered already, further parts are passed over. */
	key: UploadKey | undefined;
	next: number;
	bytes: number;
}

/** Uploads of one connection at once; a device makes one snapshot after the other. */
const AT_ONCE = 8;
const MOST_PARTS = LIMITS.snapshot / LIMITS.snapshotPart;

const SENTENCES = {
	malformed: 'The parts of a snapshot do not fit together.',
	'too-large': 'A snapshot is larger than this relay takes.',
	quota: 'This space has used up its room on the relay.',
	'stale-snapshot': 'The relay has a snapshot that covers as much.',
	'stale-epoch': 'The snapshot is sealed under a key that is no longer used.',
	forked: 'The relay does not have the history that this snapshot stands for.',
	internal: 'The relay lost a part of the snapshot.',
} as const satisfies Partial<Record<ErrorCode, string>>;

/** Starts with none. */
export function createUploads(
	deps: ClockDep & LogDep & MetricsDep & HubDep & LogStoreDep & { readonly send: (message: RelayMessage) => void },
	options: { readonly space: SpaceId },
): Uploads {
	const { logStore, send } = deps;
	const { space } = options;
	const uploads = new Map<StreamId, Upload>();
	let isEnded = false;

	return {
		async put(part) {
			if (part.index === 0) await begin(part);
			const upload = uploads.get(part.stream);
			const isAnswered = upload?.first.id === part.id && upload.key === undefined;
			if (upload?.key !== undefined && isNext(upload, part)) await keepPart(upload, upload.key, part);
			else if (!isAnswered) refuse(part, 'malformed');
			const isOver = part.index + 1 >= part.count && upload?.first.id === part.id;
			if (isOver && uploads.get(part.stream) === upload) uploads.delete(part.stream);
		},
		end() {
			isEnded = true;
			for (const upload of uploads.values()) drop(upload);
		},
	};

	async function begin(part: SnapshotPart): Promise<void> {
		const before = uploads.get(part.stream);
		if (before) drop(before);
		const upload: Upload = { first: { ...part, part: new Uint8Array(0) }, key: undefined, next: 0, bytes: 0 };
		uploads.delete(part.stream);
		uploads.set(part.stream, upload);
		for (const [stream, oldest] of uploads) {
			if (uploads.size <= AT_ONCE) break;
			drop(oldest);
			uploads.delete(stream);
		}
		if (part.count < 1 || part.covers < 1) refuse(part, 'malformed');
		else if (part.count > MOST_PARTS) refuse(part, 'too-large');
		else if (isStale(part.part, deps.hub.epoch(space))) refuse(part, 'stale-epoch');
		else upload.key = await start(part);
	}

	async function start(part: SnapshotPart): Promise<UploadKey | undefined> {
		const { stream, id, covers, chain, count } = part;
		const start = await logStore.beginUpload({ space, stream, id, covers, chain, count });
		if (start.type === 'begun') return start.upload;
		if (start.type === 'kept') send({ type: 'snapshot-kept', stream, id, covers });
		else refuse(part, start.type);
		return undefined;
	}

	async function keepPart(upload: Upload, key: UploadKey, part: SnapshotPart): Promise<void> {
		if (!(await logStore.addPart(key, part.index, part.part))) return refuse(part, 'quota');
		upload.next++;
		upload.bytes += part.part.length;
		// Gone meanwhile: `end` came before the part did.
		if (isEnded) return drop(upload);
		if (upload.next < part.count) return;
		const end = await logStore.finishUpload(key, deps.clock.now());
		if (end.type !== 'kept') return refuse(part, end.type === 'gone' ? 'internal' : end.type);
		upload.key = undefined;
		deps.metrics.count('snapshots_total');
		deps.metrics.count('snapshot_bytes_total', upload.bytes);
		send({ type: 'snapshot-kept', stream: part.stream, id: part.id, covers: part.covers });
	}

	/** Says why, once; what still comes of this snapshot is passed over. */
	function refuse({ stream, id }: Pick<SnapshotPart, 'stream' | 'id'>, code: keyof typeof SENTENCES): void {
		const upload = uploads.get(stream);
		if (upload?.first.id === id) drop(upload);
		send({ type: 'error', code, about: id, message: SENTENCES[code] });
	}

	function drop(upload: Upload): void {
		if (upload.key === undefined) return;
		// It counts against the space's room until then; a restart drops it, too.
		logStore.dropUpload(upload.key).catch((error: unknown) => {
			deps.log.warn('upload-not-dropped', { reason: error instanceof Error ? error.name : 'unknown' });
		});
		upload.key = undefined;
	}
}

/** Whether a part continues an upload as its first part announced it. All but the last are full. */
function isNext({ first, next }: Upload, part: SnapshotPart): boolean {
	const isSame =
		part.id === first.id &&
		part.covers === first.covers &&
		part.count === first.count &&
		equalBytes(part.chain, first.chain);
	const isFull = part.part.length === LIMITS.snapshotPart || part.index === part.count - 1;
	return isSame && part.index === next && isFull;
}
