import { createTestClock, turns } from '@pocketeer/core/testing/test-clock';
import { expect, test } from 'vitest';
import { createLooker, LONGEST_WAIT_MS } from './look-again.ts';

/** A looker whose looks answer what the test wrote down, and are counted. */
function setUp(...answers: ('again' | number | undefined | Error)[]) {
	const clock = createTestClock();
	const failures: unknown[] = [];
	let looks = 0;
	const looker = createLooker({
		clock,
		async work() {
			looks++;
			const answer = answers.shift();
			if (answer instanceof Error) throw answer;
			return answer;
		},
		failed: (error) => void failures.push(error),
	});
	return { clock, looker, failures, looks: () => looks };
}

test('looks again at once while there may be more', async () => {
	const { looker, looks } = setUp('again', 'again', undefined);
	looker.look();
	await looker.looking;
	expect(looks()).toBe(3);
});

test('looks at the moment that is due, and after some seconds whatever is due', async () => {
	const { clock, looker, looks } = setUp(1_000, 3_600_000, -50, undefined);
	looker.look();
	await clock.advance(999);
	expect(looks()).toBe(1);
	await clock.advance(1);
	expect(looks()).toBe(2);
	await clock.advance(LONGEST_WAIT_MS);
	// The third was late already: the fourth comes at once, and then nothing waits.
	expect(looks()).toBe(4);
	await clock.advance(60_000);
	expect([looks(), clock.waiting]).toEqual([4, 0]);
});

test('words that come during a look lead to one more', async () => {
	const { looker, looks } = setUp();
	looker.look();
	looker.look();
	looker.look();
	await turns(10);
	expect(looks()).toBeLessThanOrEqual(2);
});

test('what fails is told and tried again', async () => {
	const { clock, looker, failures, looks } = setUp(new Error('disk'), undefined);
	looker.look();
	await clock.advance(LONGEST_WAIT_MS);
	expect([failures.length, looks()]).toEqual([1, 2]);
});

test('ends with its owner', async () => {
	const { clock, looker, looks } = setUp(1_000, 1_000);
	looker.look();
	await looker.looking;
	looker[Symbol.dispose]();
	looker.look();
	await clock.advance(60_000);
	expect([looks(), clock.waiting]).toEqual([1, 0]);
});
