import type { IconName } from '../icons/names.ts';
import type { ToolPart } from './articles.ts';

interface ToolLook {
	readonly done: string;
	readonly doing: string;
	/** What the person is asked to let happen. */
	readonly todo?: string;
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
		write_file: { done: 'Wrote', doing: 'Writing', todo: 'Write', icon: 'pencil', about: 'path' },
		edit_file: { done: 'Edited', doing: 'Editing', todo: 'Edit', icon: 'pencil', about: 'path' },
		move_file: { done: 'Moved', doing: 'Moving', todo: 'Move', icon: 'file-text', about: 'from' },
		delete_file: { done: 'Deleted', doing: 'Deleting', todo: 'Delete', icon: 'trash-2', about: 'path' },
		search_files: { done: 'Searched for', doing: 'Searching for', icon: 'search', about: 'query' },
		remember: { done: 'Remembered', doing: 'Remembering', todo: 'Remember', icon: 'brain' },
		journal_add: {
			done: 'Wrote in the journal',
			doing: 'Writing in the journal',
			todo: 'Write in the journal',
			icon: 'book-open',
		},
		journal_entries: { done: 'Read the journal', doing: 'Reading the journal', icon: 'book-open' },
		note_about_person: {
			done: 'Noted about',
			doing: 'Noting about',
			todo: 'Note about',
			icon: 'user-round',
			about: 'name',
		},
		remind: { done: 'Set a reminder', doing: 'Setting a reminder', todo: 'Set a reminder', icon: 'bell' },
		schedule_nudge: {
			done: 'Scheduled a nudge',
			doing: 'Scheduling a nudge',
			todo: 'Schedule a nudge',
			icon: 'calendar-clock',
		},
		cancel_task: { done: 'Cancelled a task', doing: 'Cancelling a task', todo: 'Cancel a task', icon: 'calendar-x' },
		list_tasks: { done: 'Looked at the schedule', doing: 'Looking at the schedule', icon: 'calendar-clock' },
		search_messages: {
			done: 'Searched what was said for',
			doing: 'Searching what was said for',
			icon: 'search',
			about: 'query',
		},
		fetch_history: { done: 'Read back', doing: 'Reading back', icon: 'history', about: 'line' },
		list_lines: { done: 'Looked at the lines', doing: 'Looking at the lines', icon: 'hash' },
		send_message: {
			done: 'Sent a message to',
			doing: 'Sending a message to',
			todo: 'Send a message to',
			icon: 'send',
			about: 'line',
		},
		react: { done: 'Reacted', doing: 'Reacting', icon: 'smile-plus', about: 'emoji' },
		ask_person: { done: 'Asked', doing: 'Asking', icon: 'circle-help', about: 'question' },
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
	const decision = part.decided?.decision.type;
	// A question was asked, whatever was said to it.
	if (part.name === 'ask_person' && decision === 'passed-over') return { text: look?.done ?? '', about, icon };
	// The person looked at it and did not let it: it was never begun.
	if (decision === 'refused' || decision === 'passed-over') return describeRequest(part);
	if (part.outcome === 'done') return { text: look?.done ?? `Used ${part.name}`, about, icon };
	return { text: look?.doing ?? `Using ${part.name}`, about, icon };
}

/** A call that waits for the person, as what would be done. */
export function describeRequest(call: { readonly name: string; readonly input: unknown }): {
	readonly text: string;
	readonly about: string;
	readonly icon: IconName;
} {
	const look = LOOKS.get(call.name);
	const about = look?.about === undefined ? '' : argument(call.input, look.about);
	return { text: look?.todo ?? `Use ${call.name}`, about, icon: look?.icon ?? 'wrench' };
}

/** What became of a call that was not simply done; what a person decided on it is said beside it. */
export function describeOutcome({ outcome, decided }: Pick<ToolPart, 'outcome' | 'decided'>): string {
	if (outcome === 'refused' && decided) return '';
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
