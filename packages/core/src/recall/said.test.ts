import { expect, it } from 'vitest';
import type { BlobId, DeviceId, MessageId, PersonId, TurnId } from '../ids.ts';
import type { LineRecord, MessageRecord, ModelStepRecord, TurnRecord } from '../space/records.ts';
import { saidOn } from './said.ts';

const DEVICE = 'laptop' as DeviceId;
const common = { at: 1, model: 'm', usage: undefined } as const;

function says(id: string, more: Partial<MessageRecord> = {}): MessageRecord {
	const author = { type: 'person', person: 'anna' as PersonId, device: DEVICE } as const;
	return { kind: 'message', id: id as MessageId, at: 1, author, content: [{ type: 'text', text: id }], ...more };
}

function turn(id: string, message: string, epoch = 'e1'): TurnRecord {
	const trigger = { type: 'message', message: message as MessageId } as const;
	const context = [{ message: trigger.message }];
	return { ...common, kind: 'turn', id: id as TurnId, trigger, device: DEVICE, by: 'agent', epoch, head: '', context };
}

function answers(id: string, text: string, step = `${id}-${text}`): ModelStepRecord {
	const content = [{ type: 'text', text }] as const;
	return {
		...common,
		kind: 'model-step',
		id: step,
		turn: id as TurnId,
		content: [...content],
		stop: 'end_turn',
		durationMs: 1,
	};
}

function sources(records: readonly LineRecord[]): readonly (readonly [string, string | undefined])[] {
	return saidOn(records).map(({ id, untrusted }) => [id, untrusted?.source]);
}

it('an answer that was given with a summary of text from outside may repeat it', () => {
	const summary: LineRecord = {
		...{ kind: 'compaction', id: 'c', at: 1, device: DEVICE, epoch: 'e0', through: 't0' as TurnId, summary: 's' },
		...{ untrusted: { source: 'evil.example' }, model: 'm', usage: undefined },
	};
	const epoch: LineRecord = { kind: 'epoch', id: 'e1', at: 1, system: [], tools: [], compaction: 'c' };
	expect(sources([summary, epoch, says('m1'), turn('t1', 'm1'), answers('t1', 'So it says.')])).toEqual([
		['m1', undefined],
		['t1', 'evil.example'],
	]);
});

it('an answer to what was attached while the turn ran may repeat it', () => {
	const attached = { blob: 'b' as BlobId, name: 'evil.pdf', mediaType: 'application/pdf', sizeBytes: 1 };
	const steering: LineRecord = {
		...{ kind: 'steering', id: 's', turn: 't1' as TurnId, at: 1, after: 'first', head: '' },
		messages: ['m2' as MessageId],
	};
	const records = [
		...[says('m1'), turn('t1', 'm1'), answers('t1', 'Well,', 'first')],
		...[says('m2', { attachments: [attached] }), steering, answers('t1', 'so it says.')],
	];
	expect(new Map(sources(records)).get('t1')).toBe('evil.pdf');
	expect(new Map(sources(records.slice(0, 3))).get('t1')).toBeUndefined();
});
