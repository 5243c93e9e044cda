import type { Emitter } from '../emitter.ts';
import type { StreamName } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { SyncStatus } from './sync.ts';

/** Who waits in this tab until a stream holds all that the relay has. */
export interface Awaiting {
	/** Resolves when it does, and when it will not come: offline, or when it stands still. */
	until(stream: StreamName): Promise<void>;
	has(stream: StreamName): boolean;
	streams(): readonly StreamName[];
}

/** A leader that does not answer a fresh tab is frozen or older; the tab goes on with what is on disk. */
const FOLLOWER_PATIENCE_MS = 10_000;

/** Nobody waits yet. `begin` has a stream followed; `over` hears that somebody waits no longer. */
export function createAwaiting(
	{ clock }: ClockDep,
	tab: {
		readonly caughtUp: Emitter<StreamName>;
		readonly statusChanges: Emitter<SyncStatus>;
		status(): SyncStatus;
		isLeader(): boolean;
		isCaughtUp(stream: StreamName): boolean;
		begin(stream: StreamName): void;
		over(): void;
	},
): Awaiting {
	const counts = new Map<StreamName, number>();
	return {
		until(stream) {
			tab.begin(stream);
			return tab.isCaughtUp(stream) ? Promise.resolve() : waitFor(stream);
		},
		has: (stream) => counts.has(stream),
		streams: () => [...counts.keys()],
	};

	function waitFor(stream: StreamName): Promise<void> {
		counts.set(stream, (counts.get(stream) ?? 0) + 1);
		return new Promise((resolve) => {
			const waiting = new DisposableStack();
			waiting.defer(() => leave(stream));
			const done = () => {
				waiting.dispose();
				resolve();
			};
			const look = () => {
				const { connection, stuck } = tab.status();
				const isComing = connection.type === 'online' || connection.type === 'connecting';
				if (!isComing || stuck.some((one) => one.stream === stream)) done();
			};
			waiting.use(tab.caughtUp.subscribe((reached) => void (reached === stream && done())));
			waiting.use(tab.statusChanges.subscribe(look));
			if (!tab.isLeader()) {
				waiting.use(clock.setTimer(FOLLOWER_PATIENCE_MS, () => void (tab.isLeader() || done())));
			}
			look();
		});
	}

	function leave(stream: StreamName): void {
		const others = (counts.get(stream) ?? 1) - 1;
		if (others > 0) counts.set(stream, others);
		else counts.delete(stream);
		tab.over();
	}
}
