/**
 * What Yjs gets as `lib0/logging` (see `vite.config.ts`): its few warnings to developers, without colours. The
 * original brings a schema checker for the pages it can draw its log into, which would be in every first load.
 */
export function print(...words: readonly unknown[]): void {
	console.log(...unstyled(words));
}

/** Likewise, as a warning. */
export function warn(...words: readonly unknown[]): void {
	console.warn(...unstyled(words));
}

/** Styles, left out where something is printed. */
export const BOLD = Symbol('bold');
export const UNBOLD = Symbol('unbold');
export const ORANGE = Symbol('orange');
export const RED = Symbol('red');

function unstyled(words: readonly unknown[]): readonly unknown[] {
	return words.filter((word) => typeof word !== 'symbol');
}
