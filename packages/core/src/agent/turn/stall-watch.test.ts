import { expect, it } from 'vitest';
import type { ModelRequest } from '../../ports/model.ts';
import { createTestClock } from '../../testing/test-clock.ts';
import { watchForStall } from './stall-watch.ts';

const PLAIN: ModelRequest = { system: [], tools: [], messages: [{ role: 'user', content: 'Hi' }], maxTokens: 1 };

it('gives a request with attachments the time that it takes to send them on a poor connection', async () => {
	const clock = createTestClock();
	const source = { type: 'base64' as const, media_type: 'image/png' as const, data: 'A'.repeat(3_200_000) };
	const content = [
		{ type: 'image' as const, source },
		{ type: 'tool_result' as const, tool_use_id: 'a', content: [{ type: 'image' as const, source }] },
	];
	using plain = watchForStall({ clock }, PLAIN);
	using attached = watchForStall({ clock }, { ...PLAIN, messages: [{ role: 'user', content }] });
	await clock.advance(95_000);
	expect([plain.stalledMs, attached.stalledMs]).toEqual([95_000, undefined]);
	await clock.advance(200_000);
	expect(attached.stalledMs).toBe(295_000);
	expect(attached.signal.aborted).toBe(true);
});

it('leaves no timer behind', async () => {
	const clock = createTestClock();
	{
		using watch = watchForStall({ clock }, PLAIN);
		watch.heard();
		await clock.advance(60_000);
		expect(clock.waiting).toBe(1);
	}
	expect(clock.waiting).toBe(0);
});
