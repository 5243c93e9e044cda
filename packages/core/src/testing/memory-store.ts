import { type Bytes, equalBytes } from '../bytes.ts';
import type { StreamName } from '../ids.ts';
import type { SealedRow, Store, StoredDoc, StoreError, StreamPosition, WriterState } from '../ports/store.ts';
import { err, ok, type Result } from '../result.ts';

/** What survives the process: hand it to `createMemoryStore` again to start over on the same disk. */
export interface MemoryDisk {
	readonly docs: Map<StreamName, { snapshot: Bytes | undefined; snapshotThrough: number; rows: DocRow[] }>;
	readonly unsealed: { readonly row: number; readonly stream: StreamName; readonly update: Bytes }[];
	readonly sealed: (SealedRow & { readonly stream: StreamName })[];
	readonly positions: Map<StreamName, StreamPosition>;
	readonly writers: Map<StreamName, WriterState>;
	readonly values: Map<string, unknown>;
	nextRow: number;
}
interface DocRow {
	readonly row: number;
	readonly update: Bytes;
}

/** What a test may do to a store. */
export interface StoreFaults {
	/** Every write answers QuotaExceeded and changes nothing. */
	isFull: boolean;
	/** Every call answers StoreUnavailable with this reason. */
	unavailable: string | undefined;
	/** Streams whose rows are not what was written. */
	readonly corrupt: Set<StreamName>;
	/**
	 * The process dies at this call: `before` nothing was written, `after` the write is on disk and nobody heard of it.
	 * Neither this call nor any later one on this handle ever answers. With `calls`, the so-manieth call of that kind.
	 */
	dieAt:
		| { readonly method: keyof Store | 'any'; readonly when: 'before' | 'after'; readonly calls?: number }
		| undefined;
	/** Waited for before each call, so that a test decides who comes first. */
	pace: ((method: keyof Store) => Promise<void>) | undefined;
}

/** A store in memory that promises what a real one does, and fails on request. */
export interface MemoryStore extends Store {
	readonly disk: MemoryDisk;
	readonly faults: StoreFaults;
	/** The process is gone: nothing on this handle answers any more. The disk stays. */
	kill(): void;
	readonly isDead: boolean;
}

/** An empty disk. */
export function createMemoryDisk(): MemoryDisk {
	return {
		docs: new Map(),
		unsealed: [],
		sealed: [],
		positions: new Map(),
		writers: new Map(),
		values: new Map(),
		nextRow: 1,
	};
}

