/** The outcome of an operation whose failure the caller can act on; our own bugs throw instead. */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

/** Wraps a value that was obtained. */
export function ok(): Result<void, never>;
export function ok<T>(value: T): Result<T, never>;
export function ok<T>(value?: T): Result<T | undefined, never> {
	return { ok: true, value };
}

/** Wraps the reason why there is no value. */
export function err<const E>(error: E): Result<never, E> {
	return { ok: false, error };
}

/** Reached only when a `switch` over a closed set forgot a member; the type checker sees it first. */
export function unreachable(value: never): never {
	throw new Error(`unexpected ${JSON.stringify(value)}`);
}
