import type { DeviceId, FileId, LineId, MessageId, OccurrenceId, PersonId, TurnId } from '@pocketeer/core/ids';
import type { LineRecord, ModelStepRecord, ToolStepRecord, TurnOutcome } from '@pocketeer/core/space/records';
import { describe, expect, it } from 'vitest';
import { readPeopleNames } from '../shell/people-names.ts';
import { withLive } from './answer.ts';
import type { AnswerArticle } from './articles.ts';
import { createTranscriptFold, type Transcript } from './transcript.ts';

const self = { device: 'd1' as DeviceId, person: 'me' as PersonId };
const DAY = Date.UTC(2026, 10, 20, 9, 0);
const ZONE = 'Europe/Athens';

const message = (id: string, text: string, at = DAY): LineRecord => ({
	kind: 'message',
	id: id as MessageId,
	at,
	author: { type: 'person', ...self },
	content: [{ type: 'text', text }],
});
const turn = (id: string, options: { by?: 'agent' | 'clerk'; device?: string } = {}): LineRecord => ({
	kind: 'turn',
	id: id as TurnId,
	at: DAY + 1,
	trigger: { type: 'message', message: 'm1' as MessageId },
	device: (options.device ?? 'd1') as DeviceId,
	by: options.by ?? 'agent',
	model: 'x',
	epoch: 'e',
	head: '',
	context: [],
});
const step = (
	id: string,
	content: ModelStepRecord['content'],
	stop: ModelStepRecord['stop'] = 'end_turn',
): LineRecord => ({
	kind: 'model-step',
	id,
	turn: 't1' as TurnId,
	at: DAY + 2,
	model: 'x',
	content,
	stop,
	usage: undefined,
	durationMs: 5,
});
const tool = (toolUse: string, change: Partial<ToolStepRecord> = {}): LineRecord => ({
	kind: 'tool-step',
	turn: 't1' as TurnId,
	toolUse,
	name: 'remind',
	at: DAY + 3,
	outcome: 'done',
	result: 'Set.',
	receipts: [],
	durationMs: 3,
	...change,
});
const end = (outcome: TurnOutcome): LineRecord => ({ kind: 'turn-end', turn: 't1' as TurnId, at: DAY + 4, outcome });

const names = readPeopleNames(
	{
		people: () => [{ id: 'eleni' as PersonId, name: 'Eleni K.' }],
		devices: () => [
			{ id: 'd1' as DeviceId, name: '', person: self.person },
			{ id: 'd2' as DeviceId, name: '', person: self.person },
			{ id: 'd9' as DeviceId, name: '', person: 'eleni' as PersonId },
		],
	},
	self,
);

const fold = (records: readonly LineRecord[]) => createTranscriptFold(self)(records, ZONE, names);
function answer(transcript: Transcript): AnswerArticle {
	const found = transcript.articles.get('t1');
	if (found?.kind !== 'answer') throw new Error('no answer');
	return found;
}

