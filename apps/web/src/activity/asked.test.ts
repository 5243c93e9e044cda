import type { DeviceId, FileId, LineId, MessageId, OccurrenceId, PersonId } from '@pocketeer/core/ids';
import type { LineRecord, RunRecord } from '@pocketeer/core/space/records';
import { createTestSpace, expectOk } from '@pocketeer/core/testing/test-space';
import { expect, test } from 'vitest';
import { firstWords } from './asked.ts';
import { createAskedReader } from './create-asked.ts';

const AT = Date.UTC(2026, 10, 20);
const message = (id: string, text: string): LineRecord => ({
	kind: 'message',
	id: id as MessageId,
	at: AT,
	author: { type: 'person', person: 'me' as PersonId, device: 'here' as DeviceId },
	content: [{ type: 'text', text }],
});
const run = (line: LineId, trigger: RunRecord['trigger']) => ({ line, trigger }) as RunRecord;
const asks = (id: string) => ({ type: 'message', message: id as MessageId }) as const;

test('first words stay on one line and are cut between words', () => {
	expect(firstWords(' remind me\n\n  at 9 ')).toBe('remind me at 9');
	expect(firstWords('word '.repeat(16).trim())).toBe('word '.repeat(16).trim());
	const cut = firstWords('word '.repeat(1_000_000));
	expect(cut).toMatch(/^(word )+word…$/);
	expect(cut.length).toBeLessThanOrEqual(81);
	expect(firstWords('台'.repeat(200))).toBe(`${'台'.repeat(80)}…`);
	expect(firstWords('👩'.repeat(81))).toBe(`${'👩'.repeat(80)}…`);
	expect(firstWords('')).toBe('');
});

test('the rows of runs learn what was asked on their lines, also by runs that come later', async () => {
	const { space } = await createTestSpace();
	const line = expectOk(await space.lines.ensure('Kitchen')).id;
	using open = expectOk(await space.lines.open(line));
	const occurrence = 'o1' as OccurrenceId;
	const task = 'f1' as FileId;
	expectOk(
		await open.append([
			message('m1', 'what is for dinner?'),
			{ kind: 'reminder', id: occurrence, at: AT, due: AT, task, text: 'take the pasta off' },
			message('m2', 'and tomorrow?'),
		]),
	);
	const reminder = { type: 'reminder', task, path: 'tasks/pasta.md', occurrence } as const;
	const asked = new Map<string, string>();
	using reader = createAskedReader(space.lines, (found) => {
		for (const [id, words] of found) asked.set(id, words);
	});
	await reader.read([run(line, asks('m1')), run(line, reminder), run(line, asks('gone'))]);
	expect([...asked]).toEqual([
		['m1', 'what is for dinner?'],
		['o1', 'take the pasta off'],
	]);
	await reader.read([run(line, asks('m2')), run(line, asks('m1'))]);
	expect(asked.get('m2')).toBe('and tomorrow?');
});

test('reads the lines of the newest runs only, and each once', async () => {
	const { space } = await createTestSpace();
	const opened: string[] = [];
	const lines = {
		...space.lines,
		open: (id: LineId) => {
			opened.push(id);
			return space.lines.open(id);
		},
	};
	using reader = createAskedReader(lines, () => undefined);
	const runs = Array.from({ length: 20 }, (_, index) => run(`line-${index}` as LineId, asks(`m${index}`)));
	await reader.read(runs);
	await reader.read(runs);
	expect(opened).toEqual(runs.slice(0, 8).map((one) => one.line));
});
