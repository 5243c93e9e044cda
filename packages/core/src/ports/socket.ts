/** One open or opening binary connection to the relay. */
export interface Socket extends Disposable {
	/** Queues a frame; frames arrive in order or the socket closes. */
	send(frame: Uint8Array): void;
	/** Bytes queued and not yet handed to the network. */
	readonly bufferedBytes: number;
}

/** What a socket tells its owner; after `closed` nothing more comes. */
export interface SocketEvents {
	opened(): void;
	received(frame: Uint8Array): void;
	/** Code `NOT_BINARY` when a text frame came, which no relay sends. */
	closed(event: { readonly code: number; readonly reason: string }): void;
}

/** RFC 6455, 7.4.1: data of a kind that cannot be accepted. */
export const NOT_BINARY = 1003;

/** Opens connections to the relay. */
export interface Dialer {
	dial(url: string, events: SocketEvents): Socket;
}
export interface DialerDep {
	readonly dialer: Dialer;
}
