import { describe, expect, it } from 'vitest';
import { MESSAGE_LIMIT, refuseMessage, refusePaste } from './message-limit.ts';

describe('the length of a message', () => {
	it('is refused beyond the limit, with both numbers', () => {
		expect(refuseMessage(MESSAGE_LIMIT)).toBeUndefined();
		expect(refuseMessage(MESSAGE_LIMIT + 1)).toContain('100,001 characters; at most 100,000');
	});

	it('counts what is there already when something is pasted', () => {
		expect(refusePaste(10, MESSAGE_LIMIT - 10)).toBeUndefined();
		expect(refusePaste(10_485_760, 0)).toContain('10,485,760 characters');
		expect(refusePaste(11, MESSAGE_LIMIT - 10)).toBeDefined();
	});
});
