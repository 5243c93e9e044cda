import type { StoreError } from '@pocketeer/core/ports/store';

/** Thrown inside a transaction so that it is rolled back; carries what the port answers. */
export class StoreFault extends Error {
	readonly error: StoreError;
	constructor(error: StoreError) {
		super(error.type);
		this.error = error;
	}
}

/**
 * Says what an IndexedDB or Dexie failure means to a caller of the store; undefined when it is our own bug (a bad key, a
 * value that cannot be cloned), which must surface as a throw.
 */
export function toStoreError(cause: unknown): StoreError | undefined {
	for (const error of chain(cause)) {
		if (error instanceof StoreFault) return error.error;
		if (error.name === 'QuotaExceededError') return { type: 'QuotaExceeded' };
		if (unavailable.has(error.name))
			return { type: 'StoreUnavailable', reason: sentences[error.name] ?? error.message };
	}
	return undefined;
}

/** Said when the database on disk has a form that only a newer build knows. */
export const NEWER_VERSION =
	'The database was made by a newer version of Pocketeer. Reload this tab, if need be twice, to get that version.';

const sentences: Readonly<Record<string, string>> = {
	MissingAPIError: 'This browser offers no database to web pages.',
	DatabaseClosedError:
		'The database was closed, probably by a newer version of Pocketeer in another tab. Reload this tab.',
	VersionError: NEWER_VERSION,
	SecurityError: 'The browser forbids this page to keep data. Allow site data for this address.',
	InvalidStateError:
		'The database cannot be used: the browser closed it, or forbids databases in this kind of window. Reload the page.',
};

const unavailable = new Set([
	...Object.keys(sentences),
	'OpenFailedError',
	'UnknownError',
	'AbortError',
	'TimeoutError',
	'NotFoundError',
	'TransactionInactiveError',
	'PrematureCommitError',
	'NotReadableError',
]);

/** The error and what it wraps, the innermost cause included, each at most once. */
function* chain(cause: unknown): Generator<Error> {
	const seen = new Set<unknown>();
	const open: unknown[] = [cause];
	const found: Error[] = [];
	while (open.length > 0) {
		const next = open.pop();
		if (!isErrorLike(next) || seen.has(next)) continue;
		seen.add(next);
		found.push(next);
		open.push(next.inner, next.cause);
		if (Array.isArray(next.failures)) open.push(...next.failures);
	}
	// A wrapper is called "Abort" or "OpenFailed" whatever happened inside: the inner names say more, so they come first.
	yield* found.reverse();
}

interface WrappingError extends Error {
	readonly inner?: unknown;
	readonly failures?: unknown;
}

function isErrorLike(value: unknown): value is WrappingError {
	return typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string';
}
