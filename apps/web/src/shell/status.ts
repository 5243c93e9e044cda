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
	/** Where more is said, or done about it. */
	readonly link?: { readonly href: string; readonly label: string };
}

/** How long the news that the relay had lost something stays above every screen, ms; the Sync page keeps it. */
const NEWS_MS = 10 * 60_000;

/** Says what is known and no more: nothing that waits or failed is shown as synced. */
export function describeStatus(status: SyncStatus, now: number): StatusText {
	return {
		...describeConnection(status),
		troubles: [
			...refusal(status),
			...foreign(status),
			...stuck(status),
			...quarantined(status),
			...republished(status, now),
			...clock(status),
		],
	};
}

/** Why this device is no longer part of its space; undefined while it is, as far as is known. */
export function endOf({ connection, deleted }: SyncStatus): 'removed' | 'deleted' | 'said-deleted' | undefined {
	if (deleted) return deleted.isProven ? 'deleted' : 'said-deleted';
	return connection.type === 'refused' && connection.code === 'not-a-device' ? 'removed' : undefined;
}

function describeConnection(status: SyncStatus): Omit<StatusText, 'troubles'> {
	const { connection, pendingStreams: pending } = status;
	switch (connection.type) {
		case 'connecting':
			return { icon: 'refresh-cw', tone: 'busy', line: 'Connecting…' };
		case 'online':
			if (pending > 0) return { icon: 'refresh-cw', tone: 'busy', line: 'Syncing…' };
			if (status.stuck.length > 0 || status.quarantined.length > 0)
				return { icon: 'triangle-alert', tone: 'danger', line: 'Partly synced' };
			return { icon: 'circle-check', tone: 'calm', line: 'Synced' };
		case 'offline': {
			// Streams are counted, not edits: no number that a person could check.
			const kept = pending > 0 ? 'changes will sync later' : 'all is kept on this device';
			return { icon: 'cloud-off', tone: 'off', line: `Offline · ${kept}` };
		}
		case 'refused':
			return { icon: 'triangle-alert', tone: 'danger', line: REFUSED_LINES[endOf(status) ?? 'refused'] };
	}
}

const REFUSED_LINES = {
	refused: 'Not syncing',
	removed: 'Removed from this space',
	deleted: 'This space was deleted',
	'said-deleted': 'Not syncing',
} as const;

const ENDS = {
	removed:
		'This device was removed from the space. What it had is still here to read; nothing new comes in, and what you change here reaches nobody.',
	deleted:
		'This space was deleted by one of its devices, at the relay and for everybody. What this device had is still here.',
	'said-deleted':
		'The relay says that this space was deleted, but cannot show that one of its devices wanted it. Everything stays on this device.',
} as const;

function refusal(status: SyncStatus): Trouble[] {
	const { connection } = status;
	const end = endOf(status);
	if (end !== undefined) {
		const link = { href: '/settings/ended', label: 'What you can do' };
		return [{ tone: end === 'said-deleted' ? 'danger' : 'warning', sentence: ENDS[end], details: [], link }];
	}
	if (connection.type !== 'refused') return [];
	const sentence = `${refusalReason(connection)} Everything stays on this device meanwhile.`;
	return [{ tone: 'danger', sentence, details: [] }];
}

function refusalReason({ code, reason }: Extract<SyncStatus['connection'], { type: 'refused' }>): string {
	switch (code) {
		case 'too-old':
			return reason;
		case 'invite-required':
			return `${reason} Ask whoever runs it for a link, and open that in this browser.`;
		default:
			return `The relay refused this device: ${reason}`;
	}
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
	const what =
		count === 1
			? 'One file or line stands still and does not sync.'
			: `${count.toLocaleString('en')} files and lines stand still and do not sync.`;
	// By name, each is on the Sync page.
	const reasons = [...new Set(status.stuck.map(({ reason }) => reason))];
	return [
		{
			tone: 'warning',
			sentence: `${what} What this device has is kept and untouched.`,
			details: reasons,
			link: SYNC_LINK,
		},
	];
}

function quarantined(status: SyncStatus): Trouble[] {
	const count = countQuarantined(status);
	if (count === 0) return [];
	const what = count === 1 ? 'One change of another device' : `${count} changes of other devices`;
	return [
		{
			tone: 'warning',
			sentence: `${what} could not be read and ${count === 1 ? 'was' : 'were'} put aside. The rest goes on; it is tried again at each start.`,
			details: [],
			link: SYNC_LINK,
		},
	];
}

/** Changes that were put aside, over all documents. */
export function countQuarantined({ quarantined: aside }: SyncStatus): number {
	return aside.reduce((sum, { count }) => sum + count, 0);
}

function republished({ republished: again }: SyncStatus, now: number): Trouble[] {
	if (!again || now - again.at > NEWS_MS) return [];
	return [{ tone: 'warning', sentence: describeRepublished(again.streams), details: [], link: SYNC_LINK }];
}

/** That the relay had lost something, and what became of it. */
export function describeRepublished(streams: number): string {
	const what = streams === 1 ? 'one file or line' : `${streams.toLocaleString('en')} files and lines`;
	return `The relay was set back to an older state. This device gave back what it lacked, in ${what}.`;
}

const SYNC_LINK = { href: '/settings/sync', label: 'More about sync' } as const;

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

/** Whether this tab is the one that talks to the relay. */
export function describeTab({ connection, isLeader }: Pick<SyncStatus, 'connection' | 'isLeader'>): string {
	if (connection.type !== 'online') return 'Not connected now';
	return isLeader ? 'Holds the connection' : 'Another tab holds the connection';
}
