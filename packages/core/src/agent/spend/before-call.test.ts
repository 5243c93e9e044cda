import { expect, it } from 'vitest';
import type { DeviceId, MessageId, TurnId } from '../../ids.ts';
import type { Model, ModelRequest } from '../../ports/model.ts';
import type { LineRecord, ModelStepRecord, TurnRecord } from '../../space/records.ts';
import { createTestSpace, expectOk } from '../../testing/test-space.ts';
import { createLineIndexer } from '../line/line-index.ts';
import { beforeCall } from './before-call.ts';
import type { NextSpend } from './spend.ts';

const REQUEST: ModelRequest = { system: [], tools: [], messages: [], maxTokens: 10 };

function turnOf(id: string, epoch = 'e'): TurnRecord {
	const trigger = { type: 'message', message: 'm' as MessageId } as const;
	const device = 'device-a' as DeviceId;
	return {
		kind: 'turn',
		id: id as TurnId,
		at: 0,
		trigger,
		device,
		by: 'agent',
		model: 'm',
		epoch,
		head: '',
		context: [],
	};
}

function call(turn: string, id: string, fields: Partial<ModelStepRecord> = {}): ModelStepRecord {
	const usage: ModelStepRecord['usage'] = JSON.parse('{"input_tokens":1,"output_tokens":1}');
	const content = [] as const;
	return {
		kind: 'model-step',
		id,
		turn: turn as TurnId,
		at: 0,
		model: 'm',
		content,
		stop: 'end_turn',
		usage,
		durationMs: 0,
		...fields,
	};
}

const ends = (turn: string): LineRecord => ({
	kind: 'turn-end',
	turn: turn as TurnId,
	at: 0,
	outcome: { type: 'answered' },
});

async function createScope(records: readonly LineRecord[], kind: Model['kind'] = 'agent') {
	const { space } = await createTestSpace();
	const line = expectOk(await space.lines.open(expectOk(await space.lines.ensure('chat')).id));
	expectOk(await line.append(records));
	const asked: NextSpend[] = [];
	const spend = {
		async check(next: NextSpend) {
			asked.push(next);
			return { type: 'DayCap', capUsd: 2, spentUsd: 2 } as const;
		},
	};
	const model: Model = { kind, id: kind === 'agent' ? 'm' : 'clerk', async *stream() {} };
	return { asked, scope: { line, turn: turnOf('own'), model, deps: { ...createLineIndexer(), spend } } };
}

it('asks the caps with the turn’s calls and the one its request goes on from', async () => {
	const records = [
		turnOf('before'),
		call('before', 'a'),
		call('before', 'cut', { stop: 'cut' }),
		ends('before'),
		turnOf('elsewhere', 'other epoch'),
		call('elsewhere', 'b'),
		ends('elsewhere'),
		turnOf('own'),
	];
	const first = await createScope(records);
	expect(await beforeCall(first.scope, REQUEST)).toMatchObject({ type: 'DayCap' });
	expect(first.asked[0]).toMatchObject({ model: 'm', steps: [], last: { id: 'a' }, request: REQUEST });
	const second = await createScope([...records, call('own', 'c'), call('own', 'd', { stop: 'cut', usage: undefined })]);
	await beforeCall(second.scope, REQUEST);
	expect(second.asked[0]?.last?.id).toBe('c');
	expect(second.asked[0]?.steps.map(({ id }) => id)).toEqual(['c', 'd']);
});

it('asks no caps for the clerk, and goes on where nobody counts', async () => {
	const clerk = await createScope([turnOf('own')], 'clerk');
	expect(await beforeCall(clerk.scope, REQUEST)).toBeUndefined();
	expect(clerk.asked).toEqual([]);
	const { scope } = await createScope([turnOf('own')]);
	expect(await beforeCall({ ...scope, deps: createLineIndexer() }, REQUEST)).toBeUndefined();
});

it('ends a turn that goes in circles before it asks what the next round would cost', async () => {
	const rounds = [1, 2, 3, 4].flatMap((round): readonly LineRecord[] => {
		const use = { type: 'tool_use', id: `u${round}`, name: 'find', input: {} } as const;
		return [
			call('own', `s${round}`, { content: [use], stop: 'tool_use' }),
			{
				kind: 'tool-step',
				turn: 'own' as TurnId,
				toolUse: use.id,
				name: 'find',
				at: 0,
				outcome: 'done',
				result: 'nothing',
				receipts: [],
				durationMs: round,
			},
		];
	});
	const { scope, asked } = await createScope([turnOf('own'), ...rounds]);
	expect(await beforeCall(scope, REQUEST)).toEqual({ type: 'Loop', tool: 'find', times: 4 });
	expect(asked).toEqual([]);
});
