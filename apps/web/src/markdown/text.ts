/** Text without its backslash escapes and entities. */
export function unescapeMarkdown(written: string): string {
	return written
		.replace(/\\([!-/:-@[-`{-~])/g, '$1')
		.replace(/&(?:#x[\da-f]{1,6}|#\d{1,7}|\w{2,31});/gi, (entity) => decodeEntity(entity));
}

/** The entities people and models write; an unknown one stays as written. */
const ENTITIES: ReadonlyMap<string, string> = new Map(
	Object.entries({
		amp: '&',
		lt: '<',
		gt: '>',
		quot: '"',
		apos: "'",
		nbsp: '\u00a0',
		copy: '©',
		reg: '®',
		trade: '™',
		hellip: '…',
		mdash: '—',
		ndash: '–',
		lsquo: '‘',
		rsquo: '’',
		ldquo: '“',
		rdquo: '”',
		laquo: '«',
		raquo: '»',
		bull: '•',
		middot: '·',
		times: '×',
		divide: '÷',
		plusmn: '±',
		deg: '°',
		euro: '€',
		pound: '£',
		yen: '¥',
		cent: '¢',
		sect: '§',
		para: '¶',
		larr: '←',
		rarr: '→',
		uarr: '↑',
		darr: '↓',
		harr: '↔',
		le: '≤',
		ge: '≥',
		ne: '≠',
		asymp: '≈',
		infin: '∞',
		frac12: '½',
		frac14: '¼',
		frac34: '¾',
		sup2: '²',
		sup3: '³',
		check: '✓',
		auml: 'ä',
		ouml: 'ö',
		uuml: 'ü',
		Auml: 'Ä',
		Ouml: 'Ö',
		Uuml: 'Ü',
		szlig: 'ß',
		eacute: 'é',
		egrave: 'è',
		agrave: 'à',
		ccedil: 'ç',
		ntilde: 'ñ',
	}),
);

/** The character an entity such as `&amp;` or `&#x2014;` stands for. */
export function decodeEntity(written: string): string {
	const name = written.slice(1, -1);
	if (!name.startsWith('#')) return ENTITIES.get(name) ?? written;
	const isHex = /^#x/i.test(name);
	const point = Number.parseInt(name.slice(isHex ? 2 : 1), isHex ? 16 : 10);
	const isCharacter = point > 0 && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
	return isCharacter ? String.fromCodePoint(point) : '\ufffd';
}
