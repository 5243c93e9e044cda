import { type Bytes, concatBytes, fromBase64Url, toBase64Url, utf8 } from '../bytes.ts';
import { domain, sha256 } from '../crypto/derive.ts';
import type { MailboxId } from '../ids.ts';
import type { RandomDep } from '../ports/random.ts';
import { err, ok, type Result } from '../result.ts';

/** What the inviting device shows. The code is no secret: who pairs is proven by the link or by comparing six digits. */
export interface Invitation {
	/** Eight letters and digits, without the dash. */
	readonly code: string;
	/** Only in a link or a QR code. */
	readonly link: InvitationLink | undefined;
}

export interface InvitationLink {
	/** First 16 bytes of the SHA-256 of the host's ephemeral public key. */
	readonly keyHash: Bytes;
	/** 16 random bytes, good for one pairing. */
	readonly secret: Bytes;
}

/** Crockford's base32: no I, L, O and U, so that none is taken for a digit. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 40 bits: nobody guesses an open mailbox by trying, and eight characters can be typed. */
const CODE_LENGTH = 8;
/** Bytes of the two parts of a link. */
const LINK_BYTES = 16;
/** Found anywhere in an address. */
const IN_ADDRESS = /(?:^|[#&?])pair=([^&\s]*)/u;

/** A fresh code. */
export function newCode(deps: RandomDep): string {
	// 256 is a multiple of 32: every character is as likely as the others.
	return Array.from(deps.random.bytes(CODE_LENGTH), (byte) => ALPHABET.charAt(byte % 32)).join('');
}

/** How a code is shown: `K7QM-2XPD`. */
export function showCode(code: string): string {
	return `${code.slice(0, 4)}-${code.slice(4)}`;
}

/** What goes behind the app's address as its fragment, without the `#`: it is never sent to a server. */
export function fragmentOf(code: string, link: InvitationLink): string {
	return `pair=${code}.${toBase64Url(link.keyHash)}.${toBase64Url(link.secret)}`;
}

/** Reads a code as typed, in any case and with any dashes, or a fragment, or a whole address with one. */
export function readInvitation(
	text: string,
): Result<Invitation, { readonly type: 'Refused'; readonly reason: string }> {
	const fragment = IN_ADDRESS.exec(text.trim())?.[1];
	if (fragment === undefined) {
		const code = readCode(text);
		return code === undefined ? refused(NO_CODE) : ok({ code, link: undefined });
	}
	const [shown = '', ...link] = fragment.split('.');
	const code = readCode(shown);
	const [keyHash, secret] = link.map(linkBytes);
	// A link that lost its end must not be taken for a mere code: what it proves would be gone without notice.
	if (code === undefined || link.length !== 2 || !keyHash || !secret) return refused(BAD_LINK);
	return ok({ code, link: { keyHash, secret } });
}

/** Where the two meet: SHA-256(`pocketeer/v1/mailbox` ‖ 0 ‖ code), first 16 bytes. */
export async function mailboxOf(code: string): Promise<MailboxId> {
	const hash = await sha256(concatBytes(domain('pocketeer/v1/mailbox'), utf8(code)));
	return toBase64Url(hash.subarray(0, 16)) as MailboxId;
}

const NO_CODE = 'A code has eight letters and digits, such as K7QM-2XPD. Check what you typed.';
const BAD_LINK = 'This link is not complete. Scan or copy it again.';

function readCode(text: string): string | undefined {
	const code = text
		.toUpperCase()
		.replace(/[\s‐-―-]/gu, '')
		.replaceAll('O', '0')
		.replace(/[IL]/gu, '1');
	const isCode = code.length === CODE_LENGTH && [...code].every((character) => ALPHABET.includes(character));
	return isCode ? code : undefined;
}

function linkBytes(text: string): Bytes | undefined {
	try {
		const bytes = fromBase64Url(text);
		return bytes.length === LINK_BYTES ? bytes : undefined;
	} catch {
		return undefined;
	}
}

function refused(reason: string): Result<never, { readonly type: 'Refused'; readonly reason: string }> {
	return err({ type: 'Refused', reason });
}
