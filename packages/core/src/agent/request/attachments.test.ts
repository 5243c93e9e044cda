import type { MessageParam } from '@anthropic-ai/sdk/resources/messages';
import { expect, it } from 'vitest';
import { type Bytes, utf8 } from '../../bytes.ts';
import type { ModelRequest } from '../../ports/model.ts';
import type { Attachment } from '../../space/records.ts';
import { type AgentWorld, createAgentWorld } from '../../testing/agent-world.ts';
import { createEchoTool } from '../../testing/echo-tools.ts';
import { createScriptedModel } from '../../testing/scripted-model.ts';
import { expectOk } from '../../testing/test-space.ts';
import type { Tool } from '../tool.ts';
import { attachmentBlocks } from './attachment-blocks.ts';

const PNG: Bytes = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3);

it('what is attached stands before the words of its message, the same in every request of the epoch', async () => {
	using world = await createAgentWorld();
	const model = createScriptedModel([{ text: 'A beach.' }, { text: 'Yes.' }]);
	const { agent } = world.open({ model });
	const photo = await put(world, 'beach.png', PNG);
	expectOk(await agent.send({ line: world.line, text: 'what is this?', attachments: [photo] }));
	await world.settle();
	expectOk(await agent.send({ line: world.line, text: 'sure?' }));
	await world.settle();
	const [first, second] = model.requests.map(firstMessage);
	expect(first?.slice(1)).toEqual([...attachmentBlocks(photo, PNG), { type: 'text', text: 'what is this?' }]);
	expect(second).toEqual(first);
	expect(world.records().find(({ kind }) => kind === 'message')).toMatchObject({ attachments: [photo] });
});

it('a message may be nothing but what is attached', async () => {
	using world = await createAgentWorld();
	const model = createScriptedModel([{ text: 'A list.' }]);
	const { agent } = world.open({ model });
	const list = await put(world, 'list.txt', utf8('milk\n'));
	expectOk(await agent.send({ line: world.line, text: '', attachments: [list] }));
	await world.settle();
	expect(firstMessage(model.requests[0])?.slice(1)).toEqual(attachmentBlocks(list, utf8('milk\n')));
	expect(world.outcomes()).toMatchObject([{ type: 'answered' }]);
});

it('without its bytes the turn ends with a failure that names it, and a retry goes on when they came', async () => {
	using world = await createAgentWorld();
	const model = createScriptedModel([{ text: 'Now I see it.' }]);
	const { agent } = world.open({ model });
	using elsewhere = await createAgentWorld({ device: 'device-b' });
	const photo = await put(elsewhere, 'far.png', PNG);
	expectOk(await agent.send({ line: world.line, text: 'look', attachments: [photo] }));
	await world.clock.advance(600_000);
	expect(world.outcomes()).toMatchObject([{ type: 'failed', failure: { type: 'AttachmentMissing', name: 'far.png' } }]);
	expect(model.requests).toHaveLength(0);
	await put(world, 'far.png', PNG);
	expectOk(await agent.retry(world.line));
	await world.settle();
	expect(world.outcomes().at(-1)).toMatchObject({ type: 'answered' });
});

it('what a call looked at goes out in its result, and only its name is in the records', async () => {
	using world = await createAgentWorld();
	const photo = await put(world, 'beach.png', PNG);
	const looks: Tool = {
		...createEchoTool('look'),
		run: async () => ({
			outcome: 'done',
			result: 'Here:',
			receipts: [],
			untrusted: { source: 'beach.png' },
			shows: photo,
		}),
	};
	const model = createScriptedModel([{ tools: [{ name: 'look', input: {} }] }, { text: 'A beach.' }]);
	const { agent } = world.open({ model, tools: [looks] });
	expectOk(await agent.send({ line: world.line, text: 'look' }));
	await world.settle();
	const results = model.requests[1]?.messages.flatMap(({ content }) =>
		typeof content === 'string'
			? []
			: content.flatMap((block) => (block.type === 'tool_result' ? [block.content] : [])),
	);
	expect(results?.[0]).toEqual([
		{ type: 'text', text: '<untrusted source="beach.png">\nHere:\n</untrusted>' },
		...attachmentBlocks(photo, PNG),
	]);
	expect(world.records().find(({ kind }) => kind === 'tool-step')).toMatchObject({ shows: photo });
	expect(JSON.stringify(world.records())).not.toContain('iVBORw0KGgo');
});

it('what would not fit into one request any more begins a new epoch, which names what was attached before', async () => {
	using world = await createAgentWorld();
	const model = createScriptedModel([{ text: 'One.' }, { text: 'Two.' }]);
	const { agent } = world.open({ model });
	const scan = { ...(await put(world, 'scan.png', PNG)), sizeBytes: 12_000_000 };
	expectOk(await agent.send({ line: world.line, text: 'one', attachments: [scan] }));
	await world.settle();
	const other = { ...(await put(world, 'other.png', Uint8Array.of(...PNG, 4))), sizeBytes: 12_000_000 };
	expectOk(await agent.send({ line: world.line, text: 'two', attachments: [other] }));
	await world.settle();
	expect(world.records().filter(({ kind }) => kind === 'epoch')).toHaveLength(2);
	const images = model.requests.map(({ messages }) => JSON.stringify(messages).match(/"type":"image"/g)?.length);
	expect(images).toEqual([1, 1]);
	expect(JSON.stringify(model.requests[1]?.messages)).toContain('Its content is not in this request');
	expect(world.outcomes()).toMatchObject([{ type: 'answered' }, { type: 'answered' }]);
});

async function put(world: AgentWorld, name: string, bytes: Bytes): Promise<Attachment> {
	const blob = expectOk(await world.space.blobs.put(bytes));
	const mediaType = name.endsWith('.png') ? 'image/png' : 'text/plain';
	return { blob, name, mediaType, sizeBytes: bytes.length };
}

function firstMessage(request: ModelRequest | undefined): Exclude<MessageParam['content'], string> | undefined {
	const content = request?.messages[0]?.content;
	return typeof content === 'string' ? undefined : content;
}