/** Opens a disk; several handles on one disk are the tabs of one device. */
export function createMemoryStore(disk: MemoryDisk = createMemoryDisk()): MemoryStore {
	const faults: StoreFaults = {
		isFull: false,
		unavailable: undefined,
		corrupt: new Set(),
		dieAt: undefined,
		pace: undefined,
	};
	let isDead = false;

	return {
		disk,
		faults,
		kill: () => {
			isDead = true;
		},
		get isDead() {
			return isDead;
		},
		...documents(),
		...covered(),
		...outbox(),
		...places(),
	};

	/** One transaction: `run` is synchronous, so nothing comes between. */
	async function call<T, E = never>(
		method: keyof Store,
		kind: 'read' | 'write',
		run: () => Result<T, StoreError | E>,
	): Promise<Result<T, StoreError | E>> {
		await faults.pace?.(method);
		await undefined;
		const dies = deathAt(method);
		if (dies === 'before') isDead = true;
		if (isDead) return new Promise(() => {});
		if (faults.unavailable !== undefined) return err({ type: 'StoreUnavailable', reason: faults.unavailable });
		if (kind === 'write' && faults.isFull) return err({ type: 'QuotaExceeded' });
		const outcome = run();
		if (dies === 'after') isDead = true;
		// Answering takes a moment, in which the process may die too.
		await undefined;
		return isDead ? new Promise(() => {}) : outcome;
	}

	function deathAt(method: keyof Store): 'before' | 'after' | undefined {
		const at = faults.dieAt;
		if (!at || (at.method !== 'any' && at.method !== method)) return undefined;
		const calls = (at.calls ?? 1) - 1;
		if (calls === 0) return at.when;
		faults.dieAt = { ...at, calls };
		return undefined;
	}

	function documents(): Pick<Store, 'loadDoc' | 'appendLocal' | 'appendRemote' | 'compactDoc'> {
		return {
			loadDoc: (stream) => call('loadDoc', 'read', () => storedDoc(stream)),
			appendLocal: (updates) =>
				call('appendLocal', 'write', () => {
					for (const { stream, update } of updates) {
						const row = addRow(stream, update);
						disk.unsealed.push({ row, stream, update: copy(update) });
					}
					return ok();
				}),
			appendRemote: ({ stream, updates, position, offer, values }) =>
				call('appendRemote', 'write', () => {
					// First, since a value that cannot be kept must not leave half an advance behind.
					setValues(values ?? {});
					for (const update of updates) addRow(stream, update);
					if (offer) disk.unsealed.push({ row: addRow(stream, offer), stream, update: copy(offer) });
					disk.positions.set(stream, structuredClone(position));
					return ok();
				}),
			compactDoc: ({ stream, snapshot, through }) =>
				call('compactDoc', 'write', () => {
					const doc = docOf(stream);
					if (doc.snapshotThrough > through) return ok();
					doc.snapshot = copy(snapshot);
					doc.snapshotThrough = through;
					doc.rows = doc.rows.filter(({ row }) => row > through);
					return ok();
				}),
		};
	}

	function covered(): Pick<Store, 'coveredDoc' | 'streams'> {
		return {
			coveredDoc: (stream) =>
				call('coveredDoc', 'read', () => {
					const doc = storedDoc(stream);
					if (!doc.ok) return doc;
					const hasRows = [...disk.unsealed, ...disk.sealed].some((row) => row.stream === stream);
					return ok({ doc: doc.value, position: positionOf(stream), hasRows });
				}),
			streams: () =>
				call('streams', 'read', () => {
					const ofRows = [...disk.unsealed, ...disk.sealed].map(({ stream }) => stream);
					return ok([...new Set([...disk.docs.keys(), ...disk.positions.keys(), ...ofRows])]);
				}),
		};
	}

	function outbox(): Pick<Store, 'pendingStreams' | 'unsealed' | 'commitSealed' | 'sealed' | 'settle'> {
		return {
			pendingStreams: () =>
				call('pendingStreams', 'read', () =>
					ok([...new Set([...disk.sealed, ...disk.unsealed].map(({ stream }) => stream))]),
				),
			unsealed: (stream, limit) =>
				call('unsealed', 'read', () =>
					ok(
						disk.unsealed
							.filter((row) => row.stream === stream)
							.slice(0, limit)
							.map(({ row, update }) => ({ row, update: copy(update) })),
					),
				),
			commitSealed: ({ stream, rows, sealed, expected, next }) =>
				call('commitSealed', 'write', () => {
					const actual = disk.writers.get(stream);
					if (!sameWriter(actual, expected)) {
						return err({ type: 'WriterMoved' as const, actual: structuredClone(actual) });
					}
					const gone = new Set(rows);
					removeWhere(disk.unsealed, ({ row }) => gone.has(row));
					disk.sealed.push({ stream, id: sealed.id, entry: copy(sealed.entry) });
					disk.writers.set(stream, structuredClone(next));
					return ok();
				}),
			sealed: (stream) =>
				call('sealed', 'read', () =>
					ok(disk.sealed.filter((row) => row.stream === stream).map(({ id, entry }) => ({ id, entry: copy(entry) }))),
				),
			settle: ({ stream, id, position }) =>
				call('settle', 'write', () => {
					removeWhere(disk.sealed, (row) => row.id === id);
					disk.positions.set(stream, structuredClone(position));
					return ok();
				}),
		};
	}

	function places(): Pick<Store, 'position' | 'positions' | 'writer' | 'value' | 'values' | 'putValues'> {
		return {
			position: (stream) => call('position', 'read', () => ok(positionOf(stream))),
			positions: (streams) =>
				call('positions', 'read', () => ok(new Map(streams.map((stream) => [stream, positionOf(stream)])))),
			writer: (stream) => call('writer', 'read', () => ok(structuredClone(disk.writers.get(stream)))),
			value: (key) => call('value', 'read', () => ok(structuredClone(disk.values.get(key)))),
			values: (prefix) =>
				call('values', 'read', () =>
					ok(new Map([...disk.values].filter(([key]) => key.startsWith(prefix)).map((pair) => structuredClone(pair)))),
				),
			putValues: (entries) =>
				call('putValues', 'write', () => {
					setValues(entries);
					return ok();
				}),
		};
	}

	function positionOf(stream: StreamName): StreamPosition {
		return structuredClone(disk.positions.get(stream)) ?? { seq: 0, chain: new Uint8Array(32), tails: {} };
	}

	function storedDoc(stream: StreamName): Result<StoredDoc, StoreError> {
		if (faults.corrupt.has(stream)) {
			return err({ type: 'CorruptRow', stream, reason: 'a row is not what was written' });
		}
		const doc = disk.docs.get(stream);
		return ok({
			snapshot: doc?.snapshot && copy(doc.snapshot),
			updates: (doc?.rows ?? []).map(({ update }) => copy(update)),
			through: doc?.rows.at(-1)?.row ?? doc?.snapshotThrough ?? 0,
		});
	}

	function setValues(entries: Readonly<Record<string, unknown>>): void {
		// Cloned before anything is stored: a value that cannot be kept must not leave half a change behind.
		const changes = Object.entries(entries).map(([key, value]) => [key, structuredClone(value)] as const);
		for (const [key, value] of changes) {
			if (value === undefined) disk.values.delete(key);
			else disk.values.set(key, value);
		}
	}

	function addRow(stream: StreamName, update: Uint8Array): number {
		const row = disk.nextRow++;
		docOf(stream).rows.push({ row, update: copy(update) });
		return row;
	}

	function docOf(stream: StreamName) {
		const doc = disk.docs.get(stream) ?? { snapshot: undefined, snapshotThrough: 0, rows: [] };
		disk.docs.set(stream, doc);
		return doc;
	}
}

function sameWriter(a: WriterState | undefined, b: WriterState | undefined): boolean {
	if (!a || !b) return a === b;
	return a.writer === b.writer && a.seq === b.seq && a.fence === b.fence && equalBytes(a.hash, b.hash);
}

function removeWhere<T>(items: T[], isGone: (item: T) => boolean): void {
	const kept = items.filter((item) => !isGone(item));
	items.splice(0, items.length, ...kept);
}

function copy(bytes: Uint8Array): Bytes {
	return new Uint8Array(bytes);
}
