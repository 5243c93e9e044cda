import type { StoreError } from '@pocketeer/core/ports/store';
import { unreachable } from '@pocketeer/core/result';

/** Why this device could not keep something, and what to do; to follow "Not sent." and the like. */
export function describeStoreError(error: StoreError): string {
	switch (error.type) {
		case 'QuotaExceeded':
			return 'This browser has no space left for Pocketeer. Free some space on the device, then try again.';
		case 'CorruptRow':
			return `Something stored on this device cannot be read (${error.reason}). It was left untouched; other devices of this space still have theirs.`;
		case 'StoreUnavailable':
			return `This browser’s database cannot be used right now (${error.reason}). Reload the page; if that does not help, restart the browser.`;
		default:
			return unreachable(error);
	}
}
