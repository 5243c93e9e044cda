import type { StreamName } from '@pocketeer/core/ids';
import type { SyncStatus } from '@pocketeer/core/sync/sync';
import { describe, expect, it } from 'vitest';
import { describePending, describeStatus, describeTab } from './status.ts';

const online: SyncStatus = {
	connection: { type: 'online', since: 0 },
	isLeader: true,
	pendingStreams: 0,
	stuck: [],
	quarantined: [],
	republished: undefined,
	lastSyncedAt: undefined,
	deleted: undefined,
	clockSkewMs: undefined,
	vapidKey: undefined,
};

describe('the status of the connection in words', () => {
	it('says synced only when nothing waits and nothing stands still', () => {
		const stuck = [{ stream: 'file/1' as StreamName, reason: 'entry 4 cannot be opened' }];
		expect(describeStatus(online, 0)).toMatchObject({ line: 'Synced', tone: 'calm', troubles: [] });
		expect(describeStatus({ ...online, pendingStreams: 1 }, 0).line).toBe('Syncing…');
		expect(describeStatus({ ...online, stuck }, 0)).toMatchObject({ line: 'Partly synced', tone: 'danger' });
	});

	it('says offline without alarm and what becomes of changes', () => {
		const connection = { type: 'offline', retryAt: undefined } as const;
		expect(describeStatus({ ...online, connection }, 0).line).toBe('Offline · all is kept on this device');
		expect(describeStatus({ ...online, connection, pendingStreams: 3 }, 0).line).toBe(
			'Offline · changes will sync later',
		);
	});

	it('counts what waits as files and lines', () => {
		expect([0, 1, 3].map(describePending)).toEqual(['Nothing', '1 file or line waits', '3 files and lines wait']);
	});

	it('says that something else answers in the relay’s place, also while it is dialled again', () => {
		for (const connection of [
			{ type: 'offline', retryAt: undefined, isForeign: true },
			{ type: 'connecting', isForeign: true },
		] as const)
			expect(describeStatus({ ...online, connection }, 0).troubles[0]?.sentence).toContain('is not a Pocketeer relay');
	});

	it('says what to update, and blames nobody, when the app and the relay are too far apart', () => {
		const connection = { type: 'refused', code: 'too-old', reason: 'Update Pocketeer.' } as const;
		const [trouble] = describeStatus({ ...online, connection }, 0).troubles;
		expect(trouble?.sentence).toBe('Update Pocketeer. Everything stays on this device meanwhile.');
	});

	it('repeats why the relay refused', () => {
		const connection = {
			type: 'refused',
			code: 'unknown-space',
			reason: 'An invite is needed.',
		} as unknown as SyncStatus['connection'];
		const text = describeStatus({ ...online, connection }, 0);
		expect(text.line).toBe('Not syncing');
		expect(text.troubles[0]?.sentence).toContain('An invite is needed.');
	});

	it('says where to get what a relay asks for that takes new spaces by invitation', () => {
		const connection = { type: 'refused', code: 'invite-required', reason: 'By invitation only.' } as const;
		const [trouble] = describeStatus({ ...online, connection }, 0).troubles;
		expect(trouble?.sentence).toContain('By invitation only. Ask whoever runs it for a link');
	});

	it('says how much stands still, each reason once, and where it is named', () => {
		const stuck = ['file/1', 'file/2', 'home'].map((stream) => ({ stream: stream as StreamName, reason: 'No room.' }));
		const [trouble] = describeStatus({ ...online, stuck }, 0).troubles;
		expect(trouble).toMatchObject({ details: ['No room.'], link: { href: '/settings/sync' } });
		expect(trouble?.sentence).toContain('3 files and lines stand still');
	});

	it('tells a device that was removed what that means, and leads to what can be done', () => {
		const connection = { type: 'refused', code: 'not-a-device', reason: 'Not listed.' } as const;
		const text = describeStatus({ ...online, connection }, 0);
		expect(text.line).toBe('Removed from this space');
		expect(text.troubles).toMatchObject([{ tone: 'warning', link: { href: '/settings/ended' } }]);
		expect(text.troubles[0]?.sentence).toContain('still here to read');
	});

	it('believes that a space was deleted only when it is proven', () => {
		const connection = { type: 'refused', code: 'deleted', reason: 'Deleted.' } as const;
		const say = (isProven: boolean) =>
			describeStatus({ ...online, connection, deleted: { statement: new Uint8Array(1), isProven } }, 0);
		expect(say(true)).toMatchObject({ line: 'This space was deleted', troubles: [{ tone: 'warning' }] });
		expect(say(false)).toMatchObject({ line: 'Not syncing', troubles: [{ tone: 'danger' }] });
		expect(say(false).troubles[0]?.sentence).toContain('cannot show');
	});

	it('never calls synced what has changes put aside, and counts them over all documents', () => {
		const quarantined = [
			{ stream: 'file/1' as StreamName, count: 2 },
			{ stream: 'home' as StreamName, count: 1 },
		];
		const text = describeStatus({ ...online, quarantined }, 0);
		expect(text.line).toBe('Partly synced');
		expect(text.troubles[0]?.sentence).toContain('3 changes of other devices could not be read and were put aside');
	});

	it('tells for a while that the relay was set back', () => {
		const republished = { at: 1_000_000, streams: 1 };
		const say = (now: number) => describeStatus({ ...online, republished }, now).troubles;
		expect(say(1_000_001)[0]?.sentence).toContain('in one file or line');
		expect(say(1_000_000 + 600_001)).toEqual([]);
	});

	it('says in which direction the clock is off', () => {
		expect(describeStatus({ ...online, clockSkewMs: 300_000 }, 0).troubles[0]?.sentence).toContain('5 minutes behind');
		expect(describeStatus({ ...online, clockSkewMs: -10_800_000 }, 0).troubles[0]?.sentence).toContain(
			'3 hours ahead of',
		);
	});
});

it('claims no connection for a tab while there is none', () => {
	expect(describeTab({ connection: { type: 'offline', retryAt: undefined }, isLeader: true })).toBe(
		'Not connected now',
	);
	expect(describeTab({ connection: { type: 'online', since: 0 }, isLeader: true })).toBe('Holds the connection');
	expect(describeTab({ connection: { type: 'online', since: 0 }, isLeader: false })).toContain('Another tab');
});
