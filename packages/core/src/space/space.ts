import type * as Y from 'yjs';
import type { Bytes } from '../bytes.ts';
import type { BlobId, DeviceId, FileId, LineId, PersonId, StreamName } from '../ids.ts';
import type { StoreError } from '../ports/store.ts';
import type { Result } from '../result.ts';
import type { Actor, HistoryPatch, LineRecord, RunRecord } from './records.ts';

/**
 * Opens documents of one space; the sync client is one. Whatever does not come from this tab enters the document in
 * a transaction that is not local (`Y.applyUpdate`, or `Y.transact` with `local` false): history takes a local
 * transaction for what the person typed here. Changes made in one tick are kept together or not at all.
 */
export interface Docs {
	/** Loads a document, or joins the one that is open already. Dispose to let it unload. */
	open(stream: StreamName): Promise<Result<OpenDoc, StoreError>>;
	/** Keeps a document up to date on this device from now on, though nobody has it open. */
	follow(stream: StreamName): void;
	/** Resolves when this stream has received all the relay had, or at once when there is no connection. */
	caughtUp(stream: StreamName): Promise<void>;
	/** Calls with each stream that received something not typed in this tab, open or not, after it is on disk. */
	onArrival(listener: (stream: StreamName) => void): Disposable;
}
export interface DocsDep {
	readonly docs: Docs;
}

/** One document in use. */
export interface OpenDoc extends Disposable {
	readonly doc: Y.Doc;
	/** Resolves when every local change made so far is on disk (or says why not). */
	saved(): Promise<Result<void, StoreError>>;
}

/** The workspace: one tree of text files. Paths are relative, `/`-separated, NFC, and unique among living files. */
export interface Files {
	/** Living files by path, shipped defaults (SOUL.md, PRACTICE.md) included until edited. */
	list(): readonly FileEntry[];
	find(path: string): FileEntry | undefined;
	/** Files known to be deleted, at the path they had: what `restore` brings back, and what may end what they set off. */
	deleted(): readonly FileEntry[];
	/** Fires after the tree or a file's `touched` changed, here or elsewhere. */
	subscribe(listener: () => void): Disposable;
	read(path: string): Promise<Result<FileText, FileError>>;
	/** As `read`, and which of the text came from outside: for whoever shows it to an agent. */
	readMarked(path: string): Promise<Result<MarkedText, FileError>>;
	/** Creates, or replaces the text by the smallest edit; concurrent edits elsewhere in the file are kept. */
	write(change: { readonly path: string; readonly text: string }, by: Actor): Promise<Result<FileChange, FileError>>;
	/** Replaces `old`, which must occur exactly once. */
	edit(
		change: { readonly path: string; readonly old: string; readonly new: string },
		by: Actor,
	): Promise<Result<FileChange, FileError>>;
	/** Adds `text` as a line at the end; creates the file when there is none. */
	append(change: { readonly path: string; readonly text: string }, by: Actor): Promise<Result<FileChange, FileError>>;
	move(change: { readonly from: string; readonly to: string }, by: Actor): Promise<Result<FileChange, FileError>>;
	remove(path: string, by: Actor): Promise<Result<FileChange, FileError>>;
	/** Brings a deleted file back, under a marked name if its path is taken. */
	restore(id: FileId, by: Actor): Promise<Result<FileChange, FileError>>;
	/** For the editor: the live text; edits made through it are recorded in history as the person's. */
	open(path: string): Promise<Result<OpenFile, FileError>>;
	/** Newest last. */
	history(path: string): Promise<Result<readonly HistoryPatch[], FileError>>;
	/**
	 * Applies the inverse of one patch; says so when later edits made that impossible. `path` is where the file is or
	 * was; with `file`, a receipt's file is found wherever it was moved since. Undoing a creation removes the file
	 * if nobody changed it since; a move is moved back; a deleted file is brought back.
	 */
	undo(
		change: { readonly path: string; readonly patch: string; readonly file?: FileId },
		by: Actor,
	): Promise<Result<FileChange, FileError>>;
}
export interface FilesDep {
	readonly files: Files;
}

export interface FileEntry {
	readonly id: FileId;
	readonly path: string;
	/** Milliseconds since the epoch, by the clock of who touched it last; 0 for a shipped default. */
	readonly touched: number;
	/** Grows with every recorded change of the file on any device; orders schedule revisions. */
	readonly revision: number;
	/** How often text came in from elsewhere since this tab started: with `revision` it tells whether a text read before still stands. */
	readonly arrivals: number;
	/** Still the shipped default; the first edit makes it a real file. */
	readonly isDefault: boolean;
}

export interface FileText extends FileEntry {
	readonly text: string;
	/** base64url of the first 16 bytes of SHA-256 of the text. */
	readonly hash: string;
}

export interface MarkedText extends FileText {
	/** In the order of the text; a passage of a device whose history is not here counts too. */
	readonly untrusted: readonly UntrustedPassage[];
}

/** A part of a text that came from outside, in UTF-16 units. */
export interface UntrustedPassage {
	readonly from: number;
	readonly to: number;
	readonly source: string;
}

export interface OpenFile extends Disposable {
	readonly entry: FileEntry;
	readonly text: Y.Text;
	/** Every keystroke so far is on disk. */
	saved(): Promise<Result<void, StoreError>>;
	/** Records what was typed so far in history now, rather than after a quiet moment. */
	flush(): void;
}

export interface FileChange {
	readonly entry: FileEntry;
	readonly linesAdded: number;
	readonly linesRemoved: number;
	readonly patch: string | undefined;
}

