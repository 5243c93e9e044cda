import type { IconName } from '../icons/names.ts';
import type { ToolPart } from './articles.ts';

interface ToolLook {
	readonly done: string;
	readonly doing: string;
	readonly icon: IconName;
	/** Argument that says what it is about. */
	readonly about?: string;
}

const LOOKS: ReadonlyMap<string, ToolLook> = new Map(
	Object.entries({
		list_files: {
			done: 'Looked through the files',
			doing: 'Looking through the files',
			icon: 'folder',
			about: 'folder',
		},
		read_file: { done: 'Read', doing: 'Reading', icon: 'file-text', about: 'path' },
		write_file: { done: 'Wrote', doing: 'Writing', icon: 'pencil', about: 'path' },
		edit_file: { done: 'Edited', doing: 'Editing', icon: 'pencil', about: 'path' },
		move_file: { done: 'Moved', doing: 'Moving', icon: 'file-text', about: 'from' },
		delete_file: { done: 'Deleted', doing: 'Deleting', icon: 'trash-2', about: 'path' },
		search_files: { done: 'Searched for', doing: 'Searching for', icon: 'search', about: 'query' },
		remember: { done: 'Remembered', doing: 'Remembering', icon: 'brain' },
		journal_add: { done: 'Wrote in the journal', doing: 'Writing in the journal', icon: 'book-open' },
		journal_entries: { done: 'Read the journal', doing: 'Reading the journal', icon: 'book-open' },
		note_about_person: { done: 'Noted about', doing: 'Noting about', icon: 'user-round', about: 'name' },
		remind: { done: 'Set a reminder', doing: 'Setting a reminder', icon: 'bell' },
		schedule_nudge: { done: 'Scheduled a nudge', doing: 'Scheduling a nudge', icon: 'calendar-clock' },
		cancel_task: { done: 'Cancelled a task', doing: 'Cancelling a task', icon: 'calendar-x' },
		list_tasks: { done: 'Looked at the schedule', doing: 'Looking at the schedule', icon: 'calendar-clock' },
		wrap_up_silently: { done: 'Wrapped up', doing: 'Wrapping up', icon: 'check' },
		web_search: { done: 'Searched the web for', doing: 'Searching the web for', icon: 'search', about: 'query' },
		web_fetch: { done: 'Read the page', doing: 'Reading the page', icon: 'link', about: 'url' },
	} satisfies Record<string, ToolLook>),
);

/** How a tool call reads on one line; never claims as done what was not. */
export function describeTool(part: ToolPart): {
	readonly text: string;
	readonly about: string;
	readonly icon: IconName;
} {
	const look = LOOKS.get(part.name);
	const about = look?.about === undefined ? '' : argument(part.input, look.about);
	const icon = look?.icon ?? 'wrench';
	if (part.outcome === 'done') return { text: look?.done ?? `Used ${part.name}`, about, icon };
	return { text: look?.doing ?? `Using ${part.name}`, about, icon };
}

/** What became of a call that was not simply done. */
export function describeOutcome(outcome: ToolPart['outcome']): string {
	switch (outcome) {
		case 'done':
		case 'waiting':
			return '';
		case 'refused':
			return 'not done';
		case 'failed':
			return 'failed';
		case 'stopped':
			return 'stopped';
		case 'unknown':
			return 'unclear if done';
		case 'missing':
			return 'no result';
	}
}

/** Input as it is read: text stays text, the rest is JSON. */
export function formatInput(input: unknown): string {
	if (input === undefined) return '';
	return typeof input === 'string' ? input : JSON.stringify(input, null, 2);
}

function argument(input: unknown, name: string): string {
	if (typeof input !== 'object' || input === null) return '';
	const value: unknown = Reflect.get(input, name);
	return typeof value === 'string' ? value : '';
}
