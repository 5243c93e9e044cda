import { createTestClock } from '@pocketeer/core/testing/test-clock';
import { expect, test } from 'vitest';
import { createTokenBucket } from './token-bucket.ts';

test('lets a burst through, then keeps the pace', async () => {
	const clock = createTestClock();
	const bucket = createTokenBucket({ clock }, { burst: 3, perSecond: 2 });
	expect([bucket.take(), bucket.take(), bucket.take(), bucket.take()]).toEqual([0, 0, 0, 500]);
	await clock.advance(1_000);
	expect([bucket.take(), bucket.take()]).toEqual([0, 500]);
});

test('a wall clock set back neither fills nor drains it', () => {
	const clock = createTestClock();
	const bucket = createTokenBucket({ clock }, { burst: 1, perSecond: 1 });
	expect(bucket.take()).toBe(0);
	clock.jump(-3_600_000);
	expect(bucket.take()).toBe(1_000);
});
