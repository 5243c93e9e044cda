import type { DeviceId, MessageId, PersonId, TurnId } from '@pocketeer/core/ids';
import type { LineRecord, TurnOutcome } from '@pocketeer/core/space/records';
import { describe, expect, it } from 'vitest';
import { queuedMessages } from './queue.ts';

const self = { device: 'd1' as DeviceId, person: 'me' as PersonId };

const message = (id: string, change: object = {}): LineRecord => ({
	kind: 'message',
	id: id as MessageId,
	at: 1,
	author: { type: 'person', ...self },
	content: [],
	...change,
});
const turn = (context: readonly string[], by: 'agent' | 'clerk' = 'agent', id = 't1'): LineRecord => ({
	kind: 'turn',
	id: id as TurnId,
	at: 1,
	trigger: { type: 'message', message: 'm1' as MessageId },
	device: self.device,
	by,
	model: 'x',
	epoch: 'e',
	head: '',
	context: context.map((id) => ({ message: id as MessageId })),
});
const end = (outcome: TurnOutcome): LineRecord => ({ kind: 'turn-end', turn: 't1' as TurnId, at: 2, outcome });
const steering = (id: string): LineRecord => ({
	kind: 'steering',
	id: `st-${id}`,
	turn: 't1' as TurnId,
	at: 2,
	after: 's1',
	head: '',
	messages: [id as MessageId],
});
const queued = (records: readonly LineRecord[], isRunning = true) => [...queuedMessages(records, { self, isRunning })];

describe('a message that no turn was asked with', () => {
	it('waits on for a device with a key while the clerk answers what was said after it', () => {
		const claim = message('m0', { answerer: 'claim' });
		const records = [claim, message('m1'), turn(['m1'], 'clerk'), end({ type: 'answered' })];
		expect(queued(records, false)).toEqual([['m0', 'elsewhere']]);
		expect(queued([...records, turn(['m0'], 'agent', 'claim-m0')], false)).toEqual([]);
	});

	it('goes along with the next step of a running turn, until it did', () => {
		const records = [message('m1'), turn(['m1']), message('m2')];
		expect(queued(records)).toEqual([['m2', 'next-step']]);
		expect(queued([...records, steering('m2')])).toEqual([['m2', 'taken']]);
		const later = [...records, steering('m2'), end({ type: 'answered' }), message('m3'), turn(['m3'], 'agent', 't2')];
		expect(queued(later)).toEqual([['m2', 'taken']]);
	});

	it('waits for a turn of its own while the clerk answers', () => {
		expect(queued([message('m1'), turn(['m1'], 'clerk'), message('m2')])).toEqual([['m2', 'next-turn']]);
	});

	it('is nothing to speak of when its turn is about to begin, or when somebody else wrote it', () => {
		expect(queued([message('m1')], false)).toEqual([]);
		expect(queued([message('m1'), turn(['m1']), end({ type: 'answered' }), message('m2')], false)).toEqual([]);
		const other = { author: { type: 'person', person: 'eleni', device: 'd9' } };
		expect(queued([message('m1'), turn(['m1']), message('m2', other)])).toEqual([]);
	});

	it('is not answered when the turn it waited behind was stopped', () => {
		const records = [message('m1'), turn(['m1']), message('m2'), end({ type: 'stopped' }), message('m3')];
		expect(queued(records, false)).toEqual([['m2', 'left']]);
	});

	it('waits for a device with a key when it was written for one', () => {
		expect(queued([message('m1', { answerer: 'claim' })], false)).toEqual([['m1', 'elsewhere']]);
	});

	it('is not queued when the turn was asked with it, though it stands behind', () => {
		expect(queued([turn(['m1', 'm2']), message('m2')])).toEqual([]);
	});
});
