import { readFileSync, writeFileSync } from 'node:fs';

/** What the system says of a process (Linux: `man 5 proc`). */

/** Ticks of a second in which Linux tells processor time to programs, on every platform that Node supports. */
const TICKS_PER_SECOND = 100;

/** Seconds of processor time, its own and the system's on its behalf, since the process began. */
export function cpuSeconds(pid: number | undefined): number {
	const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
	// The name in brackets may hold spaces; state is the third field, user and system time the 14th and 15th.
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Resident memory in kB. */
export function residentKilobytes(pid: number | undefined): number {
	return statusOf(pid, 'VmRSS');
}

/** Forgets the peak of resident memory so far. */
export function resetPeak(pid: number | undefined): void {
	writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** The most resident memory since `resetPeak`, in kB. */
export function peakKilobytes(pid: number | undefined): number {
	return statusOf(pid, 'VmHWM');
}

function statusOf(pid: number | undefined, field: string): number {
	const status = readFileSync(`/proc/${pid}/status`, 'utf8');
	const [, value] = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status) ?? [];
	if (value === undefined) throw new Error(`${field} is missing`);
	return Number(value);
}
