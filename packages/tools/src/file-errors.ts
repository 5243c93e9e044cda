import type { ToolOutcome } from '@pocketeer/core/agent/tool';
import type { FileError } from '@pocketeer/core/space/space';
import { failed, refused } from './define-tool.ts';

/** What a model is told when a file operation did not happen; in every case nothing was changed. */
export function fileErrorOutcome(error: FileError): ToolOutcome {
	switch (error.type) {
		case 'BadPath':
			return refused(`Not done: ${error.reason}`);
		case 'NoSuchFile':
			return refused(`There is no file ${error.path}. list_files shows what there is.`);
		case 'NotHere':
			return failed(
				`Not done: the text of ${error.path} has not reached this device yet. It comes with the next connection.`,
			);
		case 'PathTaken':
			return refused(`Not done: there is already a file ${error.path}. Choose another path, or edit that file.`);
		case 'NotUnique':
			return refused(
				error.count === 0
					? `Not changed: the text in "old" does not occur in ${error.path}. Read the file and copy the passage exactly, with its spaces and line breaks.`
					: `Not changed: the text in "old" occurs ${error.count} times in ${error.path}. Include more of the lines around it, so that it is found once.`,
			);
		case 'TooLong':
			return refused(
				`Not changed: ${error.path} would have ${error.length} characters; at most ${error.limit} are allowed. Split it into several files.`,
			);
		case 'Invalid':
			return refused(`Not changed: ${error.path} would not be valid. ${error.reason}`);
		case 'CannotUndo':
			return refused(`Not undone: ${error.reason}`);
		case 'QuotaExceeded':
			return failed('Not saved: the storage of this device is full. The person has to free some space first.');
		case 'CorruptRow':
			return failed('Not done: what this device keeps of the file is damaged. Another device may still have it.');
		case 'StoreUnavailable':
			return failed('Not done: the storage of this device cannot be reached now. It may work again after a reload.');
	}
}
