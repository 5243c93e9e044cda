import { spawnSync } from 'node:child_process';
import type { Figure } from './figure.ts';

/** JavaScript that the browser must fetch before the chat can be used, as the web app's own size gate counts it. */
export async function benchFirstLoad(): Promise<readonly Figure[]> {
	// The gate's exit code says whether the limit was kept; the table says it, too.
	const run = spawnSync('npm', ['run', '--silent', 'size', '--workspace', '@pocketeer/web', '--', '--json'], {
		encoding: 'utf8',
	});
	return readReport(run.stdout).map(({ name, size, sizeLimit }) => ({
		name: 'first load',
		value: size / 1000,
		unit: 'kB gz',
		limit: sizeLimit / 1000,
		note: name,
	}));
}

interface SizeReport {
	readonly name: string;
	/** Bytes. */
	readonly size: number;
	readonly sizeLimit: number;
}

function readReport(json: string): readonly SizeReport[] {
	const report: unknown = JSON.parse(json);
	if (!Array.isArray(report) || !report.every(isSizeReport)) throw new Error(`size-limit answered: ${json}`);
	return report;
}

function isSizeReport(row: unknown): row is SizeReport {
	if (typeof row !== 'object' || row === null) return false;
	return 'name' in row && 'size' in row && 'sizeLimit' in row;
}
