import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { messageYjsSyncStep1, messageYjsSyncStep2, writeUpdate } from 'y-protocols/sync';
import { messageAwareness, messageSync, type WebsocketProvider } from 'y-websocket';
import type { ClockDep } from '../ports/clock.ts';

/**
 * What a `WebsocketProvider` takes for a socket. On the provider's side it is always open and speaks y-protocols; behind
 * it is no network but this device's store. What was not typed in this tab comes in through `receive`, so that the
 * provider does not send it back.
 */
export interface Door extends Disposable {
	/** To be handed to the provider. */
	readonly socketClass: SocketClass;
	/** Gives an update to the provider, at the latest when it next opens the door. */
	receive(update: Uint8Array): void;
}

type ProviderOptions = NonNullable<ConstructorParameters<typeof WebsocketProvider>[3]>;
type SocketClass = NonNullable<ProviderOptions['WebSocketPolyfill']>;

export interface DoorSide {
	/** State vector of what is on disk; asks the provider for what is not. */
	keptStateVector(): Uint8Array;
	/** What the provider has beyond that. May hold nothing new. */
	offered(update: Uint8Array): void;
}

/** The provider hangs up after 30 s without a message. */
const KEEP_ALIVE_MS = 15_000;
/** A Yjs update that changes nothing: no structs, no deletions. */
const NOTHING = Uint8Array.of(0, 0);

/** The part of a WebSocket that y-websocket uses. */
interface DoorSocket {
	readonly OPEN: number;
	readyState: number;
	binaryType: BinaryType;
	onopen: (() => void) | null;
	onmessage: ((event: { readonly data: ArrayBuffer }) => void) | null;
	onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
	onerror: (() => void) | null;
	send(data: Uint8Array): void;
	close(): void;
}

/** Makes the door of one document. */
export function createDoor(deps: ClockDep, side: DoorSide): Door {
	let current: DoorSocket | undefined;
	let waiting: Uint8Array[] = [];
	let keepAlive = deps.clock.setTimer(KEEP_ALIVE_MS, stayAlive);

	// A function that returns an object is a constructor that makes that object: y-websocket calls it with `new`.
	function open(): DoorSocket {
		const socket = makeSocket();
		current = socket;
		queueMicrotask(() => {
			if (current !== socket) return;
			socket.readyState = socket.OPEN;
			socket.onopen?.();
		});
		return socket;
	}

	return {
		socketClass: open as unknown as SocketClass,
		receive(update) {
			waiting.push(update);
			flush();
		},
		[Symbol.dispose]() {
			keepAlive[Symbol.dispose]();
			current = undefined;
		},
	};

	function makeSocket(): DoorSocket {
		const socket: DoorSocket = {
			OPEN: 1,
			readyState: 0,
			binaryType: 'arraybuffer',
			onopen: null,
			onmessage: null,
			onclose: null,
			onerror: null,
			send(data) {
				if (current === socket) sent(data);
			},
			close() {
				socket.readyState = 3;
				if (current === socket) current = undefined;
			},
		};
		return socket;
	}

	function sent(data: Uint8Array): void {
		const decoder = decoding.createDecoder(data);
		// Awareness stays in the tab, and updates are kept by the document's own listener, which misses none.
		if (decoding.readVarUint(decoder) !== messageSync) return;
		switch (decoding.readVarUint(decoder)) {
			case messageYjsSyncStep1:
				flush();
				tell(messageYjsSyncStep2, NOTHING);
				tell(messageYjsSyncStep1, side.keptStateVector());
				return;
			case messageYjsSyncStep2:
				side.offered(decoding.readVarUint8Array(decoder));
				return;
			default:
				return;
		}
	}

	function flush(): void {
		if (current?.readyState !== current?.OPEN || !current?.onmessage) return;
		const updates = waiting;
		waiting = [];
		for (const update of updates) {
			const encoder = encoding.createEncoder();
			encoding.writeVarUint(encoder, messageSync);
			writeUpdate(encoder, update);
			deliver(encoder);
		}
	}

	function tell(step: number, bytes: Uint8Array): void {
		const encoder = encoding.createEncoder();
		encoding.writeVarUint(encoder, messageSync);
		encoding.writeVarUint(encoder, step);
		encoding.writeVarUint8Array(encoder, bytes);
		deliver(encoder);
	}

	/** An awareness message about nobody: the smallest that counts as a sign of life. */
	function stayAlive(): void {
		const encoder = encoding.createEncoder();
		encoding.writeVarUint(encoder, messageAwareness);
		encoding.writeVarUint8Array(encoder, Uint8Array.of(0));
		deliver(encoder);
		keepAlive = deps.clock.setTimer(KEEP_ALIVE_MS, stayAlive);
	}

	function deliver(encoder: encoding.Encoder): void {
		const data = new Uint8Array(encoding.toUint8Array(encoder)).buffer;
		if (current?.readyState === current?.OPEN) current?.onmessage?.({ data });
	}
}
