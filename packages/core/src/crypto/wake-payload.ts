import { type Bytes, fromUtf8, utf8 } from '../bytes.ts';
import type { SpaceId, WakeId } from '../ids.ts';
import type { RandomDep } from '../ports/random.ts';
import { LIMITS } from '../protocol/limits.ts';
import { hkdfAesKey } from './derive.ts';
import type { KeyRing } from './key-ring.ts';
import {
	encodeEpochHeader,
	openPadded,
	readEpochHeader,
	SEAL_BYTES,
	type SealedBinding,
	sealPadded,
} from './sealed.ts';

/** What a notification needs to say, sealed when the wake is set: the service worker opens it with no document at hand. */
export interface WakePayload {
	readonly v: 1;
	readonly title: string;
	readonly body: string;
	/** File id of the task. */
	readonly file: string;
	/** Schedule revision the wake was made from. */
	readonly revision: number;
	readonly kind: 'reminder' | 'nudge';
	/** Line the result lands on; empty: the one named after the task. */
	readonly line: string;
	/** IANA zone of the schedule. */
	readonly zone: string;
	/** Path in the app that a click opens. */
	readonly url?: string;
}

/** Whose wake it is; bound by its seal. */
export interface WakePlace {
	readonly space: SpaceId;
	readonly wake: WakeId;
}

const VERSION = 1;
/** Put where a text was cut to fit into a push. */
export const CUT_MARK = ' …';

/**
 * wake = version(1)=1 ‖ epoch(varuint) ‖ iv(12) ‖ AES-256-GCM(padded), always `LIMITS.wakePayload` bytes: its length says
 * nothing. A body, then a title, too long for that is cut and ends in a mark.
 */
export async function sealWake(
	deps: RandomDep,
	wake: { readonly place: WakePlace; readonly ring: KeyRing; readonly payload: WakePayload },
): Promise<Bytes> {
	const epoch = wake.ring.epochs.length;
	const header = encodeEpochHeader(VERSION, epoch);
	const room = LIMITS.wakePayload - header.length - SEAL_BYTES;
	const key = await wakeKey(wake.ring, epoch);
	if (!key) throw new Error('a key ring without keys');
	const body = fit(wake.payload, room - LENGTH_BYTES);
	return sealPadded(deps, { ...binding(wake.place, header), key, body, size: () => room });
}

/** The payload of a wake; undefined when it was not sealed for this place, by this space, in a form known here. */
export async function openWake(
	sealed: Bytes,
	by: { readonly place: WakePlace; readonly ring: KeyRing },
): Promise<WakePayload | undefined> {
	const epoch = readEpochHeader(VERSION, sealed);
	const key = epoch === undefined ? undefined : await wakeKey(by.ring, epoch);
	if (epoch === undefined || !key) return undefined;
	const body = await openPadded(sealed, { ...binding(by.place, encodeEpochHeader(VERSION, epoch)), key });
	return body && parsePayload(body);
}

/** Of the length in front of the padded JSON. */
const LENGTH_BYTES = 2;

function parsePayload(body: Bytes): WakePayload | undefined {
	try {
		return readPayload(JSON.parse(fromUtf8(body)));
	} catch {
		return undefined;
	}
}

async function wakeKey(ring: KeyRing, epoch: number): Promise<CryptoKey | undefined> {
	const secret = ring.epochs[epoch - 1];
	return secret && hkdfAesKey(secret, utf8('pocketeer/v1/wake'));
}

function binding({ space, wake }: WakePlace, header: Bytes): SealedBinding {
	return { kind: 'pocketeer/v1/wake', of: [space, wake], header };
}

/** The payload as JSON of at most `room` bytes: its body, then its title, cut as far as needed. */
function fit(payload: WakePayload, room: number): Bytes {
	const whole = utf8(JSON.stringify(payload));
	if (whole.length <= room) return whole;
	const withoutBody = utf8(JSON.stringify({ ...payload, body: CUT_MARK }));
	return withoutBody.length <= room
		? cutToFit(payload.body, room, (body) => ({ ...payload, body }))
		: cutToFit(payload.title, room, (title) => ({ ...payload, title, body: CUT_MARK }));
}

/** The longest beginning of `text` with which the payload fits; throws when not even the mark alone does. */
function cutToFit(text: string, room: number, withText: (text: string) => WakePayload): Bytes {
	const characters = [...text];
	let fits = 0;
	let tooLong = characters.length;
	const encode = (length: number) => utf8(JSON.stringify(withText(characters.slice(0, length).join('') + CUT_MARK)));
	if (encode(0).length > room) throw new RangeError('the fields of a wake besides its text are too long');
	while (tooLong - fits > 1) {
		const middle = (fits + tooLong) >> 1;
		if (encode(middle).length <= room) fits = middle;
		else tooLong = middle;
	}
	return encode(fits);
}

function readPayload(json: unknown): WakePayload | undefined {
	if (typeof json !== 'object' || json === null) return undefined;
	const text = (name: string) => {
		const value: unknown = Reflect.get(json, name);
		return typeof value === 'string' ? value : undefined;
	};
	const [title, body, file, line, zone, url] = ['title', 'body', 'file', 'line', 'zone', 'url'].map(text);
	const kind = text('kind');
	const revision: unknown = Reflect.get(json, 'revision');
	if (Reflect.get(json, 'v') !== 1 || typeof revision !== 'number') return undefined;
	if (kind !== 'reminder' && kind !== 'nudge') return undefined;
	if (title === undefined || body === undefined || file === undefined) return undefined;
	if (line === undefined || zone === undefined) return undefined;
	return { v: 1, title, body, file, revision, kind, line, zone, ...(url !== undefined && { url }) };
}
