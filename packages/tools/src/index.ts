import type { Tool } from '@pocketeer/core/agent/tool';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import type { RecallDep } from '@pocketeer/core/recall/recall';
import type { BlobsDep, FilesDep, LinesDep, PeopleDep } from '@pocketeer/core/space/space';
import type { TasksDep } from '@pocketeer/core/tasks/tasks';
import { askPerson } from './ask-person.ts';
import { cancelTask } from './cancel-task.ts';
import { deleteFile } from './delete-file.ts';
import { editFile } from './edit-file.ts';
import { fetchAttachment } from './fetch-attachment.ts';
import { fetchHistory } from './fetch-history.ts';
import { journalAdd } from './journal-add.ts';
import { journalEntries } from './journal-entries.ts';
import { listFiles } from './list-files.ts';
import { listLines } from './list-lines.ts';
import { listTasks } from './list-tasks.ts';
import { moveFile } from './move-file.ts';
import { noteAboutPerson } from './note-about-person.ts';
import { react } from './react.ts';
import { readFile } from './read-file.ts';
import { remember } from './remember.ts';
import { remind } from './remind.ts';
import { scheduleNudge } from './schedule-nudge.ts';
import { searchFiles } from './search-files.ts';
import { searchMessages } from './search-messages.ts';
import { sendMessage } from './send-message.ts';
import { wrapUpSilently } from './wrap-up-silently.ts';
import { writeFile } from './write-file.ts';

/** Everything the agent can do, always in the same order: the list is part of a line's frozen prefix. */
export function createTools(
	deps: FilesDep & RecallDep & TasksDep & ClockDep & LinesDep & PeopleDep & BlobsDep,
): readonly Tool[] {
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
		searchMessages(deps),
		fetchHistory(deps),
		fetchAttachment(deps),
		listLines(deps),
		sendMessage(deps),
		react(deps),
		askPerson(),
		wrapUpSilently(),
	];
}
