import * as Y from 'yjs';
import type { FileId, StreamName } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import { newId, type RandomDep } from '../ports/random.ts';
import type { StoreError } from '../ports/store.ts';
import { err, ok, type Result } from '../result.ts';
import { applyToText } from './defaults.ts';
import { makePatch, type PatchNote, parseHistoryRecord } from './history.ts';
import { formatStamp } from './hlc.ts';
import type { Actor, HistoryPatch, HistoryWriter } from './records.ts';
import type { Stamp } from './register.ts';
import type { DocsDep, OpenDoc, SelfDep } from './space.ts';
import { diffText, type TextEdit } from './text-diff.ts';

/**
 * One file in use: its text and its history, which are written together. Edits come in two ways: `change`, which
 * records its patch at once, and local transactions of others on the text (the editor's keystrokes), which are
 * gathered into patches of the person: after a quiet moment, at the latest at the ceiling, before anyone else's edit
 * enters the text (so that a patch never holds two people's edits), and on `flush`.
 */
export interface FileDoc extends Disposable {
	readonly id: FileId;
	readonly doc: Y.Doc;
	readonly text: Y.Text;
	/** Whether anything was written through this opening of the document. */
	readonly isWritten: boolean;
	/** Raw rows of the history document. */
	history(): readonly unknown[];
	/** Carries out edits of the present text and records them. Without edits it records just what `note` says. */
	change(change: {
		readonly edits: readonly TextEdit[];
		readonly actor: Actor;
		readonly stamp: Stamp;
		readonly note?: PatchNote;
	}): HistoryPatch;
	/** Records what was typed so far. */
	flush(): void;
	/** Every change so far, history included, is on disk. */
	saved(): Promise<Result<void, StoreError>>;
}

/** What the manifest must hear of keystrokes; both are called in the same tick as what they tell of. */
export interface TypingEvents {
	/** The first keystroke after a flush is in the text. */
	began(id: FileId): void;
	/** A patch of typed text is being recorded: answers its stamp after noting the touch. */
	recorded(id: FileId): Stamp;
}

export type FileDocDeps = DocsDep & ClockDep & RandomDep & SelfDep;

/** A patch is recorded when nothing was typed for so long, */
const QUIET_MS = 1_500;
/** or at the latest so long after its first keystroke: what a crash can leave without a reason is bounded. */
const CEILING_MS = 15_000;
/** Origin of transactions whose patch is recorded by `change`. */
const RECORDED = { name: 'recorded' };

/** Opens text and history of a file. */
export async function openFileDoc(
	deps: FileDocDeps,
	id: FileId,
	events: TypingEvents,
): Promise<Result<FileDoc, StoreError>> {
	// Both begin before either is waited for.
	const openingHistory = deps.docs.open(`history/${id}` as StreamName);
	const text = await deps.docs.open(`file/${id}` as StreamName);
	const history = await openingHistory;
	if (!text.ok) {
		if (history.ok) history.value[Symbol.dispose]();
		return text;
	}
	if (!history.ok) {
		text.value[Symbol.dispose]();
		return history;
	}
	return ok(createFileDoc(deps, id, { text: text.value, history: history.value }, events));
}

