import type { MembersError } from '@pocketeer/core/members/members';
import { unreachable } from '@pocketeer/core/result';
import { describeStoreError } from '../shell/sentences.ts';

/** Why something about the devices of a space was not done, as a sentence. */
export function describeMembersError(error: MembersError): string {
	switch (error.type) {
		case 'NoRelay':
		case 'Refused':
			return error.reason;
		case 'QuotaExceeded':
		case 'CorruptRow':
		case 'StoreUnavailable':
			return describeStoreError(error);
		default:
			return unreachable(error);
	}
}
