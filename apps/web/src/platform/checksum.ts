/**
 * FNV-1a over bytes with the length mixed in, as an unsigned 32-bit number. It finds rows that a disk or a cut write
 * changed; it proves nothing against a person, who could write the checksum too.
 */
export function checksum(bytes: Uint8Array): number {
	let hash = 0x811c9dc5 ^ bytes.length;
	for (let index = 0; index < bytes.length; index += 1) {
		hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x01000193);
	}
	return hash >>> 0;
}
