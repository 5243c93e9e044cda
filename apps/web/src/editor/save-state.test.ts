import type { Clock } from '@pocketeer/core/ports/clock';
import type { StoreError } from '@pocketeer/core/ports/store';
import { err, ok, type Result } from '@pocketeer/core/result';
import { expect, test } from 'vitest';
import { makeSaveTracker, type SaveState } from './save-state.ts';

test('says saving, then saved, for one change', async () => {
	const world = makeWorld();
	world.tracker.changed();
	expect(world.told()).toEqual(['saving']);
	await world.answer(ok());
	expect(world.told()).toEqual(['saving', 'saved']);
});

test('what was typed while saving is saved too before it says saved', async () => {
	const world = makeWorld();
	world.tracker.changed();
	world.tracker.changed();
	await world.answer(ok());
	expect(world.told()).toEqual(['saving']);
	await world.answer(ok());
	expect(world.told()).toEqual(['saving', 'saved']);
	expect(world.asked()).toBe(2);
});

test('a full disk is told and stays on screen until a save worked', async () => {
	const world = makeWorld();
	world.tracker.changed();
	await world.answer(err({ type: 'QuotaExceeded' }));
	expect(world.tracker.current()).toEqual({ type: 'failed', error: { type: 'QuotaExceeded' } });
	world.fireTimers();
	expect(world.told()).toEqual(['saving', 'failed']);
	await world.answer(ok());
	expect(world.told()).toEqual(['saving', 'failed', 'saved']);
});

test('asks again by itself after a failure, and no more once disposed', async () => {
	const world = makeWorld();
	world.tracker.changed();
	await world.answer(err({ type: 'QuotaExceeded' }));
	world.tracker[Symbol.dispose]();
	world.fireTimers();
	expect(world.asked()).toBe(1);
});

test('settled waits for the save under way and tells how it ended', async () => {
	const world = makeWorld();
	expect(await world.tracker.settled()).toEqual({ type: 'saved' });
	world.tracker.changed();
	const settled = world.tracker.settled();
	await world.answer(err({ type: 'QuotaExceeded' }));
	expect(await settled).toMatchObject({ type: 'failed' });
});

function makeWorld() {
	const told: SaveState['type'][] = [];
	const asked: ((result: Result<void, StoreError>) => void)[] = [];
	const timers = new Set<() => void>();
	let questions = 0;
	const clock: Clock = {
		now: () => 0,
		zone: () => 'UTC',
		setTimer(_, fire) {
			timers.add(fire);
			return { [Symbol.dispose]: () => void timers.delete(fire) };
		},
	};
	const saved = () => {
		questions++;
		return new Promise<Result<void, StoreError>>((resolve) => asked.push(resolve));
	};
	const tracker = makeSaveTracker({ clock }, { saved }, (state) => told.push(state.type));
	return {
		tracker,
		told: () => told,
		asked: () => questions,
		async answer(result: Result<void, StoreError>) {
			asked.shift()?.(result);
			for (let turn = 0; turn < 5; turn++) await Promise.resolve();
		},
		fireTimers() {
			for (const fire of [...timers]) fire();
		},
	};
}
