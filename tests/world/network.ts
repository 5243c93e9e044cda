import {
	createTestNetwork,
	type Direction,
	type RelayEnd,
	type RelayEndEvents,
	type TestNetwork,
} from '@pocketeer/core/testing/socket-pair';

/** The network of one device, which a schedule can make break in the middle of something. */
export interface WorldNetwork extends TestNetwork {
	/** It breaks after so many more frames of either direction. */
	cutAfter(frames: number): void;
	/** Called, once, when the device sends a snapshot's first part. */
	onSnapshot: (() => void) | undefined;
}

/** Number of the message's type (`protocol/codec.ts`). */
const SNAPSHOT_PUT = 115;

/** Makes one; `seen` is told of every frame. */
export function createWorldNetwork(
	accept: (url: string, end: RelayEnd) => RelayEndEvents,
	seen: (direction: Direction, frame: Uint8Array) => void,
): WorldNetwork {
	let framesLeft = Number.POSITIVE_INFINITY;
	const network: WorldNetwork = Object.assign(createTestNetwork(accept), {
		cutAfter(frames: number) {
			framesLeft = frames;
		},
		onSnapshot: undefined,
	});
	network.tap = (direction, frame) => {
		seen(direction, frame);
		if (frame[0] === SNAPSHOT_PUT) tellOfSnapshot();
		framesLeft--;
		if (framesLeft === 0) queueMicrotask(() => network.cut());
		return frame;
	};
	return network;

	function tellOfSnapshot(): void {
		const tell = network.onSnapshot;
		network.onSnapshot = undefined;
		tell?.();
	}
}