describe('the transcript', () => {
	it('shows messages and turns in order under the day they were made on', () => {
		const late = DAY + 14 * 3_600_000;
		const transcript = fold([message('m1', 'hi'), turn('t1'), message('m2', 'next day there', late)]);
		expect(transcript.order).toEqual(['day:2026-11-20', 'm1', 't1', 'day:2026-11-21', 'm2']);
		expect(transcript.articles.get('m1')).toMatchObject({ kind: 'said', label: 'You', isOwn: true, text: 'hi' });
		expect(transcript.lastTurn).toBe('t1');
	});

	it('gives the same object for what did not change, and a new one for what did', () => {
		const refold = createTranscriptFold(self);
		const records = [message('m1', 'hi'), turn('t1')];
		const before = refold(records, ZONE, names);
		const after = refold([...records, step('s1', [{ type: 'text', text: 'hello' }])], ZONE, names);
		expect(after.articles.get('m1')).toBe(before.articles.get('m1'));
		expect(after.articles.get('day:2026-11-20')).toBe(before.articles.get('day:2026-11-20'));
		expect(after.articles.get('t1')).not.toBe(before.articles.get('t1'));
	});

	it('keeps the first of two records with one id, as two devices may write them', () => {
		const reminder = (text: string): LineRecord => ({
			kind: 'reminder',
			id: 'o1' as OccurrenceId,
			at: DAY,
			due: DAY,
			task: 'f1' as FileId,
			text,
		});
		const transcript = fold([reminder('first'), reminder('second')]);
		expect(transcript.order).toEqual(['day:2026-11-20', 'o1']);
		expect(transcript.articles.get('o1')).toMatchObject({ kind: 'reminder', text: 'first' });
	});

	it('names the author of what others said', () => {
		const other = { ...message('m1', 'x'), author: { type: 'person', person: 'eleni', device: 'd9' } } as LineRecord;
		const nudge = {
			...message('m2', 'x'),
			author: { type: 'task', task: 'f', path: 'tasks/a.md', device: 'd1' },
		} as LineRecord;
		const transcript = fold([other, nudge]);
		expect(transcript.articles.get('m1')).toMatchObject({ label: 'Eleni K.', isOwn: false });
		expect(transcript.articles.get('m2')).toMatchObject({ label: 'Nudge', task: 'tasks/a.md' });
	});

	it('follows when somebody is called otherwise', () => {
		const other = { ...message('m1', 'x'), author: { type: 'person', person: 'maria-p', device: 'd9' } } as LineRecord;
		const refold = createTranscriptFold(self);
		expect(refold([other], ZONE, names).articles.get('m1')).toMatchObject({ label: 'Maria P' });
		const people = () => [{ id: 'maria-p' as PersonId, name: 'Mary' }];
		const renamed = readPeopleNames({ people, devices: () => [] }, self);
		expect(refold([other], ZONE, renamed).articles.get('m1')).toMatchObject({ label: 'Mary' });
	});

	it('says for whom an answer was given when it was another person, and only then', () => {
		expect(answer(fold([turn('t1', { device: 'd9' })])).forPerson).toBe('Eleni K.');
		expect(answer(fold([turn('t1', { device: 'd2' })])).forPerson).toBeUndefined();
		expect(answer(fold([turn('t1', { device: 'never-heard-of' })])).forPerson).toBeUndefined();
	});

	it('names the device of one’s own that answered what was said for whichever can', () => {
		const device = { id: 'd2' as DeviceId, person: self.person, name: 'Laptop' };
		const known = readPeopleNames({ people: () => [], devices: () => [device] }, self);
		const onDevice = (id: string, on: string) => {
			const transcript = createTranscriptFold(self)([turn(id, { device: on })], ZONE, known);
			return [...transcript.articles.values()].flatMap((one) => (one.kind === 'answer' ? [one.onDevice] : []));
		};
		expect(onDevice('claim-m1', 'd2')).toEqual(['Laptop']);
		expect(onDevice('claim-m1', 'd1'), 'this device').toEqual([undefined]);
		expect(onDevice('turn-m1', 'd2'), 'asked there').toEqual([undefined]);
	});

	it('skips epochs and kinds of later versions', () => {
		const epoch: LineRecord = { kind: 'epoch', id: 'e', at: DAY, system: [], tools: [] };
		expect(fold([epoch, { kind: 'branch', id: 'b', at: DAY } as unknown as LineRecord]).order).toEqual([]);
	});

	it('folds 20,000 messages without a pause one would notice', () => {
		const records = Array.from({ length: 20_000 }, (_, index) => message(`m${index}`, 'x', DAY + index * 60_000));
		const refold = createTranscriptFold(self);
		refold(records, ZONE, names);
		const start = performance.now();
		const transcript = refold([...records, message('last', 'x', DAY)], ZONE, names);
		expect(transcript.articles.get('last')).toBeDefined();
		expect(performance.now() - start).toBeLessThan(500);
	});

	it('folds 10,000 turns with their messages and reactions again without a pause one would notice', () => {
		const records = Array.from({ length: 10_000 }, (_, index): readonly LineRecord[] => {
			const id = `t${index}` as TurnId;
			const at = DAY + index * 60_000;
			const said = message(`m${index}`, 'x', at);
			const to = { message: `m${index}` as MessageId };
			const author = { type: 'person', ...self } as const;
			return [
				said,
				{ ...turn(id), at } as LineRecord,
				{ ...step(`s${index}`, [{ type: 'text', text: 'y' }]), turn: id } as LineRecord,
				{ ...end({ type: 'answered' }), turn: id } as LineRecord,
				...(index % 10 === 0 ? [{ kind: 'reaction', id: `r${index}`, at, to, emoji: '👍', author } as const] : []),
			];
		}).flat();
		const refold = createTranscriptFold(self);
		const before = refold(records, ZONE, names);
		const start = performance.now();
		const after = refold([...records, message('last', 'x', DAY)], ZONE, names);
		expect(performance.now() - start).toBeLessThan(500);
		expect(after.articles.get('t5000')).toBe(before.articles.get('t5000'));
		expect(after.articles.get('m5000')).toBe(before.articles.get('m5000'));
	});
});

