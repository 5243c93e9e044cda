import { describe, expect, it } from 'vitest';
import type { ToolPart } from './articles.ts';
import { describeOutcome, describeTool, formatInput } from './tool-labels.ts';

const call = (change: Partial<ToolPart>): ToolPart => ({
	type: 'tool',
	key: 'u1',
	name: 'read_file',
	input: { path: 'notes/a.md' },
	outcome: 'done',
	result: '',
	receipts: [],
	durationMs: 1,
	...change,
});

describe('a tool call on one line', () => {
	it('says what it did and to what', () => {
		expect(describeTool(call({}))).toMatchObject({ text: 'Read', about: 'notes/a.md' });
	});

	it.each(['refused', 'failed', 'stopped', 'unknown', 'missing', 'waiting'] as const)(
		'never reads as done when it was %s',
		(outcome) => {
			expect(describeTool(call({ outcome })).text).toBe('Reading');
		},
	);

	it('names tools it does not know, and bears any input', () => {
		expect(describeTool(call({ name: 'frobnicate', input: null }))).toMatchObject({
			text: 'Used frobnicate',
			about: '',
		});
		expect(describeTool(call({ input: { path: 3 } })).about).toBe('');
		expect(formatInput({ a: 1 })).toBe('{\n  "a": 1\n}');
	});

	it('has words for every outcome but the plain ones', () => {
		expect(describeOutcome('done')).toBe('');
		expect(describeOutcome('unknown')).toBe('unclear if done');
	});
});
