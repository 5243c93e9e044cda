import { describe, expect, it } from 'vitest';
import { createMessagesRules } from './messages-rules.ts';

const hi = { role: 'user', content: [{ type: 'text', text: 'Hi' }] };
const uses = { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'look', input: {} }] };
const result = { type: 'tool_result', tool_use_id: 'a', content: 'seen' };
const more = { type: 'text', text: 'And?' };
const LOOK = { name: 'look', input_schema: { type: 'object' } };
const FIVE = { type: 'ephemeral' };
const HOUR = { type: 'ephemeral', ttl: '1h' };
const PNG = btoa('\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01');
const WIDE_PNG = btoa('\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x1f\x41\0\0\0\x01');
const PDF = btoa('%PDF-1.7 and so');
const base = { model: 'm', max_tokens: 10, messages: [hi] };

function answered(...content: readonly object[]) {
	return [hi, { role: 'assistant', content }, hi];
}

function image(source: object) {
	return { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG, ...source } };
}

function document(more: object = {}) {
	return { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: PDF }, ...more };
}

function search(more: object) {
	return { type: 'web_search_20260318', name: 'web_search', ...more };
}

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

const SEARCHED = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'q' } };
const FOUND = { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] };
const thinking = { type: 'thinking', thinking: 'Hm', signature: 's1' };

const REFUSED_PARAMETERS: readonly (readonly [why: string, more: object, reason: RegExp])[] = [
	['an unknown parameter', { verbose: true }, /verbose: Extra inputs/],
	['top_k', { top_k: 1 }, /top_k: Extra inputs/],
	['more output than the model can give', { max_tokens: 128_001 }, /128001 > 128000/],
	['half a token', { max_tokens: 1.5 }, /max_tokens/],
	['a tool choice without tools', { tool_choice: { type: 'auto' } }, /while providing tools/],
	['a kind of thinking that is unknown', { thinking: { type: 'deep' } }, /thinking/],
	['a thinking budget above the answer', { thinking: { type: 'enabled', budget_tokens: 2000 } }, /budget_tokens/],
	['an effort that is unknown', { output_config: { effort: 'extreme' } }, /effort/],
	['a blank stop sequence', { stop_sequences: [' '] }, /stop_sequences/],
	['a blank system block', { system: [{ type: 'text', text: ' ' }] }, /system.0/],
	['an image as system prompt', { system: [image({})] }, /system.0/],
];

const REFUSED_MARKS: typeof REFUSED_PARAMETERS = [
	['another kind of mark', { cache_control: { type: 'permanent' } }, /cache_control/],
	['a mark of ten minutes', { cache_control: { type: 'ephemeral', ttl: '10m' } }, /ttl/],
	[
		'a mark of an hour behind one of five minutes',
		{ tools: [{ ...LOOK, cache_control: FIVE }], messages: [say({ ...more, cache_control: HOUR })] },
		/must not come after/,
	],
	[
		'a mark of an hour at the top behind one of five minutes',
		{ system: [{ ...more, cache_control: FIVE }], cache_control: HOUR },
		/must not come after/,
	],
	['a mark on thinking', { messages: answered({ ...thinking, cache_control: FIVE }, more) }, /thinking.cache_control/],
	['a mark on empty text', { messages: [say({ type: 'text', text: '', cache_control: FIVE })] }, /empty text/],
	[
		'four marks and one at the top',
		{ messages: [say(...[1, 2, 3, 4].map(() => ({ ...more, cache_control: FIVE })), more)], cache_control: FIVE },
		/Found 5/,
	],
	[
		'another mark at the top than on the last block',
		{ messages: [say({ ...more, cache_control: HOUR })], cache_control: FIVE },
		/another ttl/,
	],
	[
		'a mark on a deferred tool',
		{ tools: [LOOK, { ...LOOK, name: 'b', defer_loading: true, cache_control: FIVE }] },
		/defer_loading/,
	],
];

const REFUSED_TOOLS: typeof REFUSED_PARAMETERS = [
	['a name with a blank', { tools: [{ ...LOOK, name: 'look up' }] }, /pattern/],
	['a name of 129 characters', { tools: [{ ...LOOK, name: 'x'.repeat(129) }] }, /pattern/],
	['two tools of a name', { tools: [LOOK, LOOK] }, /unique/],
	['no schema', { tools: [{ name: 'look' }] }, /input_schema: Field required/],
	['a schema that is no object', { tools: [{ name: 'look', input_schema: { type: 'string' } }] }, /input_schema.type/],
	[
		'alternatives at the top of a schema',
		{ tools: [{ name: 'look', input_schema: { type: 'object', anyOf: [] } }] },
		/anyOf/,
	],
	['a field of a tool that is unknown', { tools: [{ ...LOOK, run: 'now' }] }, /run: Extra inputs/],
	['an old version of web search', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, /expected tags/],
	['web search by another name', { tools: [search({ name: 'search' })] }, /web_search/],
	['no searches at all', { tools: [search({ max_uses: 0 })] }, /max_uses/],
	[
		'allowed and blocked domains',
		{ tools: [search({ allowed_domains: ['a.gr'], blocked_domains: ['b.gr'] })] },
		/only one of/,
	],
	['a domain with its scheme', { tools: [search({ allowed_domains: ['https://a.gr'] })] }, /without its scheme/],
	['only deferred tools', { tools: [{ ...LOOK, defer_loading: true }] }, /defer_loading=false/],
];

