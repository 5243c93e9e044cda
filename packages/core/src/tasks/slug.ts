/** Longest slug, in characters. */
const MAX_LENGTH = 40;

/** A file name for a text: `call-the-dentist`; at most 40 characters, letters of any script kept. */
export function slugOf(text: string): string {
	const words = text
		.normalize('NFKD')
		.replace(/(?<=\p{Script=Latin})\p{M}+/gu, '')
		.normalize('NFC')
		.toLowerCase()
		.replace(/['’]/g, '')
		.split(/[^\p{L}\p{M}\p{N}]+/u)
		.filter((word) => word !== '');
	let slug = '';
	for (const word of words) {
		const longer = slug === '' ? word : `${slug}-${word}`;
		if ([...longer].length > MAX_LENGTH) break;
		slug = longer;
	}
	// A single word beyond the limit, and scripts without spaces, are cut.
	return slug || [...(words[0] ?? '')].slice(0, MAX_LENGTH).join('') || 'task';
}
