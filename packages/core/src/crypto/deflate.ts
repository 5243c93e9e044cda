import { type Bytes, concatBytes } from '../bytes.ts';

/** deflate-raw (RFC 1951) by the platform. */
export async function deflate(bytes: Bytes): Promise<Bytes> {
	return concatBytes(...(await pump(bytes, new CompressionStream('deflate-raw'), Number.POSITIVE_INFINITY)));
}

/** The inflated bytes; undefined when these are not deflated or grow past `limit` bytes. */
export async function inflate(bytes: Bytes, limit: number): Promise<Bytes | undefined> {
	try {
		return concatBytes(...(await pump(bytes, new DecompressionStream('deflate-raw'), limit)));
	} catch {
		return undefined;
	}
}

async function pump(bytes: Bytes, transform: CompressionStream | DecompressionStream, limit: number): Promise<Bytes[]> {
	const writer = transform.writable.getWriter();
	// Errors of writing surface in reading; unheard they would count as unhandled.
	const written = Promise.allSettled([writer.write(bytes), writer.close()]);
	const chunks: Bytes[] = [];
	const reader = transform.readable.getReader();
	let size = 0;
	for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
		chunks.push(chunk.value);
		size += chunk.value.length;
		if (size > limit) {
			await reader.cancel();
			throw new RangeError('grows too large');
		}
	}
	await written;
	return chunks;
}
