/** Articles drawn at first, and added each time the person scrolls up to the oldest drawn. */
export const PAGE = 60;

/** Drawn articles beyond which those far above are dropped again while the person reads the end. */
export const MOST = 180;

/** The part of a transcript that is drawn: from `first` to the end; undefined draws the last page. */
export interface DrawnWindow {
	readonly first: string | undefined;
}

/** The ids to draw. */
export function drawnIds(order: readonly string[], window: DrawnWindow): readonly string[] {
	return order.slice(startOf(order, window));
}

/** Whether there is more above. */
export function hasMoreAbove(order: readonly string[], window: DrawnWindow): boolean {
	return startOf(order, window) > 0;
}

/** A page more at the top. */
export function grown(order: readonly string[], window: DrawnWindow): DrawnWindow {
	return { first: order[Math.max(0, startOf(order, window) - PAGE)] };
}

/** Holds on to what is drawn now, so that what arrives later is added at the end and nothing moves. */
export function held(order: readonly string[], window: DrawnWindow): DrawnWindow {
	return { first: order[startOf(order, window)] };
}

/** Back to the last page when far more is drawn; only while the person is at the end, where nothing seen moves. */
export function trimmed(order: readonly string[], window: DrawnWindow): DrawnWindow {
	return order.length - startOf(order, window) > MOST ? { first: order[order.length - PAGE] } : window;
}

function startOf(order: readonly string[], window: DrawnWindow): number {
	const found = window.first === undefined ? -1 : order.lastIndexOf(window.first);
	return found < 0 ? Math.max(0, order.length - PAGE) : found;
}
