import type { LineId } from '@pocketeer/core/ids';
import { describe, expect, it } from 'vitest';
import { refuseLineName, sortLines } from './lines.ts';

const line = (name: string, touched: number) => ({ id: name as LineId, name, touched });

describe('the list of lines', () => {
	it('begins with the main line and goes on with the most recent', () => {
		const sorted = sortLines([line('old', 1), line('Chat', 0), line('new', 9), line('also old', 1)]);
		expect(sorted.map(({ name }) => name)).toEqual(['Chat', 'new', 'also old', 'old']);
	});

	it('refuses names no line can have', () => {
		expect(refuseLineName('Kitchen')).toBeUndefined();
		expect(refuseLineName('台所')).toBeUndefined();
		expect(refuseLineName('  ')).toBe('Give the line a name.');
		expect(refuseLineName('…!')).toContain('letter or digit');
		expect(refuseLineName('x'.repeat(61))).toContain('at most 60');
	});
});
