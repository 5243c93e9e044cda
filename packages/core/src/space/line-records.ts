import type { LineRecord, RunRecord } from './records.ts';

/** What was read of a document's rows. */
export interface ReadRows<T> {
	readonly records: readonly T[];
	/** Rows that claim a known kind and are not of its form. */
	readonly malformed: number;
	/** There is a row of an unknown kind that says it must not be skipped. */
	readonly needsUpdate: boolean;
}

/** Reads rows and remembers, by the row's identity, what it made of them: rows are immutable, so each is checked once. */
export interface RowReader<T> {
	read(rows: readonly unknown[]): ReadRows<T>;
}

type Check = (value: unknown) => boolean;
type Shape = Readonly<Record<string, Check>>;

const text: Check = (value) => typeof value === 'string';
const number: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const list: Check = (value) => Array.isArray(value);
const blocks: Check = (value) => Array.isArray(value) && value.every((block) => isRow(block) && text(block.type));
const typed: Check = (value) => isRow(value) && text(value.type);
const texts: Check = (value) => Array.isArray(value) && value.every((item) => text(item));
const anything: Check = () => true;

/** Fields without which a reader could not work, by kind; optional and later fields are not looked at. */
const LINE_SHAPES: Readonly<Record<LineRecord['kind'], Shape>> = {
	message: { id: text, at: number, author: typed, content: blocks },
	reminder: { id: text, at: number, due: number, task: text, text },
	epoch: { id: text, at: number, system: blocks, tools: list },
	turn: {
		id: text,
		at: number,
		trigger: typed,
		device: text,
		by: text,
		model: text,
		epoch: text,
		head: text,
		context: (value) => Array.isArray(value) && value.every(isRow),
	},
	'model-step': { id: text, turn: text, at: number, model: text, content: blocks, stop: anything, durationMs: number },
	'tool-step': {
		turn: text,
		toolUse: text,
		name: text,
		at: number,
		outcome: text,
		receipts: (value) => Array.isArray(value) && value.every(typed),
		durationMs: number,
	},
	'turn-end': { turn: text, at: number, outcome: typed },
	steering: { id: text, turn: text, at: number, after: text, head: text, messages: texts },
	decision: { turn: text, toolUse: text, at: number, person: text, device: text, decision: typed },
	stop: { turn: text, at: number, person: text, device: text },
	takeover: { turn: text, at: number, device: text, fence: number, steps: texts },
	compaction: { id: text, at: number, device: text, epoch: text, through: text, summary: text, model: text },
	'compaction-undone': { compaction: text, at: number, person: text, device: text },
	reaction: { id: text, at: number, to: isRow, emoji: text, author: typed },
};

const RUN_SHAPES: Readonly<Record<RunRecord['kind'], Shape>> = {
	run: {
		id: text,
		line: text,
		trigger: typed,
		device: text,
		by: text,
		model: text,
		started: number,
		ended: number,
		outcome: typed,
		modelCalls: number,
		toolCalls: number,
		tokens: (value) =>
			isRow(value) && [value.input, value.cacheRead, value.cacheWrite, value.output].every((count) => number(count)),
		files: (value) => Array.isArray(value) && value.every(text),
	},
};

/** Reads the rows of a line's month. */
export function createLineReader(): RowReader<LineRecord> {
	return createRowReader<LineRecord>(LINE_SHAPES);
}

/** Reads the rows of a month of runs. */
export function createRunReader(): RowReader<RunRecord> {
	return createRowReader<RunRecord>(RUN_SHAPES);
}

type Verdict = 'whole' | 'unknown-kind' | 'critical' | 'malformed';

const NOTHING_READ = { records: [], malformed: 0, needsUpdate: false };

function createRowReader<T extends object>(shapes: Readonly<Record<string, Shape>>): RowReader<T> {
	const verdicts = new WeakMap<object, Verdict>();
	/** What was made of the rows of each document when they were last read, by its first row: rows only ever come to the end. */
	const before = new WeakMap<object, { readonly rows: readonly unknown[]; readonly read: ReadRows<T> }>();
	return {
		read(rows) {
			const [first] = rows;
			if (!isRow(first)) return readOn(NOTHING_READ, rows);
			const known = before.get(first);
			const isLonger = known?.rows.every((row, index) => row === rows[index]) ?? false;
			if (known && isLonger && known.rows.length === rows.length) return known.read;
			const read = known && isLonger ? readOn(known.read, rows.slice(known.rows.length)) : readOn(NOTHING_READ, rows);
			before.set(first, { rows, read });
			return read;
		},
	};

	function readOn(known: ReadRows<T>, rows: readonly unknown[]): ReadRows<T> {
		const records: T[] = [...known.records];
		let { malformed, needsUpdate } = known;
		for (const row of rows) {
			if (isWhole(row)) records.push(row);
			else if (!isRow(row) || judge(row) === 'malformed') malformed++;
			else if (judge(row) === 'critical') needsUpdate = true;
		}
		return { records, malformed, needsUpdate };
	}

	function isWhole(row: unknown): row is T {
		return isRow(row) && judge(row) === 'whole';
	}

	function judge(row: Readonly<Record<string, unknown>>): Verdict {
		const known = verdicts.get(row);
		if (known) return known;
		const verdict = judgeRow(row, shapes);
		verdicts.set(row, verdict);
		return verdict;
	}
}

function judgeRow(row: Readonly<Record<string, unknown>>, shapes: Readonly<Record<string, Shape>>): Verdict {
	if (typeof row.kind !== 'string') return 'malformed';
	if (!Object.hasOwn(shapes, row.kind)) return row.critical === true ? 'critical' : 'unknown-kind';
	for (const [field, check] of Object.entries(shapes[row.kind] ?? {})) {
		if (!check(row[field])) return 'malformed';
	}
	return 'whole';
}

function isRow(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
