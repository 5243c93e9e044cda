import type { ToolUseBlockParam } from '@anthropic-ai/sdk/resources/messages';
import { expect, it } from 'vitest';
import { usableCalls } from './usable-calls.ts';

const CALL: ToolUseBlockParam = { type: 'tool_use', id: 'toolu_1', name: 'look', input: { a: 1 } };
const NONE: ReadonlySet<string> = new Set();

function usable(blocks: readonly ToolUseBlockParam[], taken = NONE) {
	let made = 0;
	return usableCalls(blocks, { taken: () => taken, make: () => `made_${made++}` });
}

it('leaves what the service itself answers as it is', () => {
	const [call] = usable([CALL]);
	expect(call).toBe(CALL);
	const text = [{ type: 'text' as const, text: 'Hi' }];
	expect(usableCalls(text, { taken: () => expect.fail('nobody asked'), make: () => 'x' })).toBe(text);
});

it('tells calls apart that came with one id, or with one of an earlier answer', () => {
	expect(usable([CALL, CALL, CALL], new Set(['toolu_1']))).toMatchObject([
		{ id: 'made_0' },
		{ id: 'made_1' },
		{ id: 'made_2' },
	]);
	expect(usable([CALL, CALL])).toMatchObject([{ id: 'toolu_1' }, { id: 'made_0' }]);
});

it.each([
	['a name that no tool can have', { name: 'look up' }, { name: 'unusable_name' }],
	['no id', { id: '' }, { id: 'made_0' }],
	['a list of arguments', { input: [1] }, { input: { INVALID_JSON: '[1]' } }],
	['no arguments', { input: null }, { input: { INVALID_JSON: 'null' } }],
])('mends a call with %s', (_, broken, mended) => {
	expect(usable([{ ...CALL, ...broken }])).toEqual([{ ...CALL, ...mended }]);
});
