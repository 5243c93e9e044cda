import { Cron } from 'croner';
import { isJsonObject } from '../json.ts';
import { err, ok, type Result, unreachable } from '../result.ts';

/**
 * When a wake fires, readable by the relay: it holds times and nothing else. Instants in ms since the epoch.
 * `zone` is an IANA name; cron has five fields, with `L` and `#` as croner reads them. `until` is the last moment
 * that may still fire.
 *
 * Daylight saving: a cron moment that the clock skips fires at the first moment after the gap, one that comes twice
 * fires once, the first time. Patterns with `*` or a step in hour or minute go by elapsed time instead: what is
 * skipped is skipped, what comes twice fires twice.
 */
export type Recurrence =
	| { readonly type: 'once'; readonly at: number }
	| { readonly type: 'cron'; readonly cron: string; readonly zone: string; readonly until: number | null }
	/** Every `intervalMs` (at least a minute) counted from `anchor`. */
	| { readonly type: 'interval'; readonly intervalMs: number; readonly anchor: number; readonly until: number | null };

/** The description is no schedule; `reason` is a sentence for whoever wrote it. */
export interface BadRecurrence {
	readonly type: 'BadRecurrence';
	readonly reason: string;
}

/** Shortest interval: cron's own resolution, and what push services bear. */
export const MIN_INTERVAL_MS = 60_000;

/** Greatest instant a Date can hold (ECMA-262, time values). */
const MAX_INSTANT = 8.64e15;
const MAX_CRON_LENGTH = 256;
const MAX_ZONE_LENGTH = 64;

/** The first due moment strictly after `after`, or undefined when there is none. The recurrence must be a read one. */
export function nextDue(recurrence: Recurrence, after: number): number | undefined {
	switch (recurrence.type) {
		case 'once':
			return recurrence.at > after ? recurrence.at : undefined;
		case 'cron':
			return within(openCron(recurrence).nextRun(new Date(after))?.getTime(), recurrence.until);
		case 'interval': {
			const { anchor, intervalMs } = recurrence;
			const steps = after < anchor ? 0 : Math.floor((after - anchor) / intervalMs) + 1;
			return within(anchor + steps * intervalMs, recurrence.until);
		}
		default:
			return unreachable(recurrence);
	}
}

/** The last due moment at or before `at`, or undefined when there is none yet. */
export function previousDue(recurrence: Recurrence, at: number): number | undefined {
	switch (recurrence.type) {
		case 'once':
			return recurrence.at <= at ? recurrence.at : undefined;
		case 'cron': {
			// croner looks strictly before, and includes runs earlier in the reference's own second.
			const latest = Math.min(at, recurrence.until ?? at);
			return openCron(recurrence)
				.previousRuns(1, new Date(latest + 1))[0]
				?.getTime();
		}
		case 'interval': {
			const { anchor, intervalMs } = recurrence;
			const latest = Math.min(at, recurrence.until ?? at);
			return latest < anchor ? undefined : anchor + Math.floor((latest - anchor) / intervalMs) * intervalMs;
		}
		default:
			return unreachable(recurrence);
	}
}

/** Checks an unknown value, as parsed from JSON or read from a frame, field by field. */
export function readRecurrence(json: unknown): Result<Recurrence, BadRecurrence> {
	if (!isJsonObject(json)) return bad('A schedule must be an object.');
	switch (json.type) {
		case 'once':
			if (!isInstant(json.at)) return bad('A moment must be in milliseconds since 1970.');
			return ok({ type: 'once', at: json.at });
		case 'cron':
			return readCron(json);
		case 'interval':
			return readInterval(json);
		default:
			return bad('A schedule is one of once, cron and interval.');
	}
}

function readCron(json: Readonly<Record<string, unknown>>): Result<Recurrence, BadRecurrence> {
	const { cron, zone, until } = json;
	if (typeof cron !== 'string' || cron.length > MAX_CRON_LENGTH) return bad('A cron pattern must be a short text.');
	if (cron.trim().split(/\s+/).length !== 5) return bad(`The cron pattern "${cron}" must have five fields.`);
	// `?` means "now" to croner: every device would read another schedule.
	if (cron.includes('?')) return bad('A cron pattern cannot hold "?"; write "*".');
	if (typeof zone !== 'string' || !isZone(zone))
		return bad(`"${String(zone)}" is no time zone; write one like Europe/Athens.`);
	if (!isUntil(until)) return bad('The end must be a moment in milliseconds since 1970, or null.');
	const recurrence = { type: 'cron', cron, zone, until } as const;
	try {
		openCron(recurrence);
	} catch {
		return bad(`The cron pattern "${cron}" cannot be understood.`);
	}
	return ok(recurrence);
}

function readInterval(json: Readonly<Record<string, unknown>>): Result<Recurrence, BadRecurrence> {
	const { intervalMs, anchor, until } = json;
	if (!isInstant(intervalMs) || intervalMs < MIN_INTERVAL_MS) return bad('An interval must be at least one minute.');
	if (!isInstant(anchor)) return bad('The first moment must be in milliseconds since 1970.');
	if (!isUntil(until)) return bad('The end must be a moment in milliseconds since 1970, or null.');
	return ok({ type: 'interval', intervalMs, anchor, until });
}

function openCron(recurrence: { readonly cron: string; readonly zone: string }): Cron {
	// no-wildcard: a list such as "30 2,14" is a fixed time, too; by default croner would lose it in a gap.
	return new Cron(recurrence.cron, {
		timezone: recurrence.zone,
		mode: '5-part',
		fixedTimeRule: 'no-wildcard',
		paused: true,
	});
}

function within(due: number | undefined, until: number | null): number | undefined {
	if (due === undefined || due > MAX_INSTANT) return undefined;
	return until === null || due <= until ? due : undefined;
}

function isZone(zone: string): boolean {
	// An offset such as +02:00 would pass Intl, but it has no daylight saving and is no name.
	if (zone.length > MAX_ZONE_LENGTH || !/^[A-Za-z]/.test(zone)) return false;
	try {
		return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone.length > 0;
	} catch {
		return false;
	}
}

function isInstant(value: unknown): value is number {
	return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= MAX_INSTANT;
}

function isUntil(value: unknown): value is number | null {
	return value === null || isInstant(value);
}

function bad(reason: string): Result<never, BadRecurrence> {
	return err({ type: 'BadRecurrence', reason });
}
