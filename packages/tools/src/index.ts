import type { Tool } from '@pocketeer/core/agent/tool';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import type { RecallDep } from '@pocketeer/core/recall/recall';
import type { FilesDep } from '@pocketeer/core/space/space';
import type { TasksDep } from '@pocketeer/core/tasks/tasks';
import { cancelTask } from './cancel-task.ts';
import { deleteFile } from './delete-file.ts';
import { editFile } from './edit-file.ts';
import { journalAdd } from './journal-add.ts';
import { journalEntries } from './journal-entries.ts';
import { listFiles } from './list-files.ts';
import { listTasks } from './list-tasks.ts';
import { moveFile } from './move-file.ts';
import { noteAboutPerson } from './note-about-person.ts';
import { readFile } from './read-file.ts';
import { remember } from './remember.ts';
import { remind } from './remind.ts';
import { scheduleNudge } from './schedule-nudge.ts';
import { searchFiles } from './search-files.ts';
import { wrapUpSilently } from './wrap-up-silently.ts';
import { writeFile } from './write-file.ts';

/** Everything the agent can do, always in the same order: the list is part of a line's frozen prefix. */
export function createTools(deps: FilesDep & RecallDep & TasksDep & ClockDep): readonly Tool[] {
	return [
		listFiles(deps),
		readFile(deps),
		writeFile(deps),
		editFile(deps),
		moveFile(deps),
		deleteFile(deps),
		searchFiles(deps),
		remember(deps),
		journalAdd(deps),
		journalEntries(deps),
		noteAboutPerson(deps),
		remind(deps),
		scheduleNudge(deps),
		cancelTask(deps),
		listTasks(deps),
		wrapUpSilently(),
	];
}
