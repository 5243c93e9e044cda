import type { SyncStatus } from '@pocketeer/core/sync/sync';
import type { IconName } from '../icons/names.ts';

/** How the connection is, as one quiet line, and what the person should know beyond it. */
export interface StatusText {
	readonly icon: IconName;
	readonly tone: 'calm' | 'busy' | 'off' | 'danger';
	readonly line: string;
	readonly troubles: readonly Trouble[];
}
export interface Trouble {
	readonly tone: 'warning' | 'danger';
	readonly sentence: string;
	readonly details: readonly string[];
}

/** Says what is known and no more: nothing that waits or failed is shown as synced. */
export function describeStatus(status: SyncStatus): StatusText {
	return {
		...describeConnection(status),
		troubles: [...refusal(status), ...foreign(status), ...stuck(status), ...clock(status)],
	};
}

function describeConnection(status: SyncStatus): Omit<StatusText, 'troubles'> {
	const { connection, pendingStreams: pending } = status;
	switch (connection.type) {
		case 'connecting':
			return { icon: 'refresh-cw', tone: 'busy', line: 'Connecting…' };
		case 'online':
			if (pending > 0) return { icon: 'refresh-cw', tone: 'busy', line: 'Syncing…' };
			if (status.stuck.length > 0) return { icon: 'triangle-alert', tone: 'danger', line: 'Partly synced' };
			return { icon: 'circle-check', tone: 'calm', line: 'Synced' };
		case 'offline': {
			// Streams are counted, not edits: no number that a person could check.
			const kept = pending > 0 ? 'changes will sync later' : 'all is kept on this device';
			return { icon: 'cloud-off', tone: 'off', line: `Offline · ${kept}` };
		}
		case 'refused':
			return { icon: 'triangle-alert', tone: 'danger', line: 'Not syncing' };
	}
}

function refusal({ connection }: SyncStatus): Trouble[] {
	if (connection.type !== 'refused') return [];
	const reason =
		connection.code === 'too-old' ? connection.reason : `The relay refused this device: ${connection.reason}`;
	const sentence = `${reason} Everything stays on this device meanwhile.`;
	return [{ tone: 'danger', sentence, details: [] }];
}

function foreign({ connection }: SyncStatus): Trouble[] {
	if (!('isForeign' in connection) || !connection.isForeign) return [];
	const sentence =
		'What answers at the relay’s address is not a Pocketeer relay. Everything stays on this device and syncs once the relay is back.';
	return [{ tone: 'warning', sentence, details: [] }];
}

function stuck(status: SyncStatus): Trouble[] {
	const count = status.stuck.length;
	if (count === 0) return [];
	const what = count === 1 ? 'One document stands' : `${count} documents stand`;
	return [
		{
			tone: 'warning',
			sentence: `${what} still: something in it could not be opened. What this device has is kept and untouched.`,
			details: status.stuck.map(({ stream, reason }) => `${stream}: ${reason}`),
		},
	];
}

function clock({ clockSkewMs }: SyncStatus): Trouble[] {
	if (clockSkewMs === undefined) return [];
	const minutes = Math.max(1, Math.round(Math.abs(clockSkewMs) / 60_000));
	const amount =
		minutes < 120 ? `${minutes} ${minutes === 1 ? 'minute' : 'minutes'}` : `${Math.round(minutes / 60)} hours`;
	const sentence = `This device’s clock is ${amount} ${clockSkewMs > 0 ? 'behind' : 'ahead of'} the relay’s. Reminders fire by the relay’s clock; check the time settings of the device.`;
	return [{ tone: 'warning', sentence, details: [] }];
}

/** What has not reached the relay, counted as it is kept: in files and lines. */
export function describePending(count: number): string {
	if (count === 0) return 'Nothing';
	return count === 1 ? '1 file or line waits' : `${count.toLocaleString('en')} files and lines wait`;
}