describe('an answer', () => {
	it('joins the text of a step that citations split, marks what rests on a source, and lists each source once', () => {
		const cite = (text: string) => ({
			type: 'text' as const,
			text,
			citations: [
				{
					type: 'web_search_result_location' as const,
					url: 'https://x.org',
					title: 'X',
					cited_text: '',
					encrypted_index: '',
				},
			],
		});
		const parts = answer(
			fold([turn('t1'), step('s1', [cite('One, '), cite('two.')]), end({ type: 'answered' })]),
		).parts;
		expect(parts).toEqual([
			{
				type: 'text',
				key: '0:text:0',
				text: 'One,[¹](<https://x.org/>) two.[¹](<https://x.org/>)',
				isGrowing: false,
				isCut: false,
			},
			{ type: 'sources', key: '0:sources', sources: [{ title: 'X', url: 'https://x.org' }] },
		]);
	});

	it('lists sources under the words that rest on them, not under what was called behind those', () => {
		const location = { type: 'web_search_result_location' as const, cited_text: '', encrypted_index: '' };
		const text = {
			type: 'text' as const,
			text: 'One.',
			citations: [{ ...location, url: 'https://x.org', title: 'X' }],
		};
		const call = { type: 'tool_use' as const, id: 'u1', name: 'remind', input: {} };
		const { parts } = answer(fold([turn('t1'), step('s1', [text, call], 'tool_use')]));
		expect(parts.map(({ type }) => type)).toEqual(['text', 'sources', 'tool']);
	});

	it('puts a tool call where it was made, with what came of it', () => {
		const receipt = {
			type: 'scheduled',
			task: 'f' as FileId,
			path: 'tasks/a.md',
			kind: 'reminder',
			text: 'pasta',
			due: DAY,
			zone: ZONE,
		} as const;
		const records = [
			turn('t1', { by: 'clerk' }),
			step('s1', [{ type: 'tool_use', id: 'u1', name: 'remind', input: { text: 'pasta' } }], 'tool_use'),
			tool('u1', { receipts: [receipt] }),
			step('s2', [{ type: 'text', text: 'Done.' }]),
			end({ type: 'answered' }),
		];
		const transcript = fold(records);
		const article = answer(transcript);
		expect(article.label).toBe('Clerk');
		expect(article.parts.map((part) => part.key)).toEqual(['u1', '1:text:0']);
		expect(article.parts[0]).toMatchObject({
			type: 'tool',
			name: 'remind',
			outcome: 'done',
			result: 'Set.',
			receipts: [receipt],
		});
		expect(fold([message('m1', 'hi')]).scheduled).toBe('never');
		expect(transcript.scheduled).toBe('just-now');
		expect(fold([...records, message('m2', 'thanks')]).scheduled).toBe('before');
	});

	it('tells a tool that waits from one that never got a result', () => {
		const call = step('s1', [{ type: 'tool_use', id: 'u1', name: 'remind', input: {} }], 'tool_use');
		expect(answer(fold([turn('t1'), call])).parts[0]).toMatchObject({ outcome: 'waiting' });
		expect(answer(fold([turn('t1'), call, end({ type: 'stopped' })])).parts[0]).toMatchObject({ outcome: 'missing' });
	});

	it('shows cut text as cut', () => {
		const cut = step('s1', [{ type: 'text', text: 'Half a' }], 'cut');
		expect(answer(fold([turn('t1'), cut])).parts).toEqual([
			{ type: 'text', key: '0:text:0', text: 'Half a', isGrowing: false, isCut: true },
		]);
	});

	it('says when another device is at it', () => {
		expect(answer(fold([turn('t1', { device: 'd2' })])).isElsewhere).toBe(true);
		expect(answer(fold([turn('t1', { device: 'd2' }), end({ type: 'answered' })])).isElsewhere).toBe(false);
	});

	it('attaches results of tools that ran at the provider, sealed bytes left out', () => {
		const transcript = fold([
			turn('t1'),
			step('s1', [
				{ type: 'server_tool_use', id: 'srv', name: 'web_search', input: { query: 'a' } },
				{
					type: 'web_search_tool_result',
					tool_use_id: 'srv',
					content: [{ type: 'web_search_result', url: 'https://x.org', title: 'X', encrypted_content: 'zzz' }],
				},
			]),
		]);
		const part = answer(transcript).parts[0];
		expect(part).toMatchObject({
			type: 'tool',
			outcome: 'done',
			untrusted: 'the web',
			pages: [{ title: 'X', url: 'https://x.org' }],
		});
		expect(JSON.stringify(part)).not.toContain('zzz');
	});
});

