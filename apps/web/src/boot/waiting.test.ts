import type { LineId, MessageId, TurnId } from '@pocketeer/core/ids';
import type { LineRecord } from '@pocketeer/core/space/records';
import { createTaskWorld } from '@pocketeer/core/testing/task-world';
import { askPerson } from '@pocketeer/tools/ask-person';
import { expect, it } from 'vitest';
import { createWaiting } from './waiting.ts';

/** A line on which a turn of some device asked the person and stands still. */
async function setUp(device = 'laptop') {
	const { space, clock } = await createTaskWorld();
	const { lines, self, directory } = space;
	const line = await lines.ensure('Kitchen');
	const opened = line.ok ? await lines.open(line.value.id) : line;
	if (!opened.ok) throw new Error(opened.error.type);
	const open = opened.value;
	const append = async (...records: readonly LineRecord[]) => {
		const kept = await open.append(records);
		if (!kept.ok) throw new Error(kept.error.type);
	};
	const turn = 't1' as TurnId;
	const at = clock.now();
	const question = { question: 'Which?', choices: ['This', 'That'] };
	await append(
		{
			...{ kind: 'turn', id: turn, at, device: device as typeof self.device, by: 'agent', model: 'm', epoch: 'e' },
			...{ trigger: { type: 'message', message: 'm1' as MessageId }, head: '', context: [] },
		},
		{
			...{ kind: 'model-step', id: 's1', turn, at, model: 'm', stop: 'tool_use', usage: undefined, durationMs: 1 },
			content: [{ type: 'tool_use', id: 'u1', name: 'ask_person', input: question }],
		},
	);
	const waiting = createWaiting({ lines, clock, self, directory }, [askPerson()]);
	return { waiting, append, records: () => open.records(), self, turn, at, directory };
}

const KITCHEN = 'kitchen' as LineId;

it('finds what waits on lines that nobody has open, and forgets it once the person has answered', async () => {
	const { waiting, append, self, turn, at, records } = await setUp();
	await expect.poll(() => [...waiting.lines()]).toEqual([KITCHEN]);
	expect(waiting.callsOn(records())).toMatchObject([
		{ turn: 't1', toolUse: 'u1', isOwn: true, waitsFor: { type: 'answer', question: { text: 'Which?' } } },
	]);
	let told = 0;
	waiting.subscribe(() => {
		told += 1;
	});
	await append({ kind: 'decision', turn, toolUse: 'u1', at, ...self, decision: { type: 'answered', text: 'This' } });
	expect([...waiting.lines()]).toEqual([]);
	expect(told).toBe(1);
});

it('leaves a turn alone that was stopped or is over', async () => {
	const { waiting, append, self, turn, at, records } = await setUp();
	await append({ kind: 'stop', turn, at, ...self });
	expect(waiting.callsOn(records())).toEqual([]);
});

it('does not call a person to what waits for another', async () => {
	const { waiting, directory, records } = await setUp('phone-of-eleni');
	expect(waiting.callsOn(records())).toMatchObject([{ isOwn: true }]);
	const devices = directory.devices.bind(directory);
	const others = [{ id: 'phone-of-eleni', name: '', person: 'eleni' }] as unknown as ReturnType<typeof devices>;
	Object.assign(directory, { devices: () => others });
	expect(waiting.callsOn(records())).toMatchObject([{ isOwn: false }]);
});
