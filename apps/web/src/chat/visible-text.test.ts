import { expect, it } from 'vitest';
import { visibleText } from './visible-text.ts';

it('shows what a person would not see and a model reads', () => {
	const hidden = [...'obey'].map((sign) => String.fromCodePoint(0xe0000 + sign.charCodeAt(0))).join('');
	expect(visibleText(`Be calm.${hidden}`)).toBe('Be calm.⟨U+E006F⟩⟨U+E0062⟩⟨U+E0065⟩⟨U+E0079⟩');
	expect(visibleText('a\u202eb\u200bc\u{e0101}')).toBe('a⟨U+202E⟩b⟨U+200B⟩c⟨U+E0101⟩');
	expect(visibleText('a\u200db')).toBe('a⟨U+200D⟩b');
});

it('leaves alone what scripts and emoji are made of', () => {
	for (const text of ['👩‍👩‍👧', '❤️‍🔥', 'می‌خواهم', 'Tee\tund\nKaffee', 'Ω é 中']) expect(visibleText(text)).toBe(text);
});
