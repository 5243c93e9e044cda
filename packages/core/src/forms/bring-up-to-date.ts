import * as Y from 'yjs';
import { type Bytes, concatBytes, utf8 } from '../bytes.ts';
import type { StreamName } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { StoreDep, StoreError } from '../ports/store.ts';
import { ok, type Result } from '../result.ts';
import { sha256 } from '../space/hash.ts';
import { COPY_PREFIX, FORMS, type Forms, formOf, isNewerForm, type Migration, putForm, stepsOf } from './forms.ts';

/** What the store keeps of a document as it was before a migration, under `copyKey`. */
export interface DocumentCopy {
	/** Wall clock when it was taken, ms since the epoch. */
	readonly at: number;
	/** Yjs update, V2 encoding, of the whole document. */
	readonly update: Bytes;
}

/** Key of the store under which the copy of a document in an older form is. */
export function copyKey(stream: StreamName, form: number): string {
	return `${COPY_PREFIX}${stream}/${form}`;
}

export interface FormsDep {
	/** Left out: what this build knows. */
	readonly forms?: Forms;
	/** Takes the change that a migration is; the store has it in time, as any change made here. */
	readonly recorder: { record(stream: StreamName, update: Uint8Array): void };
}

/**
 * Brings a document that was just loaded, and that nobody observes yet, to the newest form. Before each step the whole
 * document is copied in the store; without room for the copy nothing is changed and the document is not opened. Cut
 * anywhere, the next load finds the document as it was, and its copy, and does it again. A document of a newer form, and
 * an empty one (its contents may still be on their way), stay as they are.
 */
export async function bringUpToDate(
	deps: StoreDep & ClockDep & FormsDep,
	stream: StreamName,
	doc: Y.Doc,
): Promise<Result<void, StoreError>> {
	const { forms = FORMS } = deps;
	const steps = stepsOf(stream, forms);
	if (steps.length === 0 || doc.store.clients.size === 0 || isNewerForm(stream, doc, forms)) return ok();
	for (const [index, step] of steps.entries()) {
		const to = index + 2;
		const before = formOf(doc);
		if (before >= to && !step.hasLate?.(doc)) continue;
		const copy: DocumentCopy = { at: deps.clock.now(), update: new Uint8Array(Y.encodeStateAsUpdateV2(doc)) };
		const kept = await deps.store.putValues({ [copyKey(stream, before)]: copy });
		if (!kept.ok) return kept;
		const update = migrated(doc, step, { stream, to });
		if (!update) continue;
		deps.recorder.record(stream, update);
		// Not a local transaction: history must not take it for what the person typed here.
		Y.applyUpdate(doc, update, 'form');
	}
	return ok();
}

/**
 * The update that one step makes of a document; undefined for none. Written by a Yjs client that follows from the
 * document's state: devices that migrate the same state while apart write the very same items, and those that migrate
 * different states never write different items under one name, which Yjs could not bring together again.
 */
function migrated(
	doc: Y.Doc,
	step: Migration,
	{ stream, to }: { readonly stream: StreamName; readonly to: number },
): Uint8Array | undefined {
	const scratch = new Y.Doc({ gc: false });
	Y.applyUpdateV2(scratch, Y.encodeStateAsUpdateV2(doc));
	scratch.clientID = clientFor(doc, `${stream}/${to}`);
	let update: Uint8Array | undefined;
	scratch.on('update', (made: Uint8Array) => {
		update = made;
	});
	scratch.transact(() => {
		step.migrate(scratch);
		putForm(scratch, Math.max(to, formOf(scratch)));
	});
	scratch.destroy();
	return update;
}

function clientFor(doc: Y.Doc, name: string): number {
	// A snapshot is the state vector and what is deleted, sorted: equal for equal states however they came about.
	const hash = sha256(concatBytes(utf8(`pocketeer/v1/form/${name}\0`), Y.encodeSnapshot(Y.snapshot(doc))));
	let client =
		new DataView(hash.buffer, hash.byteOffset).getUint32(0) * 0x10000 + ((hash[4] ?? 0) << 8) + (hash[5] ?? 0);
	while (doc.store.clients.has(client)) client++;
	return client;
}
