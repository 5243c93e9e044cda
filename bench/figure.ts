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

/** Prints figures as a table, notes below each name's row. */
export function printFigures(figures: readonly Figure[]): void {
	const rows = figures.map((figure) => [
		figure.name,
		withUnit(figure.value, figure.unit),
		figure.min === undefined || figure.max === undefined ? '' : `${round(figure.min)} – ${round(figure.max)}`,
		figure.floor === undefined ? '' : `${round(figure.floor)} (× ${(figure.value / figure.floor).toFixed(1)})`,
		figure.limit === undefined ? '' : `${round(figure.limit)} ${figure.value <= figure.limit ? 'kept' : 'EXCEEDED'}`,
		figure.note,
	]);
	const head = ['', 'median', 'min – max', 'floor', 'limit', ''];
	const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
	for (const row of [head, ...rows]) {
		console.log(
			row
				.map((cell, column) => (isNumber(column) ? cell.padStart : cell.padEnd).call(cell, widths[column] ?? 0))
				.join('  ')
				.trimEnd(),
		);
	}
}

function isNumber(column: number): boolean {
	return column >= 1 && column <= 4;
}

function withUnit(value: number, unit: string): string {
	return `${round(value)} ${unit}`;
}

function round(value: number): string {
	return value >= 100 ? String(Math.round(value)) : value.toFixed(1);
}
