import { describe, expect, it } from 'vitest';
import type { DeviceId, LineId, PersonId, TurnId } from '../../ids.ts';
import { createEchoTool } from '../../testing/echo-tools.ts';
import { createTestClock } from '../../testing/test-clock.ts';
import type { Tool, ToolCall } from '../tool.ts';
import { runTool } from './run-tool.ts';

const CALL: Omit<ToolCall, 'signal'> = {
	line: 'chat' as LineId,
	turn: 'turn' as TurnId,
	toolUse: 'a',
	actor: { type: 'agent', person: 'anna' as PersonId, device: 'device-a' as DeviceId },
};

function start(tool: Tool, stop = new AbortController()) {
	const clock = createTestClock();
	const warned: string[] = [];
	const log = { info() {}, warn: (event: string) => void warned.push(event) };
	const running = runTool({ clock, log }, { tool, input: 1, call: CALL }, stop.signal);
	return { clock, warned, running, stop: () => stop.abort() };
}

/** Never answers, whatever its signal says. */
const deaf = (as: Partial<Tool> = {}): Tool => ({
	...createEchoTool('deaf', { during: () => new Promise(() => {}) }),
	...as,
});
/** Breaks off when told to. */
const listening = (as: Partial<Tool> = {}): Tool => ({
	...createEchoTool('listening', {
		during: ({ signal }) =>
			new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
	}),
	...as,
});

describe('a tool', () => {
	it('answers, and leaves no timer behind', async () => {
		const { running, clock } = start(createEchoTool('put'));
		expect(await running).toEqual({ outcome: 'done', result: 'put 1', receipts: [] });
		expect(clock.waiting).toBe(0);
	});

	it.each([
		['idempotent', { isIdempotent: true }, 'failed', 'not known'],
		['not idempotent', {}, 'unknown', 'not known'],
		['read-only', { isReadOnly: true }, 'failed', 'It changed nothing.'],
	])('that takes too long and is %s has an outcome that says what is known', async (_, as, outcome, says) => {
		const { running, clock, warned } = start(listening({ ...as, timeLimitMs: 5000 }));
		await clock.advance(4999);
		expect(clock.waiting).toBe(1);
		await clock.advance(1);
		const ran = await running;
		expect(ran).toMatchObject({ outcome, receipts: [] });
		expect(ran.result).toContain('longer than 5 seconds');
		expect(ran.result).toContain(says);
		expect(clock.waiting).toBe(0);
		expect(warned, 'breaking off when told to is no bug').toEqual([]);
	});

	it('that does not listen cannot hold the turn: it is given up a moment after its minute', async () => {
		const { running, clock } = start(deaf());
		await clock.advance(60_000);
		await clock.advance(500);
		expect(await running).toMatchObject({ outcome: 'unknown' });
		expect(clock.waiting).toBe(0);
	});

	it('that had its effect when it was told to stop has its say', async () => {
		const gate = Promise.withResolvers<void>();
		const { running, stop } = start(createEchoTool('put', { during: () => gate.promise }));
		stop();
		gate.resolve();
		expect(await running).toMatchObject({ outcome: 'done', result: 'put 1' });
	});

	it.each([
		['read-only', { isReadOnly: true }, 'stopped'],
		['idempotent', { isIdempotent: true }, 'stopped'],
		['not idempotent', {}, 'unknown'],
	])('that is stopped and is %s says so', async (_, as, outcome) => {
		const { running, stop } = start(listening(as));
		stop();
		expect(await running).toMatchObject({ outcome, result: expect.stringContaining('The person stopped it') });
	});

	it('that throws neither loses the turn nor passes for success', async () => {
		const { running, warned } = start(
			createEchoTool('put', {
				during() {
					throw new TypeError('x is not a function');
				},
			}),
		);
		expect(await running).toMatchObject({ outcome: 'failed', result: expect.stringContaining('x is not a function') });
		expect(warned).toEqual(['tool-threw']);
	});

	it('is told to stop at once when the stop came before it began', async () => {
		const stopped = new AbortController();
		stopped.abort();
		const { running, clock } = start(deaf(), stopped);
		await clock.advance(500);
		expect(await running).toMatchObject({ outcome: 'unknown' });
	});
});
