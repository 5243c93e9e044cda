import * as Y from 'yjs';
import { type Bytes, concatBytes, equalBytes } from '../bytes.ts';
import type { EntryError } from '../crypto/entry.ts';
import { openSnapshot } from '../crypto/snapshot.ts';
import type { SpaceSecrets } from '../crypto/space-secrets.ts';
import type { StreamId } from '../ids.ts';
import type { StreamPosition } from '../ports/store.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { SnapshotPart } from '../protocol/messages.ts';
import { err, ok, type Result } from '../result.ts';
import { isUpdate } from './inbox.ts';

/** Puts a snapshot together as its parts come in. In memory only: half a snapshot stands for nothing (R5). */
export interface SnapshotParts {
	/** The whole, with its last part; undefined before, and for a part that does not continue the one before it. */
	add(part: SnapshotPart): WholeSnapshot | undefined;
	clear(): void;
}

/** A snapshot as it came from the relay, and what the relay says that it is. */
export interface WholeSnapshot {
	readonly covers: number;
	readonly chain: Bytes;
	readonly sealed: Bytes;
}

/** Why a snapshot cannot be taken. */
export type SnapshotError =
	| EntryError
	/** It opens, but what it holds is no Yjs update. */
	| { readonly type: 'NoUpdate' }
	/** The relay says that it stands for another place in the log than its maker did. */
	| { readonly type: 'Altered' }
	/** Less of some writer is in it than was read here: it is of another log. */
	| { readonly type: 'SetBack' };

/** A snapshot that was opened and fits behind what was read. */
export interface ReadSnapshot {
	/** Yjs update, V1 encoding. */
	readonly update: Bytes;
	/** Where the stream stands with it. */
	readonly position: StreamPosition;
}

/** Makes an empty table of parts. */
export function createSnapshotParts(): SnapshotParts {
	let first: SnapshotPart | undefined;
	let parts: Bytes[] = [];
	let size = 0;

	return {
		add(part) {
			if (part.index === 0) {
				clear();
				first = part;
			}
			if (!first || !isNext(first, part)) {
				// Of an earlier `open`, or one before it was lost: without all of them there is no snapshot.
				clear();
				return undefined;
			}
			parts.push(part.part);
			size += part.part.length;
			if (parts.length < part.count) return undefined;
			const whole = { covers: first.covers, chain: first.chain, sealed: concatBytes(...parts) };
			clear();
			return whole;
		},
		clear,
	};

	function isNext(of: SnapshotPart, part: SnapshotPart): boolean {
		const isSame = of.id === part.id && of.covers === part.covers && of.count === part.count;
		const isRoom = size + part.part.length <= LIMITS.snapshot;
		return isSame && equalBytes(of.chain, part.chain) && part.index === parts.length && isRoom;
	}

	function clear(): void {
		first = undefined;
		parts = [];
		size = 0;
	}
}

/** Opens a whole snapshot and checks it against what was read of the log before. */
export async function readSnapshot(
	deps: { readonly secrets: SpaceSecrets },
	whole: WholeSnapshot,
	from: { readonly stream: StreamId; readonly position: StreamPosition },
): Promise<Result<ReadSnapshot, SnapshotError>> {
	const opened = await openSnapshot(whole.sealed, {
		place: { space: deps.secrets.space, stream: from.stream },
		keyOf: (epoch) => deps.secrets.streamKey(from.stream, epoch),
	});
	if (!opened.ok) return opened;
	const { header, tails, update } = opened.value;
	if (header.covers !== whole.covers || !equalBytes(header.chain, whole.chain)) return err({ type: 'Altered' });
	if (isSetBack(from.position, tails)) return err({ type: 'SetBack' });
	const converted = toV1(update);
	if (!converted) return err({ type: 'NoUpdate' });
	return ok({ update: converted, position: { seq: header.covers, chain: header.chain, tails } });
}

/** Whether a writer's newest entry that was read here is not in what `tails` stand for. */
function isSetBack(position: StreamPosition, tails: StreamPosition['tails']): boolean {
	return Object.entries(position.tails).some(([writer, known]) => {
		const tail = tails[writer];
		if (!tail || tail.seq < known.seq) return true;
		return tail.seq === known.seq && !equalBytes(tail.hash, known.hash);
	});
}

function toV1(update: Bytes): Bytes | undefined {
	try {
		const converted = new Uint8Array(Y.convertUpdateFormatV2ToV1(update));
		return isUpdate(converted) ? converted : undefined;
	} catch {
		// The seal holds, so a device of this space made it; Yjs throws on what it cannot read.
		return undefined;
	}
}
