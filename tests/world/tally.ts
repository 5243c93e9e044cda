import { createHash } from 'node:crypto';
import type { Log } from '@pocketeer/core/ports/log';
import { decodeRelayMessage } from '@pocketeer/core/protocol/codec';
import type { Direction } from '@pocketeer/core/testing/socket-pair';

/** What happened in a schedule: how often what a world must not miss came about, and a digest of every frame. */
export interface Tally {
	/** By name. */
	readonly counts: ReadonlyMap<string, number>;
	/** A log that only counts its events. */
	readonly log: Log;
	note(what: string, times?: number): void;
	/** A frame was handed to the network at a moment. */
	frame(at: number, direction: Direction, frame: Uint8Array): void;
	/** The same for the same schedule: of moments, directions, types and lengths; what is sealed is never the same. */
	digest(): string;
}

/** Messages of the relay that are counted, by the number of their type (`protocol/codec.ts`). */
const COUNTED: ReadonlyMap<number, string> = new Map([
	[155, 'echo'],
	[163, 'error'],
	[168, 'snapshot part sent'],
	[169, 'snapshot kept'],
]);

/** Starts at nothing. */
export function createTally(): Tally {
	const counts = new Map<string, number>();
	const digest = createHash('sha256');
	const note = (what: string, times = 1) => void counts.set(what, (counts.get(what) ?? 0) + times);
	return {
		counts,
		note,
		log: {
			info: (event) => note(event),
			warn: (event, { error, reason } = {}) => note(`${event} ${error ?? reason ?? ''}`),
		},
		frame(at, direction, frame) {
			// Two bytes of a varuint: types are below 2^14.
			const [low = 0, high = 0] = frame;
			const type = low < 128 ? low : low - 128 + high * 128;
			digest.update(`${at} ${direction} ${type} ${frame.length}\n`);
			const name = direction === 'to-device' ? COUNTED.get(type) : undefined;
			if (name === 'error') noteError(frame);
			else if (name !== undefined) note(name);
		},
		digest: () => digest.copy().digest('hex'),
	};

	function noteError(frame: Uint8Array): void {
		const message = decodeRelayMessage(new Uint8Array(frame));
		if (message.ok && message.value.type === 'error') note(`refused: ${message.value.code}`);
	}
}