describe('what belongs to a turn', () => {
	const asks = (id: string) => step(id, [{ type: 'tool_use', id: 'u1', name: 'write_file', input: {} }], 'tool_use');
	const decision = (change: object = {}): LineRecord => ({
		kind: 'decision',
		turn: 't1' as TurnId,
		toolUse: 'u1',
		at: DAY + 9,
		...self,
		decision: { type: 'refused', reason: 'no' },
		...change,
	});

	it('shows on a call who decided what and when; the first decision counts', () => {
		const other = decision({ person: 'eleni', decision: { type: 'approved' } });
		const parts = answer(fold([turn('t1'), asks('s1'), decision(), other])).parts;
		expect(parts[0]).toMatchObject({
			outcome: 'waiting',
			decided: { by: 'You', at: DAY + 9, decision: { type: 'refused', reason: 'no' } },
		});
		expect(answer(fold([turn('t1'), asks('s1'), other])).parts[0]).toMatchObject({ decided: { by: 'Eleni K.' } });
	});

	it('quotes what was said meanwhile where the model read it, and draws the answer anew when that arrives', () => {
		const steering: LineRecord = {
			kind: 'steering',
			id: 'st',
			turn: 't1' as TurnId,
			at: DAY + 5,
			after: 's1',
			head: '',
			messages: ['m2' as MessageId],
		};
		const records = [turn('t1'), asks('s1'), tool('u1'), steering, step('s2', [{ type: 'text', text: 'Then so.' }])];
		const refold = createTranscriptFold(self);
		const before = refold(records, ZONE, names);
		const after = refold([...records, message('m2', 'the other one')], ZONE, names);
		expect(answer(before).parts.map(({ type }) => type)).toEqual(['tool', 'text']);
		expect(answer(after).parts.map(({ type }) => type)).toEqual(['tool', 'meanwhile', 'text']);
		expect(answer(after).parts[1]).toMatchObject({ messages: ['the other one'] });
		expect(after.order).toEqual(['day:2026-11-20', 't1', 'm2']);
	});

	it('shows what a relieved device did beside it as done twice, and the rest as the answer', () => {
		const takeover: LineRecord = {
			kind: 'takeover',
			critical: true,
			turn: 't1' as TurnId,
			at: DAY + 6,
			device: 'd2' as DeviceId,
			fence: 2,
			steps: ['s1', 'u1'],
		};
		const late = step('s2', [{ type: 'text', text: 'From the old one.' }]);
		const fresh = { ...step('s3', [{ type: 'text', text: 'From the new one.' }]), fence: 2 } as LineRecord;
		const records = [turn('t1'), asks('s1'), tool('u1'), takeover, late, fresh];
		const article = answer(fold(records));
		expect(article.parts.map(({ type }) => type)).toEqual(['tool', 'takeover', 'text']);
		expect(article.parts[1]).toMatchObject({ isHere: false, lost: [{ text: 'From the old one.' }] });
		expect(article.parts[2]).toMatchObject({ text: 'From the new one.' });
		expect(article.isElsewhere).toBe(true);
	});

	it('puts reactions on what they are for, the newest of each author, and none that was taken back', () => {
		const reaction = (id: string, emoji: string, change: object = {}): LineRecord => ({
			kind: 'reaction',
			id,
			at: DAY,
			to: { message: 'm1' as MessageId },
			emoji,
			author: { type: 'person', ...self },
			...change,
		});
		const eleni = { author: { type: 'person', person: 'eleni', device: 'd9' } };
		const records = [message('m1', 'hi'), turn('t1')];
		const refold = createTranscriptFold(self);
		const before = refold(records, ZONE, names);
		const reacted = [...records, reaction('r1', '👍'), reaction('r2', '🎉'), reaction('r3', '❤️', eleni)];
		const after = refold(reacted, ZONE, names);
		expect(after.articles.get('m1')).toMatchObject({
			reactions: [
				{ emoji: '🎉', by: 'You', isOwn: true },
				{ emoji: '❤️', by: 'Eleni K.', isOwn: false },
			],
		});
		expect(after.articles.get('t1')).toBe(before.articles.get('t1'));
		const undone = refold([...reacted, reaction('r4', '')], ZONE, names);
		expect(undone.articles.get('m1')).toMatchObject({ reactions: [{ emoji: '❤️' }] });
		const onTurn = fold([...records, reaction('r1', '👍', { to: { turn: 't1' } })]);
		expect(answer(onTurn).reactions).toMatchObject([{ emoji: '👍' }]);
	});

	it('shows a message of the agent from another line with the line and with where its text came from', () => {
		const sent: LineRecord = {
			kind: 'message',
			id: 'm9' as MessageId,
			at: DAY,
			author: {
				type: 'agent',
				agent: 'general',
				device: self.device,
				line: 'rome' as LineId,
				turn: 't0' as TurnId,
			},
			content: [{ type: 'text', text: 'Closed.' }],
			untrusted: { source: 'x.org' },
		};
		expect(fold([sent]).articles.get('m9')).toMatchObject({
			label: 'Pocketeer',
			isOwn: false,
			fromLine: 'rome',
			untrusted: 'x.org',
		});
	});
});

