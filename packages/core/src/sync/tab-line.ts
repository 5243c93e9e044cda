import type { StreamName } from '../ids.ts';
import type { Tabs } from '../ports/tabs.ts';
import type { SyncStatus } from './sync.ts';

/** What sync tells its other tabs inside of `status` messages of the `Tabs` port. */
export type TabWord =
	| { readonly type: 'status'; readonly status: SyncStatus }
	/** The streams hold all the relay had. */
	| { readonly type: 'caught-up'; readonly streams: readonly StreamName[] }
	/** A tab changed the push subscription on disk. */
	| { readonly type: 'subscription' };

/** Says such words and reads them. */
export interface TabLine {
	say(word: TabWord): void;
	/** undefined for what another version of the app may have said. */
	read(payload: unknown): TabWord | undefined;
}

/** Names the form; a tab with an older or newer build is not understood, and that is harmless. */
const FORM = 2;

/** Makes the line over the tabs' channel. */
export function createTabLine(tabs: Tabs): TabLine {
	return {
		say: (word) => tabs.post({ type: 'status', status: { form: FORM, word } }),
		read(payload) {
			if (typeof payload !== 'object' || payload === null) return undefined;
			if (!('form' in payload) || payload.form !== FORM || !('word' in payload)) return undefined;
			// The same build of the same origin wrote it: the form's number vouches for its type.
			return payload.word as TabWord;
		},
	};
}
