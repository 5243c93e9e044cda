import { describe, expect, it } from 'vitest';
import type { ToolPart } from './articles.ts';
import { describeOutcome, describeRequest, describeTool, formatInput } from './tool-labels.ts';

const call = (change: Partial<ToolPart>): ToolPart => ({
	type: 'tool',
	key: 'u1',
	name: 'read_file',
	input: { path: 'notes/a.md' },
	outcome: 'done',
	result: '',
	receipts: [],
	decided: undefined,
	untrusted: undefined,
	whole: undefined,
	pages: [],
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
		const outcomeOf = (outcome: ToolPart['outcome']) => describeOutcome({ outcome, decided: undefined });
		expect(outcomeOf('done')).toBe('');
		expect(outcomeOf('unknown')).toBe('unclear if done');
		expect(outcomeOf('refused')).toBe('not done');
	});

	it('leaves a refusal to the person who refused, as something that was never begun', () => {
		const decided = { decision: { type: 'refused' }, by: 'You', at: 0 } as const;
		expect(describeOutcome({ outcome: 'refused', decided })).toBe('');
		const refused = call({ name: 'write_file', outcome: 'refused', decided });
		expect(describeTool(refused)).toMatchObject({ text: 'Write', about: 'notes/a.md' });
	});

	it('says of what the person passed over that it was asked, not that it goes on', () => {
		const decided = { decision: { type: 'passed-over' }, by: 'You', at: 0 } as const;
		const question = call({ name: 'ask_person', input: { question: 'Which Anna?' }, outcome: 'refused', decided });
		expect(describeTool(question)).toMatchObject({ text: 'Asked', about: 'Which Anna?' });
		expect(describeTool(call({ name: 'write_file', outcome: 'refused', decided })).text).toBe('Write');
	});

	it('says what would be done when the person is asked', () => {
		const asked = describeRequest({ name: 'send_message', input: { line: 'Rome', text: 'x' } });
		expect(`${asked.text} ${asked.about}`).toBe('Send a message to Rome');
		expect(describeRequest({ name: 'other', input: 3 })).toMatchObject({ text: 'Use other', about: '' });
	});
});