export type FileError =
	/** `..`, control characters, empty parts, too long, not `.md`/`.js`: `reason` is a sentence. */
	| { readonly type: 'BadPath'; readonly path: string; readonly reason: string }
	| { readonly type: 'NoSuchFile'; readonly path: string }
	/** The manifest names it, but its text has not reached this device yet. */
	| { readonly type: 'NotHere'; readonly path: string }
	| { readonly type: 'PathTaken'; readonly path: string }
	/** `edit` found `old` zero or several times. */
	| { readonly type: 'NotUnique'; readonly path: string; readonly count: number }
	| { readonly type: 'TooLong'; readonly path: string; readonly limit: number; readonly length: number }
	/** A task file whose front matter is not a schedule; `reason` names the fix. */
	| { readonly type: 'Invalid'; readonly path: string; readonly reason: string }
	| { readonly type: 'CannotUndo'; readonly path: string; readonly reason: string }
	| StoreError;

/** The persistent conversations of a space. */
export interface Lines {
	list(): readonly Line[];
	subscribe(listener: () => void): Disposable;
	/** Makes the line when there is none of that name; the same name gives the same line on every device. */
	ensure(name: string): Promise<Result<Line, StoreError>>;
	/** Opens the newest months; `older` brings earlier ones. */
	open(id: LineId): Promise<Result<OpenLine, StoreError>>;
}
export interface LinesDep {
	readonly lines: Lines;
}

export interface Line {
	readonly id: LineId;
	readonly name: string;
	/** Wall clock of the newest record known, 0 if none. */
	readonly touched: number;
}

export interface OpenLine extends Disposable {
	readonly id: LineId;
	/** All loaded records, oldest first. A new array after each change, the records themselves are shared. */
	records(): readonly LineRecord[];
	/**
	 * Resolves once the records are on disk. On failure they may already show in `records()`, because the document in
	 * memory holds them and its owner tries again: tell the person that they are not safe yet, and do not append again.
	 */
	append(records: readonly LineRecord[]): Promise<Result<void, StoreError>>;
	subscribe(listener: () => void): Disposable;
	/** A loaded month holds what only a newer version understands (see `records.ts`): show that, and let no agent answer. */
	readonly needsUpdate: boolean;
	readonly hasOlder: boolean;
	older(): Promise<Result<void, StoreError>>;
}

/** The account of every turn, one document a month. */
export interface Runs {
	append(run: RunRecord): Promise<Result<void, StoreError>>;
	/** Newest first, at most `limit`, one row an id. */
	recent(limit: number): Promise<Result<readonly RunRecord[], StoreError>>;
	/** All that ended at this moment (ms since the epoch) or later, in no order, one row an id. */
	since(at: number): Promise<Result<readonly RunRecord[], StoreError>>;
	/** Whether a row of this turn or occurrence is known; false, and a line in the log, when a month cannot be read. */
	has(id: string): Promise<boolean>;
	subscribe(listener: () => void): Disposable;
}
export interface RunsDep {
	readonly runs: Runs;
}

/**
 * Attachments and long results, named by what they hold: the same bytes are one blob wherever they were added. Each is a
 * stream of its own, sealed and synced like a document, and fetched when it is read.
 */
export interface Blobs {
	/** Resolves once the bytes are on disk. */
	put(bytes: Bytes): Promise<Result<BlobId, BlobError>>;
	/** The bytes, or `NotHere` when they have not reached this device: asking fetches them, so ask again. */
	read(id: BlobId): Promise<Result<Bytes, BlobError>>;
	/** The same, but waits until the relay has sent what it has; without a connection it answers at once. */
	fetch(id: BlobId): Promise<Result<Bytes, BlobError>>;
	/** Calls with each blob of which something came in from elsewhere: one that was `NotHere` may be whole by now. */
	onArrival(listener: (id: BlobId) => void): Disposable;
}
export interface BlobsDep {
	readonly blobs: Blobs;
}
export type BlobError =
	| { readonly type: 'NotHere'; readonly blob: BlobId }
	| { readonly type: 'TooLarge'; readonly limitBytes: number; readonly sizeBytes: number }
	| StoreError;

/** Who acts in this space on this device. */
export interface Self {
	readonly device: DeviceId;
	readonly person: PersonId;
}
/** The names of people and their devices, for who speaks to whom and who changed what where. */
export interface PeopleDep {
	readonly directory: Pick<Directory, 'people' | 'devices'>;
}

export interface SelfDep {
	readonly self: Self;
}

/** One open space: its documents as the things they mean. */
export interface Space extends Disposable {
	readonly self: Self;
	readonly files: Files;
	readonly lines: Lines;
	readonly runs: Runs;
	readonly blobs: Blobs;
	readonly directory: Directory;
	/** Records in history what was typed so far in every open file: call it when the page hides. */
	flush(): void;
}

/** Names of a space, its people and its devices. The relay never sees them. */
export interface Directory {
	people(): readonly { readonly id: PersonId; readonly name: string }[];
	devices(): readonly {
		readonly id: DeviceId;
		readonly name: string;
		readonly person: PersonId | undefined;
		/** It has a model key, and may answer for its person's other devices. */
		readonly hasModel?: boolean;
	}[];
	/** What its people call the space; undefined before anybody named it. */
	spaceName(): string | undefined;
	/** Resolves once the name is on disk. */
	namePerson(id: PersonId, name: string): Promise<Result<void, StoreError>>;
	nameDevice(id: DeviceId, name: string): Promise<Result<void, StoreError>>;
	nameSpace(name: string): Promise<Result<void, StoreError>>;
	/** Whether a device has a model key, for the other devices of its person. */
	noteModel(id: DeviceId, hasModel: boolean): Promise<Result<void, StoreError>>;
	subscribe(listener: () => void): Disposable;
}