describe('a summary', () => {
	const compaction = (id: string): LineRecord => ({
		kind: 'compaction',
		id,
		at: DAY + 20,
		device: self.device,
		epoch: 'e',
		through: 't1' as TurnId,
		summary: 'They talked.',
		model: 'x',
		usage: undefined,
	});

	it('stands on its own where it was made, and says when it was taken back', () => {
		const undone: LineRecord = { kind: 'compaction-undone', compaction: 'c1', at: DAY + 30, ...self };
		const transcript = fold([message('m1', 'hi'), turn('t1'), compaction('c1'), compaction('c1'), undone]);
		expect(transcript.order).toEqual(['day:2026-11-20', 'm1', 't1', 'c1']);
		expect(transcript.articles.get('c1')).toMatchObject({ kind: 'compaction', undone: { by: 'You', at: DAY + 30 } });
		expect(transcript.lastCompaction).toBe('c1');
		expect(fold([compaction('c1')]).articles.get('c1')).toMatchObject({ undone: undefined });
	});
});

describe('an answer that is on its way', () => {
	const live = {
		turn: 't1' as TurnId,
		trigger: { type: 'message', message: 'm1' as MessageId } as const,
		by: 'agent' as const,
		phase: 'writing' as const,
		text: 'Hel',
		thinking: '',
		tools: [],
	};

	it('grows under the key it keeps when it is finished, so that nothing is drawn twice', () => {
		const growing = withLive(undefined, live, DAY);
		const kept = answer(fold([turn('t1'), step('s1', [{ type: 'text', text: 'Hello' }])]));
		expect(growing.parts[0]).toMatchObject({ key: '0:text:0', text: 'Hel', isGrowing: true });
		expect(kept.parts[0]?.key).toBe('0:text:0');
	});

	it('follows what was kept of earlier steps', () => {
		const kept = answer(
			fold([
				turn('t1'),
				step('s1', [
					{ type: 'thinking', thinking: 'hm', signature: '' },
					{ type: 'tool_use', id: 'u1', name: 'remind', input: {} },
				]),
				tool('u1'),
			]),
		);
		expect(withLive(kept, live, DAY).parts.map((part) => part.key)).toEqual(['0:thinking:0', 'u1', '1:text:0']);
	});

	it('does not say twice what was kept this very moment', () => {
		const kept = answer(fold([turn('t1'), step('s1', [{ type: 'text', text: 'Hel' }])]));
		expect(withLive(kept, live, DAY).parts).toHaveLength(1);
	});

	it('shows tools that are being called once', () => {
		const tools = [{ toolUse: 'u1', name: 'remind', input: { a: 1 } }];
		const kept = answer(fold([turn('t1'), step('s1', [{ type: 'tool_use', id: 'u1', name: 'remind', input: {} }])]));
		expect(withLive(kept, { ...live, text: '', tools }, DAY).parts.map((part) => part.key)).toEqual(['u1']);
		expect(withLive(undefined, { ...live, text: '', tools }, DAY).parts[0]).toMatchObject({ outcome: 'waiting' });
	});
});
