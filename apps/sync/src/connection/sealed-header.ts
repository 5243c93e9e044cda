/** The one form of sealed entries and snapshots there is so far (SPEC.md, Entry and Snapshot). */
const VERSION = 1;

/** The epoch that the header of a sealed entry or snapshot names; undefined for a form that is not known here. */
export function epochOfSealed(sealed: Uint8Array): number | undefined {
	if (sealed[0] !== VERSION) return undefined;
	let epoch = 0;
	let unit = 1;
	// A varuint: seven bits a byte, the lowest first.
	for (let index = 1; index < sealed.length && unit <= Number.MAX_SAFE_INTEGER; index++) {
		const byte = sealed[index] ?? 0;
		epoch += (byte & 0x7f) * unit;
		if (byte < 0x80) return epoch;
		unit *= 128;
	}
	return undefined;
}

/** Whether it is sealed under an epoch before `current` (SY15). */
export function isStale(sealed: Uint8Array, current: number): boolean {
	const epoch = epochOfSealed(sealed);
	return epoch !== undefined && epoch < current;
}
