/** What a call works on: the keys, or everything when there are none given; reads may share what they work on. */
export interface Access {
	readonly keys: readonly string[] | undefined;
	readonly isReadOnly: boolean;
}

/** Where a call stands. One that waits for the person holds its place: what works on the same comes after it. */
export type CallState = 'ready' | 'waits' | 'running' | 'over';

/** Whether the order of two calls can be told from what they do. */
export function conflicts(a: Access, b: Access): boolean {
	if (a.isReadOnly && b.isReadOnly) return false;
	if (!a.keys || !b.keys) return true;
	return a.keys.some((key) => b.keys?.includes(key));
}

/**
 * Of calls in the order they were asked for, those to start now: every one that is ready and conflicts with no earlier
 * one that is not over, the first ones first, so that at most `limit` run.
 */
export function callsToStart<Call extends { readonly access: Access; readonly state: CallState }>(
	calls: readonly Call[],
	limit: number,
): readonly Call[] {
	const unfinished: Call[] = [];
	const next: Call[] = [];
	let room = limit - calls.filter(({ state }) => state === 'running').length;
	for (const call of calls) {
		if (call.state === 'over') continue;
		if (call.state === 'ready' && room > 0 && !unfinished.some((earlier) => conflicts(earlier.access, call.access))) {
			next.push(call);
			room--;
		}
		unfinished.push(call);
	}
	return next;
}
