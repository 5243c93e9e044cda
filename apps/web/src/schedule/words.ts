import type { ScheduleError } from '@pocketeer/core/tasks/tasks';
import { describeFileError } from '../notes/words.ts';

/** Why nothing was scheduled or cancelled, as a sentence or a question. */
export function describeScheduleError(error: ScheduleError): string {
	switch (error.type) {
		case 'Unclear':
		case 'Past':
			return error.question;
		case 'NoSuchTask':
			return `There is no task ${error.which} any more.`;
		case 'TooMany':
			return `There are already ${error.limit.toLocaleString('en')} tasks to come. Cancel some first.`;
		default:
			return describeFileError(error);
	}
}
