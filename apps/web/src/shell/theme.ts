import type { SettingsState } from '../app.ts';

/** Colour of the browser's own bars: the canvas of tokens.css. */
const CANVAS = { light: '#f7f5f0', dark: '#181614' } as const;

/** Makes the page follow a choice of theme; `system` follows the device. */
export function applyTheme(theme: SettingsState['theme']): void {
	const root = document.documentElement;
	if (theme === 'system') delete root.dataset.theme;
	else root.dataset.theme = theme;
	for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
		const own = meta.media.includes('dark') ? 'dark' : 'light';
		meta.content = CANVAS[theme === 'system' ? own : theme];
	}
}
