import {
	createCipheriv,
	createDecipheriv,
	createHash,
	createHmac,
	createSecretKey,
	diffieHellman,
	generateKeyPairSync,
	hkdfSync,
	KeyObject,
	sign,
	timingSafeEqual,
	verify,
} from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

/**
 * The platform without its other threads and its own time, so that a schedule of the world depends on its seed alone and
 * thousands of them take minutes: the same primitives by the same OpenSSL, answering at once; other algorithms throw.
 * Intervals never fire: only y-websocket and its awareness set any, to look whether a socket is alive that is none here.
 * Disposing puts everything back.
 */
export function inlinePlatform(): Disposable {
	const restore = new DisposableStack();
	for (const [name, replacement] of Object.entries(SUBTLE)) replace(crypto.subtle, name, replacement, restore);
	replace(globalThis, 'CompressionStream', streamClass(deflateRawSync), restore);
	replace(globalThis, 'DecompressionStream', streamClass(inflateRawSync), restore);
	replace(globalThis, 'setInterval', () => undefined, restore);
	// Tabs that were killed never take their listeners off.
	const before = new Set(process.listeners('exit'));
	const most = process.getMaxListeners();
	process.setMaxListeners(0);
	restore.defer(() => {
		for (const listener of process.listeners('exit')) if (!before.has(listener)) process.off('exit', listener);
		process.setMaxListeners(most);
	});
	return restore;
}

const TAG_BYTES = 16;

const SUBTLE = {
	async digest(algorithm: unknown, data: BufferSource) {
		expectName(algorithm, 'SHA-256');
		return bufferOf(createHash('sha256').update(viewOf(data)).digest());
	},
	async encrypt({ iv, additionalData }: AesGcmParams, key: CryptoKey, data: BufferSource) {
		const cipher = createCipheriv('aes-256-gcm', KeyObject.from(key), viewOf(iv));
		if (additionalData) cipher.setAAD(viewOf(additionalData));
		return bufferOf(Buffer.concat([cipher.update(viewOf(data)), cipher.final(), cipher.getAuthTag()]));
	},
	async decrypt({ iv, additionalData }: AesGcmParams, key: CryptoKey, data: BufferSource) {
		const decipher = createDecipheriv('aes-256-gcm', KeyObject.from(key), viewOf(iv));
		if (additionalData) decipher.setAAD(viewOf(additionalData));
		const sealed = viewOf(data);
		decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
		return bufferOf(Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]));
	},
	async deriveBits(algorithm: HkdfParams | EcdhKeyDeriveParams, key: CryptoKey, length: number) {
		if ('public' in algorithm) {
			expectName(algorithm, 'X25519');
			const keys = { privateKey: KeyObject.from(key), publicKey: KeyObject.from(algorithm.public) };
			return bufferOf(diffieHellman(keys));
		}
		const { salt, info } = algorithm;
		return hkdfSync('sha256', KeyObject.from(key), viewOf(salt), viewOf(info), length / 8);
	},
	async generateKey(algorithm: unknown, isExtractable: boolean, usages: readonly KeyUsage[]) {
		const name = nameOf(algorithm) === 'Ed25519' ? 'Ed25519' : 'X25519';
		expectName(algorithm, name);
		const pair = name === 'Ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519');
		const of = (key: KeyObject, isPublic: boolean) =>
			key.toCryptoKey(
				name,
				isPublic || isExtractable,
				usages.filter((usage) => (usage === 'verify') === isPublic),
			);
		return { publicKey: of(pair.publicKey, true), privateKey: of(pair.privateKey, false) };
	},
	async deriveKey({ salt, info }: HkdfParams, key: CryptoKey, to: AesKeyGenParams, _: boolean, usages: KeyUsage[]) {
		const raw = Buffer.from(hkdfSync('sha256', KeyObject.from(key), viewOf(salt), viewOf(info), 32));
		return createSecretKey(raw).toCryptoKey({ name: to.name }, false, usages);
	},
	async sign(algorithm: unknown, key: CryptoKey, data: BufferSource) {
		if (nameOf(algorithm) === 'HMAC') return bufferOf(macOf(key, data));
		expectName(algorithm, 'Ed25519');
		return bufferOf(sign(null, viewOf(data), KeyObject.from(key)));
	},
	async verify(algorithm: unknown, key: CryptoKey, signature: BufferSource, data: BufferSource) {
		if (nameOf(algorithm) === 'HMAC') {
			const expected = macOf(key, data);
			return expected.length === signature.byteLength && timingSafeEqual(expected, viewOf(signature));
		}
		expectName(algorithm, 'Ed25519');
		return verify(null, viewOf(data), KeyObject.from(key), viewOf(signature));
	},
};

/** A transform stream that works once, when its input ends. */
function streamClass(transform: (bytes: Uint8Array) => Uint8Array) {
	return class extends TransformStream<Uint8Array, Uint8Array> {
		constructor(format: string) {
			if (format !== 'deflate-raw') throw new TypeError(`only deflate-raw here, not ${format}`);
			const chunks: Uint8Array[] = [];
			super({
				transform: (chunk) => void chunks.push(chunk),
				flush: (controller) => controller.enqueue(new Uint8Array(transform(Buffer.concat(chunks)))),
			});
		}
	};
}

function replace(target: object, name: string, value: unknown, restore: DisposableStack): void {
	const before = Object.getOwnPropertyDescriptor(target, name);
	Object.defineProperty(target, name, { configurable: true, writable: true, value });
	restore.defer(() => {
		if (before) Object.defineProperty(target, name, before);
		else Reflect.deleteProperty(target, name);
	});
}

function macOf(key: CryptoKey, data: BufferSource): Buffer {
	return createHmac('sha256', KeyObject.from(key)).update(viewOf(data)).digest();
}

function nameOf(algorithm: unknown): unknown {
	return typeof algorithm === 'object' && algorithm !== null && 'name' in algorithm ? algorithm.name : algorithm;
}

function expectName(algorithm: unknown, name: string): void {
	if (nameOf(algorithm) !== name) throw new TypeError(`only ${name} here, not ${String(nameOf(algorithm))}`);
}

function viewOf(source: BufferSource): Uint8Array {
	return ArrayBuffer.isView(source)
		? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
		: new Uint8Array(source);
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
	return new Uint8Array(bytes).buffer;
}
