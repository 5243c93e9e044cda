import type { Tool, ToolOutcome } from '@pocketeer/core/agent/tool';
import { describe, expect, test } from 'vitest';
import { createToolsWorld as world } from './testing/tools-world.ts';

describe('every tool', () => {
	const NAMES = [
		'list_files',
		'read_file',
		'write_file',
		'edit_file',
		'move_file',
		'delete_file',
		'search_files',
		'remember',
		'journal_add',
		'journal_entries',
		'note_about_person',
		'remind',
		'schedule_nudge',
		'cancel_task',
		'list_tasks',
		'search_messages',
		'fetch_history',
		'fetch_attachment',
		'list_lines',
		'send_message',
		'react',
		'ask_person',
		'wrap_up_silently',
	];

	test('has its name, and a schema that describes every argument and allows no other', async () => {
		const { tools } = await world();
		expect(tools.map(({ definition }) => definition.name)).toEqual(NAMES);
		for (const { definition } of tools) {
			expect(definition.input_schema).toMatchObject({ type: 'object', additionalProperties: false });
			const fields = Object.values(definition.input_schema.properties ?? {});
			for (const field of fields)
				expect(field).toMatchObject({ type: expect.any(String), description: expect.stringMatching(/\w{3}/) });
			expect(definition.description?.length).toBeGreaterThan(80);
		}
	});

	test('are few enough that a turn shows no more than 30 with the two that the service runs', async () => {
		expect((await world()).tools.length).toBeLessThanOrEqual(28);
	});

	test('definitions are the same bytes each time: they are part of a frozen prefix', async () => {
		const definitions = async () => JSON.stringify((await world()).tools.map(({ definition }: Tool) => definition));
		expect(await definitions()).toBe(await definitions());
	});

	test.each(NAMES)(
		'%s refuses what is no object, names a field that does not exist, and changes nothing',
		async (name) => {
			const { call, files } = await world();
			const before = files.list();
			for (const input of [undefined, null, 'text', 7, []]) {
				expect((await call(name, input)).outcome).toBe('refused');
			}
			const odd = await call(name, { nonsense: 1 });
			expect(odd).toMatchObject({ outcome: 'refused', receipts: [] });
			expect(odd.result).toMatch(/"nonsense"|is missing/);
			expect(odd.result).toContain(`Example: ${name}(`);
			expect(files.list()).toEqual(before);
		},
	);

	test('a wrong argument comes back as a sentence with its name and what it should be', async () => {
		const { call } = await world();
		expect((await call('remind', { when: 'tomorrow' })).result).toBe(
			'The argument "text" is missing. Example: remind({"text":"Call the dentist","when":"tomorrow at 9"})',
		);
		expect((await call('read_file', { path: 3 })).result).toContain('The argument "path" must be string, not 3.');
		expect((await call('read_file', { path: ' ' })).result).toContain(
			'The argument "path" is not accepted: it is empty.',
		);
		expect((await call('journal_entries', { from: 'last week' })).result).toContain(
			'it must be a date such as 2026-11-20',
		);
		expect((await call('list_files', { limit: 0 })).result).toContain('it must be a whole number from 1 to 500');
	});
});

describe('a call that is made again after a crash', () => {
	const CALLS: readonly (readonly [name: string, input: Readonly<Record<string, unknown>>])[] = [
		['write_file', { path: 'notes/new.md', text: 'x\n' }],
		['edit_file', { path: 'notes/list.md', old: 'b', new: 'b b' }],
		['move_file', { from: 'notes/list.md', to: 'notes/moved.md' }],
		['delete_file', { path: 'notes/list.md' }],
		['remember', { text: 'My sister is allergic to nuts' }],
		['note_about_person', { name: 'Anna', text: 'Likes tea' }],
		['journal_add', { text: 'Ran' }],
		['remind', { text: 'call', when: 'in 20 minutes' }],
		['schedule_nudge', { prompt: 'think', every: 'PT30M' }],
		['send_message', { line: 'Rome', text: 'Closed on Mondays', create: true }],
	];

	test.each(CALLS)('%s changes nothing the second time and gives the same account', async (name, input) => {
		const { call, files, clock, textOf, tools } = await world();
		await call('write_file', { path: 'notes/list.md', text: 'a\nb\n' });
		const first = await call(name, input, 'toolu_again');
		const state = async () => Promise.all(files.list().map(async ({ path }) => [path, await textOf(path)]));
		const after = await state();
		await clock.advance(2_000);
		const second = await call(name, input, 'toolu_again');
		expect(await state()).toEqual(after);
		expect(first.outcome).toBe('done');
		expect(second.outcome).toBe('done');
		const patches = (outcome: ToolOutcome) =>
			outcome.receipts.map((receipt) => [receipt.type, 'path' in receipt && receipt.path]);
		expect(patches(second)).toEqual(patches(first));
		expect(tools.find(({ definition }) => definition.name === name)?.isIdempotent).toBe(true);
	});

	test('cancel_task does not claim to be repeatable', async () => {
		const { tools } = await world();
		const honest = tools.filter(({ isIdempotent }) => !isIdempotent).map(({ definition }) => definition.name);
		expect(honest).toEqual(['cancel_task']);
	});
});

describe('when the disk is full', () => {
	test('a write fails with a sentence and is no refusal of the request', async () => {
		const { call, docs } = await world();
		docs.failWith({ type: 'QuotaExceeded' });
		expect(await call('remember', { text: 'x' })).toMatchObject({
			outcome: 'failed',
			result: expect.stringContaining('storage of this device is full'),
			receipts: [],
		});
		expect(await call('remind', { text: 'x', when: 'tomorrow at 9' })).toMatchObject({ outcome: 'failed' });
	});
});
