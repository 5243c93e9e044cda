import { expect, it } from 'vitest';
import { isSharedId, sharedText } from './shared-kept.ts';

it('makes one text of what other apps share, each part once', () => {
	expect(sharedText({ title: '', text: '', url: '' })).toBe('');
	expect(sharedText({ title: 'A page', text: 'Read this', url: 'https://example.com/a' })).toBe(
		'A page\nRead this\nhttps://example.com/a',
	);
	expect(sharedText({ title: 'A page', text: 'A page https://example.com/a ', url: 'https://example.com/a' })).toBe(
		'A page https://example.com/a',
	);
	expect(sharedText({ title: 'Same', text: 'Same', url: '' })).toBe('Same');
});

it('knows its own ids', () => {
	expect(isSharedId('q1Vb3J0m8rTqS4n9Jd1oYb')).toBe(true);
	expect(isSharedId('../q1Vb3J0m8rTqS4n9Jd1')).toBe(false);
	expect(isSharedId('')).toBe(false);
});
