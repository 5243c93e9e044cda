import { type Bytes, fromBase64Url } from '@pocketeer/core/bytes';
import type { SpaceId, WakeId } from '@pocketeer/core/ids';
import type { PushData } from '@pocketeer/core/protocol/messages';

/** A notification as it is to be shown; there always is one, for every push must show something. */
export interface PushNotice {
	readonly title: string;
	readonly body: string;
	/** One per due moment, so that a repeated push replaces its notification instead of adding one. */
	readonly tag: string;
	/** Path in the app that a click opens. */
	readonly url: string;
	/** Due moment, ms since the epoch; undefined when the push said none. */
	readonly due: number | undefined;
	/** How the text came about, for the log and for tests. */
	readonly source: 'opened' | 'test' | 'sealed' | 'unreadable';
}

/** The text of a wake as its device wrote it. */
export interface WakeText {
	readonly title: string;
	readonly body: string;
	readonly url: string;
}

interface Deps {
	/** Opens a wake's payload with the keys this device has; undefined when it has none that fit. */
	openWake(wake: {
		readonly space: SpaceId;
		readonly wake: WakeId;
		readonly sealed: Bytes;
	}): Promise<WakeText | undefined>;
	/** Resolves when that has taken too long: a database that is being upgraded or is broken may never answer. */
	patience?(): Promise<void>;
}

const GENERIC = { title: 'Pocketeer', body: 'Something you asked for is due. Open Pocketeer to see it.', url: '/' };

/**
 * Decides what to show for a push: the real text where it can be opened, else a generic one, never nothing. Nothing the
 * relay wrote is shown: it cannot read what is due, so what it says in the clear could only be made up.
 */
export async function noticeOf(deps: Deps, text: string | undefined): Promise<PushNotice> {
	const push = parsePush(text);
	if (!push) return { ...GENERIC, tag: 'pocketeer', due: undefined, source: 'unreadable' };
	const { data } = push;
	if (data.wake === null) {
		const body = 'Notifications work. Reminders will look like this one.';
		return { ...GENERIC, body, tag: 'test', due: data.due, source: 'test' };
	}
	const tag = `${data.wake}/${data.due}`;
	const sealed = {
		...GENERIC,
		tag,
		due: data.due,
		source: 'sealed',
	} as const;
	try {
		const opening = deps.openWake({ space: data.space, wake: data.wake, sealed: fromBase64Url(data.sealed) });
		const late = deps.patience?.().then(() => undefined);
		const opened = await (late ? Promise.race([opening, late]) : opening);
		return opened ? { ...opened, tag, due: data.due, source: 'opened' } : sealed;
	} catch {
		// A missing key, a foreign payload, a locked database: whatever it was, the person must hear that something is due.
		return sealed;
	}
}

/** The fields of a `PushEnvelope` that matter here; undefined when the text is none. */
function parsePush(text: string | undefined): { readonly data: PushData } | undefined {
	const data = field(field(parseJson(text), 'notification'), 'data');
	const space = field(data, 'space');
	const wake = field(data, 'wake');
	const due = field(data, 'due');
	const sealed = field(data, 'sealed');
	if (field(data, 'v') !== 1 || typeof space !== 'string' || typeof due !== 'number') return undefined;
	if (wake !== null && (typeof wake !== 'string' || typeof sealed !== 'string')) return undefined;
	return {
		data: {
			v: 1,
			space: space as SpaceId,
			wake: wake as WakeId | null,
			due,
			sealed: typeof sealed === 'string' ? sealed : '',
		},
	};
}

function parseJson(text: string | undefined): unknown {
	if (text === undefined) return undefined;
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function field(value: unknown, name: string): unknown {
	return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
