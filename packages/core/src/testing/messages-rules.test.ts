import { expect, it } from 'vitest';
import { createMessagesRules } from './messages-rules.ts';

const hi = { role: 'user', content: [{ type: 'text', text: 'Hi' }] };
const uses = { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'look', input: {} }] };
const result = { type: 'tool_result', tool_use_id: 'a', content: 'seen' };
const more = { type: 'text', text: 'And?' };
const base = { model: 'm', max_tokens: 10, messages: [hi] };

function say(...content: readonly object[]) {
	return { role: 'user', content };
}

const REFUSED: readonly (readonly [why: string, body: unknown, reason: RegExp])[] = [
	['no max_tokens', { ...base, max_tokens: undefined }, /max_tokens/],
	['sampling', { ...base, temperature: 0 }, /temperature/],
	['forced tools', { ...base, tool_choice: { type: 'any' } }, /tool_choice/],
	['no messages', { ...base, messages: [] }, /at least one/],
	['prefill', { ...base, messages: [hi, { role: 'assistant', content: 'I' }] }, /prefill/],
	['an assistant first', { ...base, messages: [uses, say(result)] }, /first message/],
	['two users in a row', { ...base, messages: [hi, hi] }, /alternate/],
	['an empty message', { ...base, messages: [{ role: 'user', content: [] }] }, /non-empty/],
	['a blank text', { ...base, messages: [say({ type: 'text', text: ' \n' })] }, /non-whitespace/],
	['a call without result', { ...base, messages: [hi, uses, say(more)] }, /without `tool_result`/],
	['a result without call', { ...base, messages: [say(result)] }, /unexpected `tool_use_id`/],
	['two results of a call', { ...base, messages: [hi, uses, say(result, result)] }, /single result/],
	['a result after text', { ...base, messages: [hi, uses, say(more, result)] }, /first/],
	[
		'five marks',
		{ ...base, messages: [say(...[1, 2, 3, 4, 5].map(() => ({ ...more, cache_control: { type: 'ephemeral' } })))] },
		/4 blocks/,
	],
	['the same call id twice', { ...base, messages: [hi, uses, say(result), uses, say(result)] }, /unique/],
	[
		'a signature never issued',
		{
			...base,
			messages: [hi, { role: 'assistant', content: [{ type: 'thinking', thinking: '', signature: 'x' }, more] }, hi],
		},
		/signature/,
	],
];

it.each(REFUSED)('refuses %s', (_why, body, reason) => {
	expect(createMessagesRules().refuse(body)).toMatch(reason);
});

it('takes what is whole', () => {
	expect(createMessagesRules().refuse({ ...base, messages: [hi, uses, say(result, more)] })).toBeUndefined();
});

it('binds thinking to system, tools and everything said before it, but not to cache marks', () => {
	const rules = createMessagesRules();
	const thinking = { type: 'thinking', thinking: 'Hm', signature: 's1' };
	const body = { ...base, system: [{ type: 'text', text: 'Be brief.' }], tools: [{ name: 'look', input_schema: {} }] };
	rules.issue(body, [thinking, more], 'end_turn');
	const next = { ...body, messages: [hi, { role: 'assistant', content: [thinking, more] }, hi] };
	expect(rules.refuse(next)).toBeUndefined();
	const marked = { ...next, system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }] };
	expect(rules.refuse(marked)).toBeUndefined();
	for (const changed of [
		{ ...next, system: [{ type: 'text', text: 'Be long.' }] },
		{ ...next, tools: [] },
		{ ...next, messages: [say(more), ...next.messages.slice(1)] },
		{ ...next, messages: [say(...hi.content, more), ...next.messages.slice(1)] },
	]) {
		expect(rules.refuse(changed)).toMatch(/bound to other/);
	}
});

it('takes a paused answer back, and nothing else an assistant began', () => {
	const rules = createMessagesRules();
	const paused = [{ type: 'text', text: 'First half' }];
	rules.issue(base, paused, 'pause_turn');
	expect(rules.refuse({ ...base, messages: [hi, { role: 'assistant', content: paused }] })).toBeUndefined();
	expect(rules.refuse({ ...base, messages: [hi, { role: 'assistant', content: [more] }] })).toMatch(/prefill/);
});
