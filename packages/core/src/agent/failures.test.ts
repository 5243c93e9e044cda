import { expect, it } from 'vitest';
import { describeFailure, type Failure, isRetryable } from './failures.ts';

const ALL: readonly Failure[] = [
	{ type: 'WrongKey' },
	{ type: 'CorsRefused' },
	{ type: 'NoCredit' },
	{ type: 'Forbidden', message: 'no' },
	{ type: 'UnknownModel', model: 'claude-x' },
	{ type: 'TooLarge' },
	{ type: 'RateLimited', retryAfterMs: 30_000 },
	{ type: 'SpendLimit' },
	{ type: 'Overloaded' },
	{ type: 'ServiceFailed', status: 500 },
	{ type: 'Rejected', message: 'no' },
	{ type: 'NoNetwork' },
	{ type: 'Cut' },
	{ type: 'Unreadable', reason: 'Odd.' },
	{ type: 'TooManySteps', limit: 24 },
	{ type: 'NotStored', reason: 'Full.' },
	{ type: 'NeedsUpdate' },
];

it('every failure has a sentence of its own and a hint what to do', () => {
	const texts = ALL.map(describeFailure);
	expect(new Set(texts.map((text) => text.sentence)).size).toBe(ALL.length);
	for (const { sentence, hint } of texts) {
		expect(sentence).toMatch(/^[A-Z].*\.$/);
		expect(hint).toMatch(/^[A-Z].*\.$/);
	}
});

it('only what passes by itself is tried again by itself', () => {
	expect(ALL.filter(isRetryable).map(({ type }) => type)).toEqual([
		'RateLimited',
		'Overloaded',
		'ServiceFailed',
		'NoNetwork',
		'Cut',
	]);
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
