import type { LineId, MessageId, PersonId, TurnId } from '@pocketeer/core/ids';
import type { LineRecord, MessageRecord } from '@pocketeer/core/space/records';
import { describe, expect, test } from 'vitest';
import { createToolsWorld } from './testing/tools-world.ts';

const HOUR = 3_600_000;

/** A world whose main line is the one the calls come from, with things said on it. */
async function world() {
	const made = await createToolsWorld();
	const { lines, self } = made.space;
	const ensured = await lines.ensure('chat');
	if (!ensured.ok) throw new Error(ensured.error.type);
	await made.space.directory.namePerson('anna' as PersonId, 'Anna');

	async function append(line: string, records: readonly LineRecord[]) {
		const there = await lines.ensure(line);
		if (!there.ok) throw new Error(there.error.type);
		const opened = await lines.open(there.value.id);
		if (!opened.ok) throw new Error(opened.error.type);
		using open = opened.value;
		const kept = await open.append(records);
		if (!kept.ok) throw new Error(kept.error.type);
	}
	async function recordsOf(line: string): Promise<readonly LineRecord[]> {
		const opened = await lines.open(line as LineId);
		if (!opened.ok) throw new Error(opened.error.type);
		using open = opened.value;
		return open.records();
	}
	const says = (id: string, text: string, at = made.clock.now()): MessageRecord => ({
		kind: 'message',
		id: id as MessageId,
		at,
		author: { type: 'person', ...self },
		content: [{ type: 'text', text }],
	});
	const turn = (id: string, message: string, context: readonly LineRecord[] = []): LineRecord => ({
		kind: 'turn',
		id: id as TurnId,
		at: made.clock.now(),
		trigger: { type: 'message', message: message as MessageId },
		device: self.device,
		by: 'agent',
		model: 'm',
		epoch: 'e',
		head: '',
		context: context.flatMap((record) => (record.kind === 'turn' ? [{ turn: record.id }] : [])),
	});
	const answers = (id: string, text: string): LineRecord => ({
		kind: 'model-step',
		id: `${id}-step`,
		turn: id as TurnId,
		at: made.clock.now(),
		model: 'm',
		content: [{ type: 'text', text }],
		stop: 'end_turn',
		usage: undefined,
		durationMs: 1,
	});
	return { ...made, append, recordsOf, says, turn, answers };
}

describe('fetch_history', () => {
	test('reads the newest messages and answers of this line, oldest first, with who said them and when', async () => {
		const { call, append, says, turn, answers } = await world();
		await append('chat', [says('m1', 'Is the museum open?'), turn('t1', 'm1'), answers('t1', 'Not on Mondays.')]);
		expect((await call('fetch_history', {})).result).toBe(
			'[m1] Fri 2026-11-20 19:00 Anna: Is the museum open?\n[t1] Fri 2026-11-20 19:00 you: Not on Mondays.',
		);
	});

	test('goes back page by page, over months, and says what it left out', async () => {
		const { call, append, says, clock } = await world();
		const past = (days: number) => clock.now() - days * 24 * HOUR;
		const days = Array.from({ length: 40 }, (_, index) => 400 - index * 10);
		for (const day of days) await append('chat', [says(`d${day}`, `said ${day} days ago`, past(day))]);
		const newest = (await call('fetch_history', { limit: 3 })).result;
		expect(newest).toMatch(/^\(There is more before: before "d30"\.\)\n\[d30\].*\n\[d20\].*\n\[d10\].*$/);
		const earlier = (await call('fetch_history', { before: 'd30', limit: 2 })).result;
		expect(earlier).toMatch(/before "d50".*\n\[d50\].*\n\[d40\].*\n\(3 later: around "d40"\.\)$/);
		expect((await call('fetch_history', { before: 'd390', limit: 5 })).result).toMatch(/^\[d400\]/);
		expect((await call('fetch_history', { around: 'd200', limit: 3 })).result).toMatch(
			/\[d210\].*\n\[d200\].*\n\[d190\]/,
		);
		expect(await call('fetch_history', { before: 'nothing' })).toMatchObject({
			outcome: 'refused',
			result: expect.stringContaining('no message "nothing"'),
		});
	});

	test('reads from a day on, on another line by its name', async () => {
		const { call, append, says, clock } = await world();
		await append('Trip to Rome', [
			says('a', 'packed', clock.now() - 48 * HOUR),
			says('b', 'left', clock.now() - 24 * HOUR),
			says('c', 'arrived'),
		]);
		const read = (await call('fetch_history', { line: 'trip to rome', date: '2026-11-19' })).result;
		expect(read).toMatch(/^\(There is more before: before "b"\.\)\n\[b\] Thu 2026-11-19 19:00 Anna: left\n\[c\]/);
		expect(await call('fetch_history', { line: 'Rom' })).toMatchObject({
			outcome: 'refused',
			result: expect.stringContaining('"Trip to Rome"'),
		});
		expect((await call('fetch_history', { date: '2026-11-19', before: 'c' })).outcome).toBe('refused');
	});

	test('quotes long messages cut and marks what came from outside', async () => {
		const { call, append, says, turn, answers } = await world();
		const first = turn('t1', 'm1');
		const poisoned: LineRecord = {
			kind: 'tool-step',
			turn: 't1' as TurnId,
			toolUse: 'u',
			name: 'read_file',
			at: 0,
			outcome: 'done',
			result: 'x',
			receipts: [],
			durationMs: 1,
			untrusted: { source: 'evil.example' },
		};
		await append('chat', [says('m1', 'x'.repeat(5_000))]);
		const clean = await call('fetch_history', {});
		expect(clean.result).toContain('… (3500 characters more)');
		expect(clean.untrusted).toBeUndefined();
		await append('chat', [first, poisoned, answers('t1', 'It says so.'), says('m2', 'and?')]);
		await append('chat', [turn('t2', 'm2', [first]), answers('t2', 'So it goes.')]);
		expect((await call('fetch_history', { around: 't2', limit: 1 })).untrusted).toEqual({ source: 'evil.example' });
		expect((await call('fetch_history', { around: 'm2', limit: 1 })).untrusted).toBeUndefined();
	});
});

