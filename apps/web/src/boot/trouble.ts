import type { StoreError } from '@pocketeer/core/ports/store';
import { unreachable } from '@pocketeer/core/result';
import type { RecoveryError } from '../app.ts';

/** Why the app did not start, as the person reads it, with what they can do about it. */
export interface Trouble {
	readonly title: string;
	/** Sentences, a paragraph each. */
	readonly text: readonly string[];
	/** What helps most people; stands out. */
	readonly best?: TroubleChoice;
	readonly choices: readonly TroubleChoice[];
	/** Shown where the recovery words help: answers a sentence that says what was wrong, or reloads the page. */
	readonly openWords?: (words: string) => Promise<string>;
}

export interface TroubleChoice {
	readonly label: string;
	/** What it does and what it costs, for choices that are not obvious. */
	readonly hint?: string;
	/** Answers a sentence when it did not work; otherwise the page reloads. */
	readonly act: () => Promise<string | undefined>;
}

/** Tries the start again. */
export const RELOAD: TroubleChoice = {
	label: 'Try again',
	act: async () => {
		location.reload();
		return undefined;
	},
};

/** The browser lacks something that Pocketeer cannot do without; undefined when all is there. */
export async function missingCapability(): Promise<Trouble | undefined> {
	if (!isSecureContext || !('crypto' in globalThis) || crypto.subtle === undefined) {
		return insecureTrouble(location);
	}
	if (!('indexedDB' in globalThis) || !('locks' in navigator) || !('BroadcastChannel' in globalThis)) {
		return outdated('It has no database, or no locks between tabs.');
	}
	try {
		await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
		await crypto.subtle.generateKey('X25519', false, ['deriveBits']);
	} catch {
		return outdated('It does not know the keys (Ed25519 and X25519) that devices recognise each other by.');
	}
	return undefined;
}

/** Plain http from another machine: the browser withholds what everything here rests on. */
function insecureTrouble({ hostname, port, pathname, search, hash }: Location): Trouble {
	const isName = /[a-z]/i.test(hostname) && !hostname.startsWith('[');
	const secure: TroubleChoice = {
		label: `Try https://${hostname}`,
		hint: 'Works if whoever runs this has set it up.',
		act: async () => {
			// An invitation stands behind the #.
			location.assign(`https://${hostname}${pathname}${search}${hash}`);
			return undefined;
		},
	};
	return {
		title: 'This address is not secure',
		text: [
			'Over plain http the browser allows no encryption, no offline use and no notifications. Pocketeer encrypts everything before it leaves this device, so nothing of it works here. Nothing was stored.',
			`On the computer that runs it, open http://localhost${port && `:${port}`} instead.`,
			'A phone, or any other device, needs an https address. Whoever runs this finds three ways to one in docs/deploy.md, beside the program.',
		],
		choices: isName ? [secure] : [],
	};
}

function outdated(what: string): Trouble {
	return {
		title: 'This browser is too old',
		text: [what, 'Pocketeer runs in Chrome and Edge 137, Firefox 130 and Safari 18, or newer ones.'],
		choices: [],
	};
}

/** The trouble of a database that does not open. Nothing of it was changed. */
export function storeTrouble(error: StoreError): Trouble {
	return {
		title: 'Your data on this device cannot be opened',
		text: [storeSentence(error), 'Nothing was changed or deleted.'],
		choices: [RELOAD],
	};
}

/** Something in our own code broke during the start. */
export function bugTrouble(cause: unknown): Trouble {
	const what = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
	return {
		title: 'Pocketeer did not start',
		text: ['Something went wrong that should not. Your data is as it was.', what],
		choices: [RELOAD],
	};
}

/** A store's error as a sentence with what to do. */
export function storeSentence(error: StoreError): string {
	switch (error.type) {
		case 'QuotaExceeded':
			return 'The disk, or the space this browser grants, is full. Free some space and try again.';
		case 'CorruptRow':
			return `A part of the database is damaged (${error.reason}). Your other devices and the relay may still have it.`;
		case 'StoreUnavailable':
			return error.reason;
		default:
			return unreachable(error);
	}
}

/** Why recovery words did not open a space, as a sentence. */
export function recoverySentence(error: RecoveryError): string {
	switch (error.type) {
		case 'BadWords':
		case 'NoRelay':
		case 'Untrusted':
		case 'NewerForm':
			return error.reason;
		case 'NoSuchSpace':
			return 'This relay knows no space of these words. They may belong to a space on another relay.';
		default:
			return storeSentence(error);
	}
}
