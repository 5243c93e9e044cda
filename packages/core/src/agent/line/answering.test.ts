import { expect, it } from 'vitest';
import { createEmitter } from '../../emitter.ts';
import type { DeviceId, LineId, PersonId, StreamName } from '../../ids.ts';
import type { Line } from '../../space/space.ts';
import { NOTHING_KNOWN, type SyncStatus } from '../../sync/sync.ts';
import { createTestClock } from '../../testing/test-clock.ts';
import { createAnswering } from './answering.ts';
import { createAnswerers } from './who-answers.ts';

const HOUR = 3_600_000;

function start(options: { readonly hasModel?: boolean; readonly isLeader?: boolean } = {}) {
	const clock = createTestClock();
	const arrivals = createEmitter<StreamName>();
	const statuses = createEmitter<SyncStatus>();
	const looked: string[] = [];
	let next: number | undefined;
	let status: SyncStatus = {
		...NOTHING_KNOWN,
		isLeader: options.isLeader ?? true,
		connection: { type: 'online', since: 0 },
	};
	const line = (id: string, ageMs: number): Line => ({ id: id as LineId, name: id, touched: clock.now() - ageMs });
	const answering = createAnswering({
		clock,
		log: { info() {}, warn() {} },
		lines: {
			list: () => [line('today', HOUR), line('last-year', 300 * 24 * HOUR)],
			subscribe: () => ({ [Symbol.dispose]() {} }),
			ensure: () => Promise.reject(new Error('not asked for')),
			open: () => Promise.reject(new Error('not asked for')),
		},
		sync: {
			get status() {
				return status;
			},
			subscribe: (listener) => statuses.subscribe(listener),
			onArrival: (listener) => arrivals.subscribe(listener),
		},
		attendant: {
			async attend(id) {
				looked.push(id);
				const again = next;
				next = undefined;
				return again;
			},
		},
		hasModel: () => options.hasModel ?? true,
	});
	return {
		clock,
		looked,
		answering,
		arrive: (stream: string) => arrivals.emit(stream as StreamName),
		setStatus(change: Partial<SyncStatus>) {
			status = { ...status, ...change };
			statuses.emit(status);
		},
		askAgainAt(at: number) {
			next = at;
		},
	};
}

it('looks at lines that were spoken on lately, then only at those on which something arrived', async () => {
	const { clock, looked, arrive } = start();
	await clock.advance(0);
	expect(looked).toEqual(['today']);
	for (let record = 0; record < 5; record++) arrive('line/kitchen/2026-11');
	arrive('file/abc');
	arrive('home');
	await clock.advance(HOUR);
	expect(looked, 'one look for several records').toEqual(['today', 'kitchen']);
});

it('looks again when a lease runs out', async () => {
	const { clock, looked, arrive, askAgainAt } = start();
	await clock.advance(0);
	askAgainAt(clock.now() + 180_000);
	arrive('line/kitchen/2026-11');
	await clock.advance(179_000);
	expect(looked).toEqual(['today', 'kitchen']);
	await clock.advance(3_000);
	expect(looked).toEqual(['today', 'kitchen', 'kitchen']);
});

it('leaves everything to others without a key, in a tab that does not lead, or offline', async () => {
	for (const options of [{ hasModel: false }, { isLeader: false }]) {
		const { clock, looked, arrive } = start(options);
		arrive('line/kitchen/2026-11');
		await clock.advance(HOUR);
		expect(looked).toEqual([]);
	}
	const { clock, looked, setStatus } = start();
	await clock.advance(0);
	setStatus({ connection: { type: 'offline', retryAt: undefined } });
	setStatus({ connection: { type: 'online', since: 1 } });
	await clock.advance(0);
	expect(looked, 'back online, everything is looked at once more').toEqual(['today', 'today']);
});

it('lets the device with the key answer, else the clerk what it understands, else another device of the person', async () => {
	const self = { device: 'phone' as DeviceId, person: 'anna' as PersonId };
	const laptop = { id: 'laptop' as DeviceId, name: 'Laptop', person: self.person, hasModel: true };
	const choose = (text: string, options: { keyed?: boolean; devices?: (typeof laptop)[]; files?: number } = {}) =>
		createAnswerers({
			clock: createTestClock(),
			self,
			directory: { devices: () => options.devices ?? [laptop] },
			hasModel: () => options.keyed ?? false,
		}).choose({ text, attachments: Array.from({ length: options.files ?? 0 }, () => ATTACHMENT) });
	expect(await choose('What should I cook?', { keyed: true })).toBe('device');
	expect(await choose('remind me in 20 minutes to call')).toBe('device');
	expect(await choose('/tasks')).toBe('device');
	expect(await choose('What should I cook?')).toBe('claim');
	expect(await choose('Hello')).toBe('claim');
	expect(await choose('remind me in 20 minutes of this', { files: 1 })).toBe('claim');
	expect(await choose('What should I cook?', { devices: [] }), 'the clerk says what it is').toBe('device');
	const theirs = { ...laptop, person: 'ben' as PersonId };
	expect(await choose('What should I cook?', { devices: [theirs] })).toBe('device');
});

const ATTACHMENT = { blob: 'b' as never, name: 'a.png', mediaType: 'image/png', sizeBytes: 1 };
