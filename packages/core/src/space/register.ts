import type * as Y from 'yjs';
import { createEmitter, type Emitter } from '../emitter.ts';
import { type Hlc, isTick } from './hlc.ts';

/**
 * Registers that several devices write: a Y.Map holds one key per entity and writer, `<entity>/<writer>`, with the
 * value `[tick, at, value]`. A reader folds the writers of an entity: the greatest tick wins, then the greatest writer
 * name. A plain Y.Map key would drop one of two concurrent values by client id, before its tick was ever seen.
 */
export interface Registers<T> {
	/** The folded cell of an entity. Costs a map lookup. */
	get(entity: string): Cell<T> | undefined;
	/** Every writer's cell of an entity. */
	cells(entity: string): Iterable<Cell<T>>;
	/** Every entity that has a readable cell. */
	entities(): IterableIterator<string>;
	/** Writes this device's cell. */
	set(entity: string, value: T, stamp: Stamp): void;
	/** Fires with the entities whose fold may have changed, after each transaction, local or not. */
	readonly changed: Emitter<ReadonlySet<string>>;
}

/** When a change was made: its place in the order of all changes, and the writer's wall clock for display. */
export interface Stamp {
	readonly tick: number;
	/** Milliseconds since the epoch. */
	readonly at: number;
}

/** One writer's value of an entity. */
export interface Cell<T> extends Stamp {
	readonly writer: string;
	readonly value: T;
}

export interface RegisterOptions<T> {
	readonly map: Y.Map<unknown>;
	/** Short name of this device, without `/`. */
	readonly writer: string;
	readonly hlc: Hlc;
	/** The value if a document's value can be one; a cell that cannot be read is as if it were not there. */
	readonly parse: (value: unknown) => T | undefined;
}

/** Reads and follows the registers kept in one map. The map's document must outlive them. */
export function createRegisters<T>(options: RegisterOptions<T>): Registers<T> {
	const { map, writer, hlc, parse } = options;
	const cellsByEntity = new Map<string, Map<string, Cell<T>>>();
	const folded = new Map<string, Cell<T>>();
	const own = new Map<string, Cell<T>>();
	const changed = createEmitter<ReadonlySet<string>>();

	for (const key of map.keys()) readKey(key);
	for (const entity of cellsByEntity.keys()) refold(entity);
	map.observe((event) => {
		const entities = new Set<string>();
		for (const key of event.keysChanged) {
			const entity = readKey(String(key));
			if (entity !== undefined) entities.add(entity);
		}
		for (const entity of entities) refold(entity);
		healOwn(entities);
		if (entities.size > 0) changed.emit(entities);
	});

	return {
		get: (entity) => folded.get(entity),
		cells: (entity) => cellsByEntity.get(entity)?.values() ?? [],
		entities: () => folded.keys(),
		set(entity, value, { tick, at }) {
			own.set(entity, { writer, tick, at, value });
			map.set(`${entity}/${writer}`, [tick, at, value]);
		},
		changed,
	};

	/** Takes a key's value into the index; answers whose it is. */
	function readKey(key: string): string | undefined {
		const slash = key.lastIndexOf('/');
		if (slash < 1) return undefined;
		const entity = key.slice(0, slash);
		const cell = readCell(key.slice(slash + 1), map.get(key), parse);
		if (cell) {
			hlc.observe(cell.tick);
			const cells = cellsByEntity.get(entity) ?? new Map<string, Cell<T>>();
			cellsByEntity.set(entity, cells.set(cell.writer, cell));
		} else {
			cellsByEntity.get(entity)?.delete(key.slice(slash + 1));
		}
		return entity;
	}

	function refold(entity: string): void {
		const cell = foldCells(cellsByEntity.get(entity)?.values() ?? []);
		if (cell) folded.set(entity, cell);
		else folded.delete(entity);
	}

	/**
	 * Two tabs of a device share a key, and Yjs picks one of two concurrent values by client id. The tab that sees its
	 * later value lose writes it once more.
	 */
	function healOwn(entities: ReadonlySet<string>): void {
		for (const entity of entities) {
			const mine = own.get(entity);
			const there = cellsByEntity.get(entity)?.get(writer);
			if (!mine || (there && there.tick >= mine.tick)) continue;
			queueMicrotask(() => {
				const now = cellsByEntity.get(entity)?.get(writer);
				if (!now || now.tick < mine.tick) map.set(`${entity}/${writer}`, [mine.tick, mine.at, mine.value]);
			});
		}
	}
}

/** The winner among the cells of one entity, whatever their order. */
export function foldCells<T>(cells: Iterable<Cell<T>>): Cell<T> | undefined {
	let winner: Cell<T> | undefined;
	for (const cell of cells) {
		if (!winner || cell.tick > winner.tick || (cell.tick === winner.tick && cell.writer > winner.writer)) winner = cell;
	}
	return winner;
}

function readCell<T>(writer: string, raw: unknown, parse: (value: unknown) => T | undefined): Cell<T> | undefined {
	if (!Array.isArray(raw)) return undefined;
	const [tick, at, rawValue]: unknown[] = raw;
	const value = parse(rawValue);
	if (!isTick(tick) || typeof at !== 'number' || !Number.isFinite(at) || value === undefined) return undefined;
	return { writer, tick, at, value };
}

/** A grow-only set of names kept as the keys of a map: adding one twice, anywhere, is adding it once. */
export interface GrowSet {
	has(name: string): boolean;
	add(name: string): void;
	names(): IterableIterator<string>;
	/** Fires after each transaction that added a name. */
	readonly changed: Emitter<void>;
}

/** Reads and follows the set kept in one map. */
export function createGrowSet(map: Y.Map<unknown>): GrowSet {
	const changed = createEmitter<void>();
	map.observe(() => changed.emit());
	return {
		has: (name) => map.has(name),
		add(name) {
			if (!map.has(name)) map.set(name, 1);
		},
		names: () => map.keys(),
		changed,
	};
}
