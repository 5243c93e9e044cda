import type { Dialer, Socket, SocketEvents } from '../ports/socket.ts';

/** The relay's end of a connection. */
export interface RelayEnd {
	send(frame: Uint8Array): void;
	close(code: number, reason: string): void;
}

/** What the relay's end hears; after `closed` nothing more. */
export interface RelayEndEvents {
	received(frame: Uint8Array): void;
	closed(): void;
}

export type Direction = 'to-relay' | 'to-device';

/** The network between one device and a relay, all in memory: frames keep their order, and a test decides their fate. */
export interface TestNetwork extends Dialer {
	/** While down, dialling fails. Sockets that are open stay open: see `cut`. */
	isDown: boolean;
	/** Every socket breaks now; frames under way are lost, both ends hear of it. */
	cut(): void;
	/** The relay closes every socket with this code. */
	close(code: number): void;
	/** Frames of this direction wait until `release`, or are lost by a `cut`. */
	hold(direction: Direction): void;
	release(direction: Direction): void;
	/** Asked for each frame: true delivers it twice. */
	repeats: (direction: Direction, frame: Uint8Array) => boolean;
	/** Sees each frame as it is handed in; what it answers is delivered in its place. */
	tap: (direction: Direction, frame: Uint8Array) => Uint8Array;
	readonly openSockets: number;
	/** How often a device dialled. */
	readonly dials: number;
}

interface Line {
	readonly queue: Uint8Array[];
	readonly deliver: (frame: Uint8Array) => void;
	readonly direction: Direction;
}

interface Connected {
	isOpen: boolean;
	readonly lines: Readonly<Record<Direction, Line>>;
	readonly end: (code: number, reason: string, told: 'device' | 'both' | 'relay') => void;
}

/** Makes a network; `accept` is the relay, called once for each connection. */
export function createTestNetwork(accept: (url: string, end: RelayEnd) => RelayEndEvents): TestNetwork {
	const open = new Set<Connected>();
	const held = new Set<Direction>();
	let dials = 0;

	const network: TestNetwork = {
		isDown: false,
		repeats: () => false,
		tap: (_, frame) => frame,
		dial,
		cut() {
			for (const connected of open) connected.end(1006, 'cut', 'both');
		},
		close(code) {
			for (const connected of open) connected.end(code, 'closed', 'both');
		},
		hold: (direction) => void held.add(direction),
		release(direction) {
			held.delete(direction);
			for (const connected of open) pump(connected, connected.lines[direction]);
		},
		get openSockets() {
			return open.size;
		},
		get dials() {
			return dials;
		},
	};
	return network;

	function dial(url: string, events: SocketEvents): Socket {
		dials++;
		let connected: Connected | undefined;
		let isWanted = true;
		queueMicrotask(() => {
			if (!isWanted) return;
			if (network.isDown) return events.closed({ code: 1006, reason: 'no network' });
			connected = connect(url, events);
		});
		return {
			send: (frame) => connected && put(connected, 'to-relay', frame),
			get bufferedBytes() {
				return connected?.lines['to-relay'].queue.reduce((sum, frame) => sum + frame.length, 0) ?? 0;
			},
			[Symbol.dispose]() {
				isWanted = false;
				connected?.end(1000, 'done', 'relay');
			},
		};
	}

	function connect(url: string, events: SocketEvents): Connected {
		const connected: Connected = {
			isOpen: true,
			lines: {
				'to-device': { queue: [], direction: 'to-device', deliver: (frame) => events.received(frame) },
				'to-relay': { queue: [], direction: 'to-relay', deliver: (frame) => relay.received(frame) },
			},
			end(code, reason, told) {
				if (!connected.isOpen) return;
				connected.isOpen = false;
				open.delete(connected);
				queueMicrotask(() => {
					if (told !== 'device') relay.closed();
					if (told !== 'relay') events.closed({ code, reason });
				});
			},
		};
		open.add(connected);
		// The relay may speak at once, so its half must know the connection before it is asked to accept.
		const relay = accept(url, {
			send: (frame) => put(connected, 'to-device', frame),
			close: (code, reason) => closeAfterFrames(connected, code, reason),
		});
		events.opened();
		return connected;
	}

	function put(connected: Connected, direction: Direction, frame: Uint8Array): void {
		if (!connected.isOpen) return;
		const line = connected.lines[direction];
		const tapped = new Uint8Array(network.tap(direction, new Uint8Array(frame)));
		line.queue.push(tapped);
		if (network.repeats(direction, tapped)) line.queue.push(tapped);
		pump(connected, line);
	}

	function pump(connected: Connected, line: Line): void {
		queueMicrotask(() => {
			while (connected.isOpen && !held.has(line.direction)) {
				const frame = line.queue.shift();
				if (!frame) return;
				line.deliver(frame);
			}
		});
	}

	/** What the relay said before it hung up still arrives. */
	function closeAfterFrames(connected: Connected, code: number, reason: string): void {
		queueMicrotask(() =>
			queueMicrotask(() => {
				if (held.has('to-device')) return connected.end(1006, 'cut', 'device');
				connected.end(code, reason, 'device');
			}),
		);
	}
}
