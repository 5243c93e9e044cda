import { turns } from './test-clock.ts';

/**
 * Waits until nothing happens any more: WebCrypto and deflate answer from other threads, at times no test can know, so
 * what is under way is counted while this is in use. Disposing takes the counting out again.
 */
export interface Quiet extends Disposable {
	/** Resolves when no such work is under way and nothing started one for a few turns of the event loop. */
	settle(): Promise<void>;
}

const COUNTED = [
	'encrypt',
	'decrypt',
	'sign',
	'verify',
	'digest',
	'deriveBits',
	'deriveKey',
	'generateKey',
	'importKey',
	'exportKey',
] as const;
const QUIET_TURNS = 3;

/** Starts counting. */
export function createQuiet(): Quiet {
	const subtle = crypto.subtle;
	let underWay = 0;
	for (const name of COUNTED) {
		const original: unknown = Reflect.get(subtle, name);
		if (typeof original !== 'function') throw new Error(`no ${name}`);
		Object.defineProperty(subtle, name, {
			configurable: true,
			async value(...args: readonly unknown[]) {
				underWay++;
				try {
					return await original.apply(subtle, args);
				} finally {
					underWay--;
				}
			},
		});
	}
	const streams = [countStream('CompressionStream'), countStream('DecompressionStream')];
	return {
		async settle() {
			for (let quiet = 0; quiet < QUIET_TURNS; quiet = underWay > 0 ? 0 : quiet + 1) await turns(1);
		},
		[Symbol.dispose]() {
			for (const name of COUNTED) Reflect.deleteProperty(subtle, name);
			for (const stream of streams) stream[Symbol.dispose]();
		},
	};

	/** Puts a constructor in place of the platform's whose streams count as under way until they were read. */
	function countStream(name: 'CompressionStream' | 'DecompressionStream'): Disposable {
		const original = globalThis[name];
		function open(format: CompressionFormat) {
			const inner = new original(format);
			return { writable: inner.writable, readable: counted(inner.readable) };
		}
		Object.defineProperty(globalThis, name, { configurable: true, writable: true, value: open });
		return {
			[Symbol.dispose]: () => {
				Object.defineProperty(globalThis, name, { configurable: true, writable: true, value: original });
			},
		};
	}

	function counted(readable: ReadableStream<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
		const reader = readable.getReader();
		let isOver = false;
		underWay++;
		const end = () => {
			if (!isOver) underWay--;
			isOver = true;
		};
		return new ReadableStream({
			async pull(controller) {
				try {
					const chunk = await reader.read();
					if (!chunk.done) return controller.enqueue(chunk.value);
					end();
					controller.close();
				} catch (error) {
					end();
					controller.error(error);
				}
			},
			cancel(reason) {
				end();
				return reader.cancel(reason);
			},
		});
	}
}
