import { Awareness } from 'y-protocols/awareness';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { type Forms, isNewerForm, stepsOf } from '../forms/forms.ts';
import type { StreamName } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { StoreDep, StoredDoc, StoreError } from '../ports/store.ts';
import type { TabsDep } from '../ports/tabs.ts';
import { err, ok, type Result } from '../result.ts';
import { createDoor } from './door.ts';
import type { Recorder } from './recorder.ts';

/** One document, loaded and attached: local changes go to the recorder, others come in through `deliver`. */
export interface StreamDoc extends Disposable {
	readonly doc: Y.Doc;
	/** Of a form that only a newer build knows: what is changed here is not kept, and whoever asks is told. */
	readonly isReadOnly: boolean;
	/** Applies updates that are on disk already, in one transaction. */
	deliver(updates: readonly Uint8Array[]): void;
	/** Applies whatever the store has that this tab did not hear of while it was frozen. */
	refresh(): Promise<Result<void, StoreError>>;
}

/** Above either, a loaded document is written back as one snapshot. */
const COMPACT_ABOVE = { rows: 200, bytes: 256 * 1024 };

export type StreamDocDeps = StoreDep &
	ClockDep &
	TabsDep & {
		readonly recorder: Recorder;
		/** Left out: those this build knows. */
		readonly forms?: Forms;
	};

/** Loads a document from the store; one that cannot be read whole is not opened at all. */
export async function openStreamDoc(deps: StreamDocDeps, stream: StreamName): Promise<Result<StreamDoc, StoreError>> {
	const stored = await deps.store.loadDoc(stream);
	if (!stored.ok) return stored;
	const doc = new Y.Doc();
	try {
		applyStored(doc, stored.value);
	} catch (error) {
		doc.destroy();
		const reason = error instanceof Error ? error.message : 'unreadable';
		return err({ type: 'CorruptRow', stream, reason: `a stored change cannot be applied: ${reason}` });
	}
	if (stepsOf(stream, deps.forms).length > 0) {
		// Kept out of the first load for as long as no kind of document has a second form.
		const { bringUpToDate } = await import('../forms/bring-up-to-date.ts');
		const current = await bringUpToDate(deps, stream, doc);
		if (!current.ok) {
			doc.destroy();
			return current;
		}
	}
	if (isLong(stored.value)) void compact(deps, { stream, doc, through: stored.value.through });
	return ok(attach(deps, stream, doc));
}

function attach(deps: StreamDocDeps, stream: StreamName, doc: Y.Doc): StreamDoc {
	const kept = keptAt(doc);
	const door = createDoor(deps, { keptStateVector: () => Y.encodeStateVector(kept), offered });
	doc.on('update', onUpdate);
	const awareness = new Awareness(doc);
	// Nobody else is behind the door, and a state would be renewed every 15 s.
	awareness.setLocalState(null);
	const provider = new WebsocketProvider('wss://door.invalid', 'stream', doc, {
		WebSocketPolyfill: door.socketClass,
		awareness,
		// Between tabs our own messages travel; the provider would exchange whole documents and seal everything twice.
		disableBc: true,
	});

	return {
		doc,
		get isReadOnly() {
			return isNewerForm(stream, doc, deps.forms);
		},
		deliver,
		async refresh() {
			const stored = await deps.store.loadDoc(stream);
			if (!stored.ok) return stored;
			const { snapshot, updates } = stored.value;
			deliver(snapshot ? [Y.convertUpdateFormatV2ToV1(snapshot), ...updates] : updates);
			return ok();
		},
		[Symbol.dispose]() {
			doc.off('update', onUpdate);
			provider.destroy();
			door[Symbol.dispose]();
			doc.destroy();
		},
	};

	function onUpdate(update: Uint8Array, origin: unknown): void {
		if (origin === provider) return;
		// What an older build makes of it could spoil it for all devices: it stays in this tab's memory.
		if (isNewerForm(stream, doc, deps.forms)) return;
		noteKept(update);
		deps.recorder.record(stream, update);
	}

	function deliver(updates: readonly Uint8Array[]): void {
		// Not local: history would take it for what the person typed here.
		Y.transact(
			doc,
			() => {
				for (const update of updates) door.receive(update);
			},
			provider,
			false,
		);
		for (const update of updates) noteKept(update);
	}

	/** The provider opened its door anew and says what we lack: recorded, unless the recorder has it. */
	function offered(update: Uint8Array): void {
		const missing = Y.diffUpdate(update, Y.encodeStateVector(kept));
		if (Y.parseUpdateMeta(missing).from.size === 0 || isNewerForm(stream, doc, deps.forms)) return;
		noteKept(missing);
		deps.recorder.record(stream, missing);
	}

	/** On disk, or with the recorder, which does not let go of it until it is. */
	function noteKept(update: Uint8Array): void {
		for (const [client, to] of Y.parseUpdateMeta(update).to) kept.set(client, Math.max(kept.get(client) ?? 0, to));
	}
}

/** How far each client's changes are on disk, those included that wait for others before them. */
function keptAt(doc: Y.Doc): Map<number, number> {
	const kept = Y.decodeStateVector(Y.encodeStateVector(doc));
	const pending = doc.store.pendingStructs?.update;
	if (pending) for (const [client, to] of Y.parseUpdateMetaV2(pending).to) kept.set(client, to);
	return kept;
}

function applyStored(doc: Y.Doc, { snapshot, updates }: StoredDoc): void {
	doc.transact(() => {
		if (snapshot) Y.applyUpdateV2(doc, snapshot);
		for (const update of updates) Y.applyUpdate(doc, update);
	}, 'store');
}

function isLong({ updates }: StoredDoc): boolean {
	if (updates.length > COMPACT_ABOVE.rows) return true;
	return updates.length > 1 && updates.reduce((sum, update) => sum + update.length, 0) > COMPACT_ABOVE.bytes;
}

async function compact(
	deps: StreamDocDeps,
	{ stream, doc, through }: { readonly stream: StreamName; readonly doc: Y.Doc; readonly through: number },
): Promise<void> {
	const snapshot = new Uint8Array(Y.encodeStateAsUpdateV2(doc));
	// A failure leaves all rows where they are: the next load tries again.
	await deps.tabs.whileHolding(`compact/${stream}`, () => deps.store.compactDoc({ stream, snapshot, through }));
}