const REFUSED_BLOCKS: typeof REFUSED_PARAMETERS = [
	['an unknown kind of block', { messages: [say({ type: 'video' })] }, /expected tags/],
	['a field of a block that is unknown', { messages: [say({ ...more, shown: true })] }, /shown: Extra inputs/],
	['a field of a message that is unknown', { messages: [{ ...hi, name: 'Anna' }] }, /name: Extra inputs/],
	['thinking of a user', { messages: [say(thinking, more)] }, /expected tags/],
	['an answer that ends in thinking', { messages: answered(more, thinking) }, /final block/],
	['a call of a user', { messages: [say(...uses.content)] }, /expected tags/],
	['an image of an assistant', { messages: answered(image({})) }, /expected tags/],
	['a document of an assistant', { messages: answered(document()) }, /expected tags/],
	['an image of another type', { messages: [say(image({ media_type: 'image/svg+xml' }))] }, /media_type/],
	[
		'an image that is of another type than it says',
		{ messages: [say(image({ media_type: 'image/jpeg' }))] },
		/does not match/,
	],
	['an image as data URL', { messages: [say(image({ data: `data:image/png;base64,${PNG}` }))] }, /base64/],
	['an image without bytes', { messages: [say(image({ data: '' }))] }, /data/],
	[
		'an image of more than 5 MB',
		{ messages: [say(image({ data: PNG.slice(0, 12) + 'A'.repeat(5 * 1024 * 1024) }))] },
		/exceeds 5 MB/,
	],
	['an image of more than 8,000 pixels', { messages: [say(image({ data: WIDE_PNG }))] }, /dimensions/],
	[
		'an image at a plain address',
		{ messages: [say({ type: 'image', source: { type: 'url', url: 'http://a.gr/b.png' } })] },
		/HTTPS/,
	],
	[
		'a PDF that is none',
		{ messages: [say(document({ source: { type: 'base64', media_type: 'application/pdf', data: PNG } }))] },
		/PDF/,
	],
	[
		'citations of some documents',
		{ messages: [say(document({ citations: { enabled: true } }), document())] },
		/all or none/,
	],
	[
		'input that is no object',
		{ messages: [hi, { role: 'assistant', content: [{ ...uses.content[0], input: [1] }] }, say(result)] },
		/input/,
	],
	[
		'a call by an impossible name',
		{ messages: [hi, { role: 'assistant', content: [{ ...uses.content[0], name: 'a b' }] }, say(result)] },
		/name/,
	],
	['thinking in a result', { messages: [hi, uses, say({ ...result, content: [thinking] })] }, /expected tags/],
	[
		'an image in a result that is an error',
		{ messages: [hi, uses, say({ ...result, content: [image({})], is_error: true })] },
		/is_error/,
	],
	[
		'blank text in a result',
		{ messages: [hi, uses, say({ ...result, content: [{ type: 'text', text: '' }] })] },
		/non-empty/,
	],
	['a search without its result', { messages: answered(SEARCHED, more) }, /without a corresponding/],
	['a result without its search', { messages: answered(FOUND, more) }, /unexpected `tool_use_id`/],
	['a result before its search', { messages: answered(FOUND, SEARCHED, more) }, /unexpected `tool_use_id`/],
	[
		'a result of another tool',
		{ messages: answered({ ...SEARCHED, name: 'web_fetch' }, FOUND, more) },
		/cannot be the result/,
	],
	[
		'a search with an id of our own making',
		{ messages: answered({ ...SEARCHED, id: 'toolu_1' }, FOUND, more) },
		/srvtoolu/,
	],
	['the result of a search in a user message', { messages: [say(FOUND, more)] }, /expected tags/],
	[
		'a found page that it never issued',
		{
			messages: answered(
				SEARCHED,
				{ ...FOUND, content: [{ type: 'web_search_result', url: 'https://a.gr', title: 'A', encrypted_content: 'x' }] },
				more,
			),
		},
		/encrypted_content/,
	],
];

