import { expect, it } from 'vitest';
import { describeFailure, type Failure, isRetryable } from './failures.ts';

/** One of each; a type that is missing here does not compile. */
const BY_TYPE: { readonly [T in Failure['type']]: Extract<Failure, { readonly type: T }> } = {
	WrongKey: { type: 'WrongKey' },
	CorsRefused: { type: 'CorsRefused' },
	NoCredit: { type: 'NoCredit' },
	Forbidden: { type: 'Forbidden', message: 'no' },
	UnknownModel: { type: 'UnknownModel', model: 'claude-x' },
	TooLarge: { type: 'TooLarge' },
	RateLimited: { type: 'RateLimited', retryAfterMs: 30_000 },
	SpendLimit: { type: 'SpendLimit' },
	Overloaded: { type: 'Overloaded' },
	ServiceFailed: { type: 'ServiceFailed', status: 500 },
	Rejected: { type: 'Rejected', message: 'no' },
	NoNetwork: { type: 'NoNetwork' },
	Cut: { type: 'Cut' },
	Unreadable: { type: 'Unreadable', reason: 'Odd.' },
	Stalled: { type: 'Stalled', afterMs: 60_000 },
	DayCap: { type: 'DayCap', capUsd: 2, spentUsd: 1.98 },
	TurnCap: { type: 'TurnCap', capUsd: 1, spentUsd: 0.0042 },
	Loop: { type: 'Loop', tool: 'read_file', times: 4 },
	AttachmentMissing: { type: 'AttachmentMissing', name: 'plan.pdf' },
	TakenOver: { type: 'TakenOver' },
	TooManySteps: { type: 'TooManySteps', limit: 24 },
	NotStored: { type: 'NotStored', reason: 'Full.' },
	NeedsUpdate: { type: 'NeedsUpdate' },
};
const ALL = Object.values(BY_TYPE);

it('every failure has a sentence and a hint of its own, and no two say the same', () => {
	const texts = ALL.map(describeFailure);
	expect(new Set(texts.map((text) => text.sentence)).size).toBe(ALL.length);
	expect(new Set(texts.map((text) => `${text.sentence} ${text.hint}`)).size).toBe(ALL.length);
	for (const { sentence, hint } of texts) {
		expect(sentence).toMatch(/^[A-Z].*\.$/);
		expect(hint).toMatch(/^[A-Z].*\.$/);
	}
});

it('every failure that a person can do something about offers it', () => {
	const without = ALL.filter((failure) => describeFailure(failure).action === undefined).map(({ type }) => type);
	// To be said in another way, to be waited for, and to be updated: no button does those.
	expect(without).toEqual(['Loop', 'TakenOver', 'TooManySteps', 'NeedsUpdate']);
	expect(describeFailure(BY_TYPE.DayCap).action).toBe('raise-cap');
	expect(describeFailure(BY_TYPE.WrongKey).action).toBe('open-settings');
	expect(describeFailure(BY_TYPE.TurnCap).action).toBe('open-settings');
});

it('no text holds what the person typed: only the names and reasons the failure itself carries', () => {
	const typed = 'Dear diary, my password is swordfish.';
	for (const failure of ALL) {
		// A later build, or a bug, may store more with a failure than its type says; none of it is shown.
		const stored = { ...failure, text: typed, prompt: typed, content: typed };
		const { sentence, hint } = describeFailure(stored);
		expect(`${sentence} ${hint}`).not.toContain('swordfish');
	}
});

it('only what passes by itself is tried again by itself', () => {
	expect(ALL.filter(isRetryable).map(({ type }) => type)).toEqual([
		'RateLimited',
		'Overloaded',
		'ServiceFailed',
		'NoNetwork',
		'Cut',
		'Stalled',
		'AttachmentMissing',
	]);
});

it('a cap says what it is and what is spent, to the digit that matters, and that a guess is one', () => {
	expect(describeFailure(BY_TYPE.DayCap).sentence).toContain('$2.00 leaves no room for the next call: $1.98 is spent');
	expect(describeFailure(BY_TYPE.TurnCap).sentence).toContain('$0.0042 is spent');
	expect(describeFailure({ ...BY_TYPE.DayCap, nextUsd: 0.061 }).hint).toContain('up to $0.06');
	expect(describeFailure(BY_TYPE.DayCap).hint).not.toContain('not known');
	expect(describeFailure({ ...BY_TYPE.DayCap, unpriced: 1 }).hint).toContain('The cost of one call is not known');
	expect(describeFailure({ ...BY_TYPE.TurnCap, unpriced: 3 }).hint).toContain('The cost of 3 calls is not known');
});

it('says how long to wait in words, and keeps the words of the service short and on one line', () => {
	expect(describeFailure({ type: 'RateLimited', retryAfterMs: 1 }).hint).toBe('Try again in 1 second.');
	expect(describeFailure({ type: 'RateLimited', retryAfterMs: 600_000 }).hint).toBe('Try again in 10 minutes.');
	expect(describeFailure({ type: 'Rejected', message: `a\n${'b'.repeat(5000)}` }).hint.length).toBeLessThan(350);
});

it('a failure of a later version has a sentence, too', () => {
	const stored: Failure = JSON.parse('{"type":"FromTheFuture"}');
	expect(describeFailure(stored).sentence).toContain('newer Pocketeer');
	expect(isRetryable(stored)).toBe(false);
});
