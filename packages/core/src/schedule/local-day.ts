/** The local day of a moment, `2026-11-20`; made once for many moments, for making it is the slow part. */
export function makeDayOf(zone: string): (at: number) => string {
	const parts = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
	const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, ...parts });
	return (at) => format.format(at);
}
