/** Everything the clerk says of itself; what it says of results comes from the results. */
export const CLERK_INTRODUCTION =
	'I’m the clerk: I work by fixed rules, without AI. I can set reminders, keep notes and find them again. For a real conversation, add an Anthropic API key in Settings.';

export const CLERK_LIMITS =
	'I’m the clerk: I work by fixed rules, without AI, and I have no rule for that. I can remind you of things, keep notes and find them again; say “help” for examples. Add a key in Settings to talk to a real assistant.';

/** Said when something came with a message. */
export const CLERK_NO_ATTACHMENTS =
	'I’m the clerk: I work by fixed rules, without AI, and cannot look at attachments. What you attached is kept here; add a key in Settings and a real assistant can look at it.';

export const GREETING =
	'Hello. I’m the clerk: I work by fixed rules, without AI. Try “remind me in 20 minutes to take the pasta off”, or say “help”.';

export const THANKS = 'You’re welcome.';

export const HELP = `I’m the clerk: I work by fixed rules, without AI. This is what I understand:

- **Reminders:** “remind me tomorrow at 9 to call the dentist”, “remind me every weekday at 8 to stretch”, or \`/remind in 20 minutes take the pasta off\`
- **What is coming up:** “what are my reminders?” or \`/tasks\`; “cancel the dentist reminder” or \`/cancel dentist\`
- **Notes:** “remember that my sister is allergic to nuts”, \`/note …\`; “note about Maria: likes tea”
- **Journal:** “journal: first snow today” or \`/journal …\`
- **Finding things:** “what do you know about my sister?” or \`/recall sister\`

For anything else, add an Anthropic API key in Settings.`;

export const EMPTY_COMMAND = {
	remind: 'What shall I remind you of, and when? For example: “remind me tomorrow at 9 to call the dentist”.',
	note: 'What shall I note? For example: `/note The spare key is with Maria`.',
	recall: 'What shall I look for? For example: `/recall spare key`.',
	journal: 'What shall I write into the journal? For example: `/journal First snow today`.',
	cancel: 'Which reminder shall I cancel? `/tasks` lists them; then for example: `/cancel dentist`.',
} as const;

export const TOO_LONG_TO_REMIND =
	'That is too long for a reminder, which shows as a notification. Put the text into a note, and have me remind you of that in one sentence.';

/** Said to a command the clerk does not have. */
export function UNKNOWN_COMMAND(name: string): string {
	return `I don’t know /${name}. There are /remind, /note, /recall, /tasks, /cancel, /journal and /help.`;
}

/** Asks for the missing time of a reminder. */
export function whenQuestion(text: string): string {
	return `When shall I remind you: “${text}”? For example “in 20 minutes”, “tomorrow at 9” or “every Monday at 8”. When should it be?`;
}

/** Said when a task wakes an assistant that is not there. */
export function nudgeWithoutAgent(prompt: string): string {
	return `A nudge came due, but it needs an assistant that can think, and this device has no API key. Its prompt: “${prompt}” Add a key in Settings and answer it again.`;
}

/** Said where the limits were told shortly before. */
export const CLERK_LIMITS_AGAIN = 'I have no rule for that either; say “help” for examples.';

/** Follows a list when everything was to be cancelled. */
export const WHICH_TO_CANCEL = 'I cancel one at a time: which one? For example: `/cancel dentist`.';

/** Follows a search that found nothing for a question. */
export const NOT_FOUND_NO_AI =
	'I’m the clerk: I work by fixed rules, without AI, and know only what your files say. For a real assistant, add a key in Settings.';

/** Said when an open question is dropped. */
export const NOTHING_SCHEDULED = 'Nothing was scheduled.';

export const NEVER_MIND = 'All right; nothing was changed.';
