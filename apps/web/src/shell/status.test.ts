import type { StreamName } from '@pocketeer/core/ids';
import type { SyncStatus } from '@pocketeer/core/sync/sync';
import { describe, expect, it } from 'vitest';
import { describePending, describeStatus } from './status.ts';

const online: SyncStatus = {
	connection: { type: 'online', since: 0 },
	isLeader: true,
	pendingStreams: 0,
	stuck: [],
	clockSkewMs: undefined,
	vapidKey: undefined,
};

describe('the status of the connection in words', () => {
	it('says synced only when nothing waits and nothing stands still', () => {
		const stuck = [{ stream: 'file/1' as StreamName, reason: 'entry 4 cannot be opened' }];
		expect(describeStatus(online)).toMatchObject({ line: 'Synced', tone: 'calm', troubles: [] });
		expect(describeStatus({ ...online, pendingStreams: 1 }).line).toBe('Syncing…');
		expect(describeStatus({ ...online, stuck })).toMatchObject({ line: 'Partly synced', tone: 'danger' });
	});

	it('says offline without alarm and what becomes of changes', () => {
		const connection = { type: 'offline', retryAt: undefined } as const;
		expect(describeStatus({ ...online, connection }).line).toBe('Offline · all is kept on this device');
		expect(describeStatus({ ...online, connection, pendingStreams: 3 }).line).toBe('Offline · changes will sync later');
	});

	it('counts what waits as files and lines', () => {
		expect([0, 1, 3].map(describePending)).toEqual(['Nothing', '1 file or line waits', '3 files and lines wait']);
	});

	it('says that something else answers in the relay’s place, also while it is dialled again', () => {
		for (const connection of [
			{ type: 'offline', retryAt: undefined, isForeign: true },
			{ type: 'connecting', isForeign: true },
		] as const)
			expect(describeStatus({ ...online, connection }).troubles[0]?.sentence).toContain('is not a Pocketeer relay');
	});

	it('says what to update, and blames nobody, when the app and the relay are too far apart', () => {
		const connection = { type: 'refused', code: 'too-old', reason: 'Update Pocketeer.' } as const;
		const [trouble] = describeStatus({ ...online, connection }).troubles;
		expect(trouble?.sentence).toBe('Update Pocketeer. Everything stays on this device meanwhile.');
	});

	it('repeats why the relay refused', () => {
		const connection = {
			type: 'refused',
			code: 'unknown-space',
			reason: 'An invite is needed.',
		} as unknown as SyncStatus['connection'];
		const text = describeStatus({ ...online, connection });
		expect(text.line).toBe('Not syncing');
		expect(text.troubles[0]?.sentence).toContain('An invite is needed.');
	});

	it('names what stands still and why', () => {
		const stuck = [{ stream: 'file/1' as StreamName, reason: 'entry 4 cannot be opened' }];
		expect(describeStatus({ ...online, stuck }).troubles[0]?.details).toEqual(['file/1: entry 4 cannot be opened']);
	});

	it('says in which direction the clock is off', () => {
		expect(describeStatus({ ...online, clockSkewMs: 300_000 }).troubles[0]?.sentence).toContain('5 minutes behind');
		expect(describeStatus({ ...online, clockSkewMs: -10_800_000 }).troubles[0]?.sentence).toContain('3 hours ahead of');
	});
});