describe('search_messages', () => {
	test('finds what was said on any line, best first, with its surroundings and how to read on', async () => {
		const { call, append, says, turn, answers } = await world();
		await append('chat', [says('m0', 'good morning'), says('m1', 'what was the name of that book?')]);
		await append('chat', [turn('t1', 'm1'), answers('t1', 'It is called The Leopard.'), says('m2', 'thank you')]);
		await append('Trip to Rome', [says('r1', 'the hotel is near the station')]);
		const found = (await call('search_messages', { query: 'name of the books' })).result;
		expect(found).toMatch(
			/^Line "chat"\n {2}Anna: good morning\n\[m1\] .*that book\?\n {2}you: It is called The Leopard\./,
		);
		expect(found).toContain('fetch_history with "line" and "around"');
		expect((await call('search_messages', { query: 'hotels' })).result).toMatch(/^Line "Trip to Rome"\n\[r1\]/);
		expect((await call('search_messages', { query: 'hotel', line: 'chat' })).result).toContain('Nothing was found');
	});

	test('does not find the question that is being answered', async () => {
		const { call, append, says, turn } = await world();
		await append('chat', [says('m1', 'the piano is tuned in May'), says('m2', 'when is the piano tuned?')]);
		await append('chat', [turn('turn', 'm2')]);
		const found = (await call('search_messages', { query: 'piano tuned' })).result;
		expect(found).toContain('[m1]');
		expect(found).not.toContain('[m2]');
	});

	test('keeps to the days asked for, and says which older messages it did not open', async () => {
		const { call, append, says, clock } = await world();
		for (let month = 0; month < 12; month++) {
			const at = clock.now() - month * 31 * 24 * HOUR;
			await append('chat', [says(`m${month}`, `walnut cake number ${month}`, at)]);
		}
		const found = (await call('search_messages', { query: 'walnut cake', limit: 20 })).result;
		expect(found).toContain('[m0]');
		expect(found).not.toContain('[m11]');
		expect(found).toContain('Not searched: older messages of "chat"');
		const old = (await call('search_messages', { query: 'walnut', from: '2025-12-01', to: '2025-12-31' })).result;
		expect(old).toContain('[m11]');
		expect(old).not.toMatch(/\[m10\]|Not searched/);
	});
});

