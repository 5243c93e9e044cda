import { expect, it } from 'vitest';
import type { DeviceId, LineId, MessageId, PersonId, TurnId } from '../../ids.ts';
import type { CompactionRecord, LineRecord, ModelStepRecord, ToolStepRecord, TurnRecord } from '../../space/records.ts';
import { indexLine } from '../line/line-index.ts';
import { runOf, runOfCompaction } from './run-record.ts';

const AT = Date.UTC(2026, 10, 20);
const TURN = 'turn' as TurnId;
const LINE = 'main' as LineId;
const PERSON = 'ada' as PersonId;
const HERE = 'here' as DeviceId;

const turn: TurnRecord = {
	kind: 'turn',
	id: TURN,
	at: AT,
	trigger: { type: 'message', message: 'm' as MessageId },
	device: HERE,
	by: 'agent',
	model: 'claude-sonnet-5-5',
	epoch: 'e',
	head: '',
	context: [],
};

function call(id: string, fields: Partial<ModelStepRecord> = {}): ModelStepRecord {
	return {
		kind: 'model-step',
		id,
		turn: TURN,
		at: AT + 10,
		model: 'claude-sonnet-5-5',
		content: [],
		stop: 'end_turn',
		usage: {
			cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 200 },
			cache_creation_input_tokens: 200,
			cache_read_input_tokens: 1_000,
			inference_geo: null,
			input_tokens: 100,
			output_tokens: 50,
			output_tokens_details: null,
			server_tool_use: { web_search_requests: 1, web_fetch_requests: 0 },
			service_tier: null,
			speed: null,
		},
		durationMs: 5,
		...fields,
	};
}
const CALL_USD = (100 * 2 + 1_000 * 0.1 + 200 * 4 + 50 * 10) / 1e6 + 0.01;

function account(...records: readonly LineRecord[]) {
	const end = { kind: 'turn-end', turn: TURN, at: AT + 99, outcome: { type: 'answered' } } as const;
	const indexed = indexLine([turn, ...records, end]).turns.get(TURN);
	if (!indexed) throw new Error('no turn');
	return runOf({ line: LINE, turn: indexed, end, person: PERSON });
}

it('a row tells tokens by kind, searches, cost and who paid', () => {
	const row = account(call('a'), call('b'));
	expect(row).toMatchObject({
		id: TURN,
		person: PERSON,
		modelCalls: 2,
		tokens: { input: 200, cacheRead: 2_000, cacheWrite: 400, cacheWriteHour: 400, output: 100 },
		webSearches: 2,
	});
	expect(row.cost?.usd).toBeCloseTo(2 * CALL_USD, 9);
	expect(row.cost?.unpriced).toBe(0);
	expect(row).not.toHaveProperty('agent');
});

it('a call that was cut and made again is two calls, both paid for', () => {
	const row = account(call('a', { stop: 'cut' }), call('b'));
	expect(row.modelCalls).toBe(2);
	expect(row.cost?.usd).toBeCloseTo(2 * CALL_USD, 9);
	const lost = account(call('a', { stop: 'cut', usage: undefined }), call('b'));
	expect(lost).toMatchObject({ modelCalls: 2, cost: { unpriced: 1 } });
	expect(lost.cost?.usd).toBeCloseTo(CALL_USD, 9);
});

it('what a device did before it knew that another had gone on counts as paid', () => {
	const row = account(call('kept'), call('lost', { fence: 0 }), {
		kind: 'takeover',
		critical: true,
		turn: TURN,
		at: AT + 20,
		device: 'phone' as DeviceId,
		fence: 2,
		steps: ['kept'],
	});
	expect(row.modelCalls).toBe(2);
	expect(row.cost?.usd).toBeCloseTo(2 * CALL_USD, 9);
});

it('the clerk costs nothing and no call of it is of unknown cost', () => {
	const indexed = indexLine([{ ...turn, by: 'clerk', model: 'clerk' }, call('a', { model: 'clerk' })]).turns.get(TURN);
	if (!indexed) throw new Error('no turn');
	const end = { kind: 'turn-end', turn: TURN, at: AT + 99, outcome: { type: 'answered' } } as const;
	expect(runOf({ line: LINE, turn: indexed, end, person: PERSON }).cost).toEqual({ usd: 0, unpriced: 0 });
});

it('files and calls are told as before, and a call that was not run is none', () => {
	const tool = (toolUse: string, outcome: ToolStepRecord['outcome']): ToolStepRecord => ({
		kind: 'tool-step',
		turn: TURN,
		toolUse,
		name: 'edit_file',
		at: AT,
		outcome,
		result: '',
		receipts: [{ type: 'cancelled', path: 'a.md', text: '' }],
		durationMs: 0,
	});
	expect(account(tool('1', 'done'), tool('2', 'done'), tool('3', 'stopped'))).toMatchObject({
		toolCalls: 2,
		files: ['a.md'],
	});
});

it('the call of a compaction has a row of its own', () => {
	const compaction: CompactionRecord = {
		kind: 'compaction',
		id: 'c1',
		at: AT + 500,
		device: HERE,
		epoch: 'e',
		through: TURN,
		summary: 'Short.',
		model: 'claude-sonnet-5-5',
		usage: call('x').usage,
	};
	const row = runOfCompaction({ line: LINE, compaction, device: compaction.device, person: PERSON, durationMs: 400 });
	expect(row).toMatchObject({
		id: 'c1',
		trigger: { type: 'compaction', compaction: 'c1' },
		started: AT + 100,
		ended: AT + 500,
		modelCalls: 1,
	});
	expect(row.cost?.usd).toBeCloseTo(CALL_USD, 9);
});
