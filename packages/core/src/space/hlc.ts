import type { DeviceId } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';

/**
 * Hybrid logical clock (Kulkarni et al. 2014, "Logical Physical Clocks"): close to the wall clock, yet every tick is
 * greater than all ticks seen before, on this device or any other. A tick is one safe integer: wall milliseconds in
 * the upper 43 bits (until the year 2248), a counter in the lower ten; a full counter carries into the wall part.
 */
export interface Hlc {
	/** A tick greater than every tick made or observed so far. */
	tick(): number;
	/** Takes note of another device's tick. Ticks of clocks far ahead are taken as they are: see `observe` below. */
	observe(tick: number): void;
}

const COUNTER_SIZE = 1024;
/** A wall clock beyond the year 2200 is broken; held there, the counter still has 48 years of milliseconds to grow. */
const MAX_WALL_MS = Date.UTC(2200, 0, 1);
const TICK_DIGITS = 14;

/** Starts a clock that knows nothing but this device's wall clock. */
export function createHlc(deps: ClockDep): Hlc {
	let last = 0;
	return {
		tick() {
			last = Math.max(last + 1, packWall(deps.clock.now()));
			return last;
		},
		// Refusing ticks far ahead would let later edits lose against the earlier ones of a device with a wrong clock.
		observe(tick) {
			if (isTick(tick)) last = Math.max(last, tick);
		},
	};
}

/** Whether a number from a document can be a tick of this clock. */
export function isTick(value: unknown): value is number {
	return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < Number.MAX_SAFE_INTEGER;
}

/** The wall part of a tick, ms since the epoch. */
export function wallOf(tick: number): number {
	return Math.floor(tick / COUNTER_SIZE);
}

/** A tick as text of fixed width with its device: sorts like the ticks, and no two devices make the same. */
export function formatStamp(tick: number, device: DeviceId): string {
	return `${tick.toString(16).padStart(TICK_DIGITS, '0')}-${device}`;
}

/** The tick in a stamp, or undefined if the text is none. */
export function parseStamp(stamp: string): number | undefined {
	const digits = stamp.slice(0, TICK_DIGITS);
	if (!/^[0-9a-f]{14}$/.test(digits) || stamp[TICK_DIGITS] !== '-') return undefined;
	const tick = Number.parseInt(digits, 16);
	return isTick(tick) ? tick : undefined;
}

/** A time as a person should see it: never in the future, whatever the clock of who wrote it. */
export function clampToNow(atMs: number, nowMs: number): number {
	return Math.min(Math.max(0, atMs), nowMs);
}

function packWall(wallMs: number): number {
	const wall = Number.isFinite(wallMs) ? Math.floor(wallMs) : 0;
	return Math.min(Math.max(0, wall), MAX_WALL_MS) * COUNTER_SIZE;
}