it.each(REFUSED)('refuses %s', (_why, body, reason) => {
	expect(createMessagesRules().refuse(body)).toMatch(reason);
});

describe.each([
	['parameters', REFUSED_PARAMETERS],
	['cache marks', REFUSED_MARKS],
	['tools', REFUSED_TOOLS],
	['blocks', REFUSED_BLOCKS],
])('of %s refuses', (_, cases) => {
	it.each(cases)('%s', (_why, change, reason) => {
		expect(createMessagesRules().refuse({ ...base, ...change })).toMatch(reason);
	});
});

it.each<readonly [string, object]>([
	[
		'server tools as we ask for them',
		{
			tools: [
				LOOK,
				search({ max_uses: 3, blocked_domains: ['a.gr', 'b.gr/c'] }),
				{
					type: 'web_fetch_20260318',
					name: 'web_fetch',
					allowed_domains: ['a.gr'],
					citations: { enabled: true },
					max_content_tokens: 10_000,
				},
			],
		},
	],
	[
		'an hour before five minutes',
		{ tools: [{ ...LOOK, cache_control: HOUR }], system: [{ ...more, cache_control: HOUR }], cache_control: FIVE },
	],
	[
		'a mark at the top like that of the last block',
		{ messages: [say({ ...more, cache_control: FIVE })], cache_control: FIVE },
	],
	['images and documents', { messages: [say(image({}), document({ title: 'Bill', context: 'of May' }), more)] }],
	[
		'an image in a result',
		{ messages: [hi, uses, say({ ...result, content: [{ type: 'text', text: 'A' }, image({})] })] },
	],
	[
		'a result without content',
		{ messages: [hi, uses, say({ type: 'tool_result', tool_use_id: 'a', is_error: true })] },
	],
	['a whole search', { messages: answered(SEARCHED, FOUND, more) }],
	[
		'shown thinking of what depth one likes',
		{ thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'low' } },
	],
])('takes %s', (_, change) => {
	expect(createMessagesRules().refuse({ ...base, ...change })).toBeUndefined();
});

it('takes back what it issued itself, word for word, and nothing that was changed', () => {
	const rules = createMessagesRules();
	const hit = { type: 'web_search_result', url: 'https://a.gr', title: 'A', encrypted_content: 'sealed' };
	const said = [SEARCHED, { ...FOUND, content: [hit] }, { type: 'compaction', content: 'Earlier.' }, more];
	rules.issue(base, said, 'end_turn');
	expect(rules.refuse({ ...base, messages: answered(...said) })).toBeUndefined();
	const [searched, , compacted] = said;
	const other = { ...FOUND, content: [{ ...hit, encrypted_content: 'else' }] };
	expect(rules.refuse({ ...base, messages: answered({ ...compacted, content: 'Else.' }, more) })).toMatch(
		/expected tags/,
	);
	expect(rules.refuse({ ...base, messages: answered({ ...searched }, other, more) })).toMatch(/encrypted_content/);
});

it('takes no thinking whose words were changed', () => {
	const rules = createMessagesRules();
	rules.issue(base, [thinking, more], 'end_turn');
	expect(rules.refuse({ ...base, messages: answered(thinking, more) })).toBeUndefined();
	expect(rules.refuse({ ...base, messages: answered({ ...thinking, thinking: 'Ha' }, more) })).toMatch(/modified/);
});

it('refuses a prompt above the context window', () => {
	const long = { ...base, messages: [say({ type: 'text', text: 'x'.repeat(5000) })] };
	expect(createMessagesRules({ contextTokens: 1000 }).refuse(long)).toMatch(/prompt is too long: \d+ tokens > 1000/);
	expect(createMessagesRules().refuse(long)).toBeUndefined();
});

it('takes what is whole', () => {
	expect(createMessagesRules().refuse({ ...base, messages: [hi, uses, say(result, more)] })).toBeUndefined();
});

it('binds thinking to system, tools and everything said before it, but not to cache marks', () => {
	const rules = createMessagesRules();
	const body = { ...base, system: [{ type: 'text', text: 'Be brief.' }], tools: [LOOK] };
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
	const blank = { type: 'text', text: ' ' };
	const second = { type: 'text', text: 'Second half' };
	rules.issue(base, [second, blank, thinking], 'pause_turn');
	const returned = [hi, { role: 'assistant', content: [...paused, second] }];
	expect(rules.refuse({ ...base, messages: returned }), 'less what nobody may send').toBeUndefined();
	const searching = [more, SEARCHED];
	const messages = [hi, { role: 'assistant', content: searching }];
	expect(rules.refuse({ ...base, messages })).toMatch(/without a corresponding/);
	rules.issue(base, searching, 'pause_turn');
	expect(rules.refuse({ ...base, messages })).toBeUndefined();
});
