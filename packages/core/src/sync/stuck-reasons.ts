import type { StoreError } from '../ports/store.ts';
import { unreachable } from '../result.ts';
import type { ReadError } from './inbox.ts';
import type { SnapshotError } from './snapshot-parts.ts';

export const LEFT_OUT = 'The relay left out changes.';
export const FORKED =
	'The relay gives another account of its log than before, and again when it was read anew. Everything stays on this device.';
export const BROKE_OFF =
	'Something on this device broke off while it was exchanged. Everything stays here; reload Pocketeer to try again.';
export const NO_KEYS =
	'The keys of this space were renewed, and this device has not got the new ones. What is written here waits for them: update Pocketeer, or pair this device again.';
export const NOT_IN_LOG = 'The relay confirmed a change that it does not have.';

/** What a person is told about a store that refuses. */
export function describeStoreError(error: StoreError): string {
	switch (error.type) {
		case 'QuotaExceeded':
			return 'The disk is full, or the browser gives no more room: changes from other devices wait at the relay.';
		case 'CorruptRow':
			return `The database of this device is damaged: ${error.reason}.`;
		default:
			return `The database of this device cannot be used: ${error.reason}.`;
	}
}

/** What a person is told about an entry that cannot be taken. */
export function describeReadError(error: ReadError): string {
	switch (error.type) {
		case 'NewerFormat':
			return 'Another device writes in a newer format. Update Pocketeer on this device.';
		case 'UnknownEpoch':
			return 'A change is sealed with a key that this device was not given.';
		case 'Unreadable':
			return 'A change from the relay cannot be opened: it was altered, or does not belong to this space.';
		case 'NoUpdate':
			return 'A change from another device cannot be read.';
		case 'BrokenWriter':
			return 'The relay left out, repeated or reordered changes of a device.';
		default:
			return unreachable(error);
	}
}

/** What a person is told about a snapshot that cannot be taken. */
export function describeSnapshotError(error: SnapshotError): string {
	switch (error.type) {
		case 'NewerFormat':
		case 'UnknownEpoch':
		case 'NoUpdate':
			return describeReadError(error);
		case 'Unreadable':
		case 'Altered':
			return 'A snapshot from the relay cannot be opened: it was altered, or does not belong to this place.';
		case 'SetBack':
			return FORKED;
		default:
			return unreachable(error);
	}
}
