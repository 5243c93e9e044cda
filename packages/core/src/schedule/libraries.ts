/**
 * The one door to the date and cron parsers: they come in when a time is first read, so that the app's first load
 * holds neither.
 */

/** chrono's English parser of calendar dates. */
export async function loadChrono(): Promise<typeof import('chrono-node').en> {
	return (await import('chrono-node')).en;
}

/** Recurrence with its cron parser, croner. */
export function loadRecurrence(): Promise<typeof import('../protocol/recurrence.ts')> {
	return import('../protocol/recurrence.ts');
}
