/**
 * A mark outside of the database that there was a space: a browser, or a person in its settings, may delete one kind of
 * storage and leave the other, and then a new space must not silently take the lost one's place.
 */
const KEY = 'pocketeer/last-space';

/** Leaves the mark; without localStorage there is none, and nothing depends on it but a better sentence. */
export function rememberSpace(id: string): void {
	try {
		localStorage.setItem(KEY, id);
	} catch {
		// Forbidden or full.
	}
}

/** Whether a space was open in this browser before. */
export function hadSpaceBefore(): boolean {
	try {
		return localStorage.getItem(KEY) !== null;
	} catch {
		return false;
	}
}

/** Takes the mark away: the person deleted the last space themselves. */
export function forgetLastSpace(): void {
	try {
		localStorage.removeItem(KEY);
	} catch {
		// Forbidden: then there is no mark either.
	}
}
