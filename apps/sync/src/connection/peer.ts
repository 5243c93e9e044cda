/** The other end of one connection, as the relay uses it; a WebSocket, or a double of one. */
export interface Peer {
	/** Queues a frame. */
	send(frame: Uint8Array): void;
	/** Queues a frame and resolves once the network took it, or the connection is gone. */
	sendFlushed(frame: Uint8Array): Promise<void>;
	/** Bytes queued and not yet taken by the network. */
	readonly bufferedBytes: number;
	/** Stops and goes on reading from the network. */
	pause(): void;
	resume(): void;
	/** Closes politely, after what is queued; the network may still deliver frames, which nobody reads. */
	close(code: number, reason: string): void;
}
