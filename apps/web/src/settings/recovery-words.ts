import { unreachable } from '@pocketeer/core/result';
import type { RecoveryError } from '../app.ts';
import { describeStoreError } from '../shell/sentences.ts';

/** How many words a space has. */
const WORD_COUNT = 24;

/** Words as they were meant: lower case, one space between, numbers of a numbered list taken off. */
export function cleanWords(typed: string): string {
	return typed
		.normalize('NFKD')
		.toLowerCase()
		.split(/[\s,;]+/)
		.map((word) => word.replace(/^\d+[.)]?/, ''))
		.filter((word) => word !== '')
		.join(' ');
}

/** Why these cannot be the words of a space, as far as counting tells. */
export function refuseWords(words: string): string | undefined {
	const count = words === '' ? 0 : words.split(' ').length;
	if (count === WORD_COUNT) return undefined;
	return `A space is opened by ${WORD_COUNT} words; ${count === 1 ? 'this is 1' : `these are ${count}`}. Nothing was changed.`;
}

/** Why another space was not opened; what is on this device is as it was. */
export function describeRecoveryError(error: RecoveryError): string {
	switch (error.type) {
		case 'BadWords':
			return `These words open no space: ${error.reason} Nothing was changed.`;
		case 'NoSuchSpace':
			return 'The words are well formed, but this relay knows no space of theirs. Check that you use the relay the space was synced with. Nothing was changed.';
		case 'NoRelay':
			return `The relay cannot be reached, and the space must come from it: ${error.reason} Nothing was changed; try again when you are online.`;
		case 'Untrusted':
			return `What the relay sent is not signed by the owner of these words, so it was not opened: ${error.reason} Nothing was changed.`;
		case 'NewerForm':
			return `${error.reason} Nothing was changed.`;
		case 'QuotaExceeded':
		case 'CorruptRow':
		case 'StoreUnavailable':
			return describeStoreError(error);
		default:
			return unreachable(error);
	}
}