function createFileDoc(
	deps: FileDocDeps,
	id: FileId,
	open: { readonly text: OpenDoc; readonly history: OpenDoc },
	events: TypingEvents,
): FileDoc {
	const { doc } = open.text;
	const text = doc.getText('text');
	const records = open.history.doc.getArray<unknown>('records');
	let typed: { readonly base: string; readonly firstClock: number; hasBegun: boolean } | undefined;
	let announcedClient: number | undefined;
	let quiet: Disposable | undefined;
	let ceiling: Disposable | undefined;

	doc.on('beforeTransaction', beforeTransaction);
	doc.on('afterTransaction', afterTransaction);

	return {
		id,
		doc,
		text,
		get isWritten() {
			return announcedClient !== undefined;
		},
		history: () => records.toArray(),
		change({ edits, actor, stamp, note }) {
			flush();
			const base = text.toString();
			const firstClock = Y.getState(doc.store, doc.clientID);
			if (edits.length > 0) {
				announceWriter();
				applyToText(text, edits, RECORDED);
			}
			// An empty file says that it is there, so that no device takes one whose text is on its way for empty.
			if (note?.created !== undefined && edits.length === 0) {
				doc.transact(() => doc.getMap('file').set('created', stamp.at), RECORDED);
			}
			return record({ base, firstClock, edits }, actor, stamp, note);
		},
		flush,
		async saved() {
			const results = await Promise.all([open.text.saved(), open.history.saved()]);
			return results.find((result) => !result.ok) ?? ok();
		},
		[Symbol.dispose]() {
			flush();
			doc.off('beforeTransaction', beforeTransaction);
			doc.off('afterTransaction', afterTransaction);
			open.text[Symbol.dispose]();
			open.history[Symbol.dispose]();
		},
	};

	function beforeTransaction(transaction: Y.Transaction): void {
		if (transaction.origin === RECORDED) return;
		if (!transaction.local) {
			flush();
			return;
		}
		typed ??= { base: text.toString(), firstClock: Y.getState(doc.store, doc.clientID), hasBegun: false };
	}

	/** Runs before Yjs tells anyone of the update, so the writer's name is written before the text it stands for. */
	function afterTransaction(transaction: Y.Transaction): void {
		if (transaction.origin === RECORDED || !transaction.local || !typed) return;
		if (![...transaction.changed.keys()].some((type) => Object.is(type, text))) {
			if (!typed.hasBegun) typed = undefined;
			return;
		}
		if (!typed.hasBegun) {
			typed.hasBegun = true;
			announceWriter();
			events.began(id);
			ceiling = deps.clock.setTimer(CEILING_MS, flush);
		}
		quiet?.[Symbol.dispose]();
		quiet = deps.clock.setTimer(QUIET_MS, flush);
	}

	function flush(): void {
		quiet?.[Symbol.dispose]();
		ceiling?.[Symbol.dispose]();
		const made = typed;
		typed = undefined;
		if (!made?.hasBegun) return;
		const edits = diffText(made.base, text.toString());
		if (edits.length === 0) return;
		const actor: Actor = { type: 'person', person: deps.self.person, device: deps.self.device };
		record({ ...made, edits }, actor, events.recorded(id));
	}

	function record(
		made: { readonly base: string; readonly firstClock: number; readonly edits: readonly TextEdit[] },
		actor: Actor,
		{ tick, at }: Stamp,
		note?: PatchNote,
	): HistoryPatch {
		const patch = makePatch(
			{ text, result: text.toString(), ...made },
			{ id: newId<string>(deps), stamp: formatStamp(tick, deps.self.device), at, actor, ...note },
		);
		records.push([patch]);
		return patch;
	}

	/** Says once per Yjs client who is behind it. */
	function announceWriter(): void {
		const client = doc.clientID;
		if (announcedClient === client) return;
		announcedClient = client;
		const isKnown = records.toArray().some((row) => {
			const known = parseHistoryRecord(row);
			return known?.kind === 'writer' && known.client === client;
		});
		if (isKnown) return;
		const { device, person } = deps.self;
		const writer: HistoryWriter = { kind: 'writer', client, device, person, at: deps.clock.now() };
		records.push([writer]);
	}
}

/** Files in use, each opened once however many use it. */
export interface FileDocs extends Disposable {
	/** Dispose of the answer to let the file go. */
	acquire(id: FileId): Promise<Result<FileDoc, StoreError>>;
	/** Records what was typed so far in all of them. */
	flush(): void;
}

/**
 * Files written to stay open until so many others were: each opening of a document is a new Yjs client, and a journal page
 * to which a hundred lines are added in a day should not name a hundred of them for ever.
 */
const KEPT_OPEN = 8;

interface SharedFile {
	readonly opening: Promise<Result<FileDoc, StoreError>>;
	users: number;
}

/** Shares open files among those who use them. */
export function createFileDocs(deps: FileDocDeps, events: TypingEvents): FileDocs {
	const shared = new Map<FileId, SharedFile>();
	const opened = new Map<FileId, FileDoc>();
	// In the order they were let go of.
	const idle = new Set<FileId>();

	return {
		async acquire(id) {
			const entry = shared.get(id) ?? { opening: openFileDoc(deps, id, events), users: 0 };
			shared.set(id, entry);
			idle.delete(id);
			entry.users++;
			const result = await entry.opening;
			if (!result.ok) {
				release(id, entry);
				return err(result.error);
			}
			opened.set(id, result.value);
			let isHeld = true;
			return ok({
				...result.value,
				[Symbol.dispose]() {
					if (isHeld) release(id, entry, result.value);
					isHeld = false;
				},
			});
		},
		flush() {
			for (const file of opened.values()) file.flush();
		},
		[Symbol.dispose]() {
			for (const file of opened.values()) file[Symbol.dispose]();
			opened.clear();
			shared.clear();
			idle.clear();
		},
	};

	function release(id: FileId, entry: SharedFile, file?: FileDoc): void {
		entry.users--;
		// Another opening may stand here by now, if everything was disposed of meanwhile.
		if (entry.users > 0 || shared.get(id) !== entry) return;
		if (!file?.isWritten) {
			close(id, file);
			return;
		}
		idle.add(id);
		for (const oldest of idle) {
			if (idle.size <= KEPT_OPEN) break;
			close(oldest, opened.get(oldest));
		}
	}

	function close(id: FileId, file: FileDoc | undefined): void {
		shared.delete(id);
		opened.delete(id);
		idle.delete(id);
		file?.[Symbol.dispose]();
	}
}
