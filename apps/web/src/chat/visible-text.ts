/** Signs that join what is seen into one: harmless behind a sign of a script or an emoji that needs them. */
const JOINS = new Set(['\u200c', '\u200d', '\ufe0e', '\ufe0f']);

/**
 * A text with the signs shown that do not show, or that turn others round: a model reads them, so a person who allows
 * something has to see them.
 */
export function visibleText(text: string): string {
	return text.replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, (sign, offset: number) => {
		const before = text.charCodeAt(offset - 1);
		if (JOINS.has(sign) && before > 0x7f) return sign;
		return `⟨U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`;
	});
}
