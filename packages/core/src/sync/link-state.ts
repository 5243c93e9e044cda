import type { Bytes } from '../bytes.ts';
import type { StreamId, StreamName } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { LogDep } from '../ports/log.ts';
import type { SealedRow, StoreError, StreamPosition } from '../ports/store.ts';
import type { ClientMessage, RelayMessage } from '../protocol/messages.ts';
import type { LogAside } from './log-aside.ts';
import type { OutboxDeps } from './outbox.ts';
import type { Quarantine } from './quarantine.ts';
import type { SnapshotMaker } from './snapshot-maker.ts';
import type { SnapshotParts } from './snapshot-parts.ts';

/** What the relay says of one stream. */
export type StreamMessage = RelayMessage & {
	readonly type: 'entries' | 'echo' | 'head' | 'snapshot' | 'snapshot-kept';
};

export type StreamLinkDeps = OutboxDeps &
	ClockDep &
	LogDep & {
		send(message: ClientMessage): void;
		/** Bytes that were sent and are still on this device. */
		bufferedBytes(): number;
		/** Updates of others, on disk now. */
		arrived(stream: StreamName, updates: readonly Bytes[]): void;
		/** `isCaughtUp`, `stuck` or another field of the link changed. */
		changed(stream: StreamName): void;
		/** One of our entries was confirmed. */
		settled(stream: StreamName): void;
	};

/** What one link knows. Its steps read and change it, one step at a time, in the order of what happened. */
export interface LinkState {
	readonly name: StreamName;
	readonly id: StreamId;
	readonly deps: StreamLinkDeps;
	readonly quarantine: Quarantine;
	readonly parts: SnapshotParts;
	readonly maker: SnapshotMaker;
	/** As on disk; undefined while that is not known. */
	position: StreamPosition | undefined;
	/** The log read from its beginning, while the position says `republish`. */
	aside: LogAside | undefined;
	/** Counts sessions: what was begun in an earlier one is not carried on. */
	session: number;
	isConnected: boolean;
	/** `open` was sent in this session. */
	isOpen: boolean;
	isCaughtUp: boolean;
	/** How many `open`s of this session may still be answered; one that was followed by another may never be. */
	headsDue: number;
	/** False only if it was said, or seen, and nobody asked for a `drain` since. */
	mayHaveRows: boolean;
	/** Why reading stands still (R4); lifted by the next session. */
	pin: Pin | undefined;
	/** Why writing stands still. */
	blocked: string | undefined;
	/** The relay knows newer keys than we do (SY15). */
	isWaitingForKeys: boolean;
	underWay: SealedRow | undefined;
	/** When the relay was found to have another log than the one that was read here, ms since the epoch. */
	republishedAt: number | undefined;
	/** The session in which that was: a relay that does it again is not believed. */
	forkedIn: number;

	/** Opens the stream where it stands, or, if the position says so, at its beginning. */
	reopen(): void;
	stop(pin: Pin): void;
	block(reason: string): void;
	/** Stops, and tries again when somebody may have made room. */
	failedHere(error: StoreError): void;
	retryIn(delayMs: number, run: () => void): void;
	enqueue(task: () => Promise<void>): void;
}

export interface Pin {
	/** A sentence for a person. */
	readonly reason: string;
	/** Newer keys may lift it. */
	readonly isOfKeys?: boolean;
}

/** Up to where the log was read: on disk, or aside. */
export function readUpTo(link: LinkState): StreamPosition | undefined {
	return link.aside?.position ?? link.position;
}
