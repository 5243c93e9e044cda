import type { CapReached, Failure } from '../space/failure.ts';

export type { Failure };

/** A failure as the person reads it: what happened, what to do, and what a button may offer. */
export interface FailureText {
	readonly sentence: string;
	readonly hint: string;
	readonly action?: 'open-settings' | 'retry' | 'wait' | 'raise-cap';
}

/** One distinct sentence a failure; never blames, never says that all is well, never holds what the person typed. */
export function describeFailure(failure: Failure): FailureText {
	switch (failure.type) {
		case 'WrongKey':
			return {
				sentence: 'The API key was not accepted.',
				hint: 'Check the key in Settings: it may be mistyped, revoked, or meant for another address.',
				action: 'open-settings',
			};
		case 'CorsRefused':
			return {
				sentence: 'Your Anthropic organization does not allow calls straight from a browser.',
				hint: 'An administrator can allow CORS requests in the Anthropic Console; or use a key of another organization.',
				action: 'open-settings',
			};
		case 'NoCredit':
			return {
				sentence: 'There is no credit left on the account of this API key.',
				hint: 'Add credit in the Anthropic Console, then try again.',
				action: 'retry',
			};
		case 'Forbidden':
			return {
				sentence: 'This API key may not do that.',
				hint: `The service says: ${quoted(failure.message)} Choose another model or key in Settings.`,
				action: 'open-settings',
			};
		case 'UnknownModel':
			return {
				sentence: `There is no model "${failure.model}" at this address.`,
				hint: 'Choose another model in Settings, or leave the field empty and one is chosen.',
				action: 'open-settings',
			};
		case 'TooLarge':
			return {
				sentence: 'The conversation became too large to send.',
				hint: 'The next try sends only the recent part of it. A very long message can go into a note instead.',
				action: 'retry',
			};
		case 'RateLimited':
			return {
				sentence: 'Too many requests were made with this key in a short time.',
				hint: failure.retryAfterMs === undefined ? 'Wait a minute, then try again.' : waitHint(failure.retryAfterMs),
				action: 'wait',
			};
		case 'SpendLimit':
			return {
				sentence: 'The spend limit of this account is reached.',
				hint: 'Raise the limit in the Anthropic Console or wait until it resets; trying again will not help before.',
				action: 'wait',
			};
		case 'Overloaded':
			return {
				sentence: 'The service is overloaded right now.',
				hint: 'Nothing is wrong on your side. Try again in a moment.',
				action: 'retry',
			};
		case 'ServiceFailed':
			return {
				sentence: `The service had an error of its own (${failure.status}).`,
				hint: 'Nothing is wrong on your side. Try again in a moment.',
				action: 'retry',
			};
		case 'Rejected':
			return {
				sentence: 'The service did not accept the request.',
				hint: `It says: ${quoted(failure.message)} Trying again starts from the recent part of the conversation.`,
				action: 'retry',
			};
		case 'NoNetwork':
			return {
				sentence: 'The service cannot be reached from here.',
				hint: 'Check the connection; if others work, check the API base URL in Settings.',
				action: 'retry',
			};
		case 'Cut':
			return {
				sentence: 'The answer was cut off before it was complete.',
				hint: 'What had arrived is kept. Try again to get a whole answer.',
				action: 'retry',
			};
		case 'Unreadable':
			return {
				sentence: 'The answer came in a form that could not be read.',
				hint: `${failure.reason} If it happens again, check the API base URL in Settings.`,
				action: 'open-settings',
			};
		case 'Stalled':
			return {
				sentence: `Nothing came for ${Math.round(failure.afterMs / 1000)} seconds, so the call was given up.`,
				hint: 'What had arrived is kept. Try again to get a whole answer.',
				action: 'retry',
			};
		case 'DayCap':
			return {
				sentence: `Today’s limit of ${dollars(failure.capUsd)} leaves no room for the next call: ${dollars(failure.spentUsd)} is spent.`,
				hint: `${nextHint(failure)} The call was not sent. Raise the limit for today, or go on tomorrow. The limit of every day is in Settings.`,
				action: 'raise-cap',
			};
		case 'TurnCap':
			return {
				sentence: `The limit of one answer, ${dollars(failure.capUsd)}, leaves no room for the next call: ${dollars(failure.spentUsd)} is spent.`,
				hint: `${nextHint(failure)} What was done up to here is kept. Send a message to go on from there, or raise the limit in Settings.`,
				action: 'open-settings',
			};
		case 'Loop':
			return {
				sentence: `The assistant went round in circles: it did the same thing ${failure.times} times with the same result.`,
				hint: 'What was done up to here is kept. Say what you want in another way, or in smaller steps.',
			};
		case 'AttachmentMissing':
			return {
				sentence: `The attachment "${failure.name}" has not reached this device yet.`,
				hint: 'Open the device it was added on, then try again.',
				action: 'retry',
			};
		case 'TakenOver':
			return { sentence: 'Another device goes on with this answer.', hint: 'Its answer appears here.' };
		case 'TooManySteps':
			return {
				sentence: `The assistant was stopped after ${failure.limit} steps.`,
				hint: 'What was done up to here is kept. Send a message to go on from there.',
			};
		case 'NotStored':
			return {
				sentence: 'This device could not save the next step, so the assistant was stopped.',
				hint: `${failure.reason} Free some space, then try again.`,
				action: 'retry',
			};
		case 'NeedsUpdate':
			return {
				sentence: 'This line was continued by a newer Pocketeer.',
				hint: 'Update this app to go on.',
			};
		default:
			return ofLaterVersion(failure);
	}
}

/** Records of a later version may say what this one has no words for; the checker sees a type that was forgotten here. */
function ofLaterVersion(_: never): FailureText {
	return {
		sentence: 'This failed for a reason that only a newer Pocketeer knows.',
		hint: 'Update this app to read it.',
	};
}

/** Whether the same request may well succeed a moment later, so that a turn waits and tries again by itself. */
export function isRetryable(failure: Failure): boolean {
	switch (failure.type) {
		case 'RateLimited':
		case 'Overloaded':
		case 'ServiceFailed':
		case 'NoNetwork':
		case 'Cut':
		case 'Stalled':
		case 'AttachmentMissing':
			return true;
		default:
			return false;
	}
}

function nextHint({ nextUsd, unpriced }: CapReached): string {
	const next = nextUsd === undefined ? 'It could cost more than is left.' : `It could cost up to ${dollars(nextUsd)}.`;
	if (unpriced === undefined) return next;
	const calls = unpriced === 1 ? 'The cost of one call is' : `The cost of ${unpriced} calls is`;
	return `${next} ${calls} not known and was counted at the dearest price.`;
}

/** $2.00; below a cent with four digits, so that what is more than nothing looks like it. */
function dollars(usd: number): string {
	return `$${usd.toFixed(usd === 0 || usd >= 0.01 ? 2 : 4)}`;
}

function waitHint(retryAfterMs: number): string {
	const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
	if (seconds < 90) return `Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`;
	return `Try again in ${Math.ceil(seconds / 60)} minutes.`;
}

/** The service's words in quotes, shortened: they come from outside and may be of any length. */
function quoted(message: string): string {
	const line = message.replace(/\s+/g, ' ').trim();
	return `"${line.length > 200 ? `${line.slice(0, 200)}…` : line}".`;
}