describe('list_lines and send_message', () => {
	test('lists the lines with their last day, and which is this one', async () => {
		const { call, append, says, clock } = await world();
		await append('Trip to Rome', [says('r1', 'x', clock.now() - 24 * HOUR)]);
		await append('chat', [says('m1', 'x')]);
		expect((await call('list_lines', {})).result).toBe(
			'chat (last 2026-11-20, this line)\nTrip to Rome (last 2026-11-19)',
		);
		expect((await call('list_lines', { limit: 1 })).result).toContain('… and 1 more.');
	});

	test('a message goes to another line with who wrote it and from where, once', async () => {
		const { call, append, says, recordsOf } = await world();
		await append('Trip to Rome', [says('r1', 'x')]);
		const input = { line: 'trip to Rome', text: ' Closed on Mondays. ' };
		const sent = await call('send_message', input, 'toolu_s');
		expect(sent).toMatchObject({
			outcome: 'done',
			receipts: [{ type: 'sent', line: 'trip-to-rome', lineName: 'Trip to Rome' }],
		});
		expect(await call('send_message', input, 'toolu_s')).toEqual(sent);
		const written = (await recordsOf('trip-to-rome')).filter(({ kind }) => kind === 'message');
		expect(written).toHaveLength(2);
		expect(written[1]).toMatchObject({
			author: { type: 'agent', agent: 'general', line: 'chat', turn: 'turn', toolUse: 'toolu_s' },
			content: [{ type: 'text', text: 'Closed on Mondays.' }],
		});
		expect(written[1]).not.toHaveProperty('untrusted');
	});

	test('makes a line only when told to, and none for a name that is none or for this line', async () => {
		const { call, space } = await world();
		expect(await call('send_message', { line: 'Garden', text: 'x' })).toMatchObject({
			outcome: 'refused',
			result: expect.stringContaining('set "create" to true'),
		});
		expect(space.lines.list()).toHaveLength(1);
		expect((await call('send_message', { line: 'Garden', text: 'x', create: true })).outcome).toBe('done');
		expect((await call('send_message', { line: '???', text: 'x', create: true })).outcome).toBe('refused');
		expect((await call('send_message', { line: 'Chat', text: 'x' })).result).toContain('this line');
	});

	test('says that it sends, so that a turn which read text from outside has to ask', async () => {
		const { tools } = await world();
		const tool = tools.find(({ definition }) => definition.name === 'send_message');
		expect(tool?.needsTrust?.({ line: 'Rome', text: 'x' })).toEqual({ type: 'sends', to: 'the line "Rome"' });
		expect(tool?.needsTrust?.({ nonsense: 1 })).toBeUndefined();
	});

	test('when the disk is full it fails and says so', async () => {
		const { call, append, says, docs } = await world();
		await append('Rome', [says('r1', 'x')]);
		docs.failWith({ type: 'QuotaExceeded' });
		expect(await call('send_message', { line: 'Rome', text: 'x' })).toMatchObject({ outcome: 'failed', receipts: [] });
	});
});

describe('react', () => {
	test('puts one emoji on the message of the turn, or on another, once a call', async () => {
		const { call, append, says, turn, recordsOf } = await world();
		await append('chat', [says('m1', 'x'), says('m2', 'y'), turn('turn', 'm2')]);
		expect(await call('react', { emoji: '👍🏽' }, 'toolu_r')).toMatchObject({
			outcome: 'done',
			receipts: [{ type: 'reacted', emoji: '👍🏽' }],
		});
		await call('react', { emoji: '👍🏽' }, 'toolu_r');
		await call('react', { emoji: '❤️', message: 'm1' });
		expect((await recordsOf('chat')).filter(({ kind }) => kind === 'reaction')).toMatchObject([
			{ to: { message: 'm2' }, emoji: '👍🏽', author: { type: 'agent', turn: 'turn' } },
			{ to: { message: 'm1' }, emoji: '❤️' },
		]);
	});

	test.each(['ok', '👍👍', '7', ''])('refuses %j, which is not one emoji', async (emoji) => {
		const { call, append, says, turn } = await world();
		await append('chat', [says('m1', 'x'), turn('turn', 'm1')]);
		expect((await call('react', { emoji })).outcome).toBe('refused');
	});

	test('refuses a message that is not there', async () => {
		const { call } = await world();
		expect((await call('react', { emoji: '👍' })).outcome).toBe('refused');
		expect((await call('react', { emoji: '👍', message: 'm9' })).result).toContain('"m9"');
	});
});

describe('ask_person', () => {
	test('is a question with its choices, each once, when its arguments fit', async () => {
		const { tools, call } = await world();
		const tool = tools.find(({ definition }) => definition.name === 'ask_person');
		const input = { question: ' Which Anna? ', choices: ['From work', ' My cousin', 'From work'] };
		expect(tool?.question?.(input)).toEqual({ text: 'Which Anna?', choices: ['From work', 'My cousin'] });
		expect(tool?.question?.({ question: 'Which?', choices: ['only'] })).toBeUndefined();
		expect((await call('ask_person', { question: 'Which?', choices: ['only'] })).result).toContain('2 to 6');
		expect((await call('ask_person', input)).outcome).toBe('failed');
	});
});
