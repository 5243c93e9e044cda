import { type Dialer, NOT_BINARY } from '@pocketeer/core/ports/socket';

/** Dials the relay with the browser's WebSocket; frames are binary. */
export function createBrowserDialer(): Dialer {
	return {
		dial(url, events) {
			const socket = new WebSocket(url);
			socket.binaryType = 'arraybuffer';
			let isOver = false;
			const close = (code: number, reason: string) => {
				if (isOver) return;
				isOver = true;
				events.closed({ code, reason });
			};
			socket.onopen = () => {
				if (!isOver) events.opened();
			};
			socket.onmessage = ({ data }) => {
				if (isOver) return;
				if (data instanceof ArrayBuffer) return events.received(new Uint8Array(data));
				// The relay never sends text: whatever answers there is not our relay.
				socket.close(4400, 'binary frames only');
				close(NOT_BINARY, 'text frame');
			};
			socket.onclose = ({ code, reason }) => close(code, reason);
			return {
				send: (frame) => {
					// A socket that is closing drops the frame; the outbox keeps what matters until it is echoed.
					if (socket.readyState === WebSocket.OPEN) socket.send(new Uint8Array(frame));
				},
				get bufferedBytes() {
					return socket.bufferedAmount;
				},
				[Symbol.dispose]: () => {
					// The owner asked: it needs no event about it.
					isOver = true;
					socket.close(1000);
				},
			};
		},
	};
}
