import { formatCount } from './format.ts';

/** Characters a message may have: beyond it a model reads a file better than a message. */
export const MESSAGE_LIMIT = 100_000;

/** Why a text is not sent as a message, or undefined when it may be. */
export function refuseMessage(length: number): string | undefined {
	if (length <= MESSAGE_LIMIT) return undefined;
	return `This message has ${formatCount(length)} characters; at most ${formatCount(MESSAGE_LIMIT)} can be sent. It is kept here: shorten it, or put the long part into a note.`;
}

/** Why a paste was not put into the message, or undefined when it fits. */
export function refusePaste(pasted: number, present: number): string | undefined {
	if (pasted + present <= MESSAGE_LIMIT) return undefined;
	return `The pasted text has ${formatCount(pasted)} characters; a message holds at most ${formatCount(MESSAGE_LIMIT)}. It was not put into the message.`;
}
