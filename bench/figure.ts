/** One row of the benchmark's table. */
export interface Figure {
	readonly name: string;
	/** The median, where there were several runs. */
	readonly value: number;
	readonly unit: string;
	/** What was measured, in half a sentence. */
	readonly note: string;
	readonly min?: number;
	readonly max?: number;
	/** What the value must not exceed. */
	readonly limit?: number;
	/** What the value must reach. */
	readonly target?: number;
	/** The same on this machine with nothing of ours in it; the table shows the ratio. */
	readonly floor?: number;
}

/** A figure's value, min and max over its runs. */
export function spread(values: readonly number[]): { value: number; min: number; max: number } {
	const sorted = values.toSorted((a, b) => a - b);
	const value = sorted[Math.floor(sorted.length / 2)];
	const [min, max] = [sorted[0], sorted.at(-1)];
	if (value === undefined || min === undefined || max === undefined) throw new Error('no runs');
	return { value, min, max };
}

const COLUMNS = ['', 'median', 'min – max', 'floor (ratio)', 'limit or target'];

/** Prints figures as a table, each with its note below. */
export function printFigures(figures: readonly Figure[]): void {
	const rows = figures.map(cellsOf);
	const widths = COLUMNS.map((title, column) =>
		Math.max(...[COLUMNS, ...rows].map((row) => row[column]?.length ?? title.length)),
	);
	const print = (cells: readonly string[]) => {
		const [name = '', ...numbers] = cells;
		const rest = numbers.map((cell, index) => cell.padStart(widths[index + 1] ?? 0));
		console.log([name.padEnd(widths[0] ?? 0), ...rest].join('   ').trimEnd());
	};
	print(COLUMNS);
	for (const [index, figure] of figures.entries()) {
		print(rows[index] ?? []);
		console.log(`  ${figure.note}`);
	}
}

function cellsOf({ name, value, unit, min, max, floor, limit, target }: Figure): readonly string[] {
	return [
		name,
		`${round(value)} ${unit}`,
		min === undefined || max === undefined ? '' : `${round(min)} – ${round(max)}`,
		floor === undefined ? '' : `${round(floor)} (× ${ratio(value / floor)})`,
		verdict(value, limit, target),
	];
}

function verdict(value: number, limit: number | undefined, target: number | undefined): string {
	if (limit !== undefined) return `≤ ${round(limit)} ${value <= limit ? 'kept' : 'EXCEEDED'}`;
	if (target !== undefined) return `≥ ${round(target)} ${value >= target ? 'reached' : 'MISSED'}`;
	return '';
}

function ratio(value: number): string {
	return value < 0.1 ? value.toFixed(3) : value.toFixed(1);
}

function round(value: number): string {
	return value >= 100 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1);
}
