/**
 * A JSON value whose texts hold no half of a surrogate pair: one is left behind where a text was cut in the middle of a
 * character, it cannot be written as UTF-8, and the Messages API refuses a request with one. The same value, when it had none.
 */
export function wellFormed<T>(value: T): T {
	return (isWellFormed(value) ? value : mend(value)) as T;
}

/** Whether every text in a JSON value, names included, is whole. */
export function isWellFormed(value: unknown): boolean {
	if (typeof value === 'string') return value.isWellFormed();
	if (typeof value !== 'object' || value === null) return true;
	if (Array.isArray(value)) return value.every(isWellFormed);
	return Object.entries(value).every(([name, item]) => name.isWellFormed() && isWellFormed(item));
}

function mend(value: unknown): unknown {
	if (typeof value === 'string') return value.toWellFormed();
	if (typeof value !== 'object' || value === null) return value;
	if (Array.isArray(value)) return value.map(mend);
	return Object.fromEntries(Object.entries(value).map(([name, item]) => [name.toWellFormed(), mend(item)]));
}
