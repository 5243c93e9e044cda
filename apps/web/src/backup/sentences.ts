import type { BackupError } from '@pocketeer/core/backup/open-backup';
import type { MembersError } from '@pocketeer/core/members/members';
import type { StoreError } from '@pocketeer/core/ports/store';
import { err, type Result, unreachable } from '@pocketeer/core/result';
import { describeStoreError } from '../shell/sentences.ts';
import { shortSpaceId } from '../shell/space-id.ts';
import type { RestoreError } from './restore.ts';

/** Why something was not done, as the person reads it. */
export interface Problem {
	readonly reason: string;
}

/** The problem of this sentence. */
export function refused(reason: string): Result<never, Problem> {
	return err({ reason });
}

/** Why a backup was not written, opened or restored, or a space not deleted. */
export function backupSentence(error: BackupError | RestoreError | MembersError | StoreError): string {
	switch (error.type) {
		case 'BadWords':
			return `${error.reason} Nothing was changed.`;
		case 'OtherWords':
			return `These are the recovery words of another space. The backup is of the space ${shortSpaceId(error.space)} and opens only with its words. Nothing was changed.`;
		case 'NotABackup':
			return 'This file is not a backup of Pocketeer. Nothing was changed.';
		case 'NewerBackup':
			return 'This backup was made by a newer Pocketeer. Update Pocketeer, then try again. Nothing was changed.';
		case 'CutBackup':
			return 'This file is not whole: its end is missing. Copy it here once more, or use an older backup. Nothing was changed.';
		case 'DamagedBackup':
			return `This backup cannot be trusted: ${error.reason}. Use another copy of it. Nothing was changed.`;
		case 'SpaceIsHere':
			return 'This space is on this device already. Nothing was changed.';
		case 'Busy':
			return 'Another tab is restoring or deleting a space at this moment. Wait until it is done, then try again.';
		case 'NoRelay':
			return `The relay cannot be reached. ${error.reason} Nothing was deleted.`;
		case 'Refused':
			return `The relay did not do it. ${error.reason} Nothing was deleted.`;
		case 'QuotaExceeded':
		case 'CorruptRow':
		case 'StoreUnavailable':
			return describeStoreError(error);
		default:
			return unreachable(error);
	}
}
