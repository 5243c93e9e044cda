import type { Bytes } from '../bytes.ts';
import type { StreamName } from '../ids.ts';
import type { Tabs } from '../ports/tabs.ts';
import type { Result } from '../result.ts';
import type { RelayError, SyncStatus } from './sync.ts';
import type { TabQuestion } from './tab-requests.ts';

/** What sync tells its other tabs inside of `status` messages of the `Tabs` port. */
export type TabWord =
	| { readonly type: 'status'; readonly status: SyncStatus }
	/** The streams hold all the relay had. */
	| { readonly type: 'caught-up'; readonly streams: readonly StreamName[] }
	/** A tab asks the relay something, through the one that leads. */
	| { readonly type: 'ask'; readonly id: string; readonly question: TabQuestion }
	| { readonly type: 'answer'; readonly id: string; readonly answer: Result<unknown, RelayError> }
	/** A tab has something to say to other devices. */
	| { readonly type: 'whisper'; readonly stream: StreamName; readonly bytes: Bytes }
	/** Another device said something. */
	| { readonly type: 'whispered'; readonly stream: StreamName; readonly bytes: Bytes }
	/** A tab leads from now on, and does not know yet what the others look at. */
	| { readonly type: 'leads' }
	/** A tab is there, and of which build. */
	| { readonly type: 'hello' };

/** Says such words and reads them. */
export interface TabLine {
	say(word: TabWord): void;
	/** What a tab of this build said, and of which build another one is. */
	read(
		payload: unknown,
	): { readonly word: TabWord | undefined; readonly build: 'older' | 'same' | 'newer' } | undefined;
}

/** Names the form, and grows with every change to it: what another build of the app says is not understood. */
export const FORM = 3;

/** Makes the line over the tabs' channel; `form` is the build's. */
export function createTabLine(tabs: Tabs, form = FORM): TabLine {
	return {
		say: (word) => tabs.post({ type: 'status', status: { form, word } }),
		read(payload) {
			if (typeof payload !== 'object' || payload === null) return undefined;
			if (!('form' in payload) || typeof payload.form !== 'number' || !('word' in payload)) return undefined;
			if (payload.form !== form) return { word: undefined, build: payload.form > form ? 'newer' : 'older' };
			// The same build of the same origin wrote it: the form's number vouches for its type.
			return { word: payload.word as TabWord, build: 'same' };
		},
	};
}
