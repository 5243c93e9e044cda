import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { CHROMIUM_ARGS, ensureBrowser } from './browsers.ts';

/**
 * Makes the PNG icons from `apps/web/public/icons/icon.svg`: `node scripts/icons.ts`. The PNGs are kept in git, so this
 * runs only when the mark changes.
 */
const folder = new URL('../apps/web/public/icons/', import.meta.url);

/** `scale` leaves the safe zone of maskable icons (40 % radius) around the mark. */
const icons = [
	{ name: 'icon-192.png', size: 192, look: 'rounded', scale: 1 },
	{ name: 'icon-512.png', size: 512, look: 'rounded', scale: 1 },
	{ name: 'maskable-192.png', size: 192, look: 'full', scale: 0.82 },
	{ name: 'maskable-512.png', size: 512, look: 'full', scale: 0.82 },
	{ name: 'apple-touch-icon.png', size: 180, look: 'full', scale: 0.94 },
	{ name: 'badge-96.png', size: 96, look: 'mark', scale: 1.35 },
] as const;

const source = await readFile(new URL('icon.svg', folder), 'utf8');
const browser = await chromium.launch({ executablePath: ensureBrowser('chromium'), args: CHROMIUM_ARGS });
const page = await browser.newPage();
for (const icon of icons) {
	await page.setViewportSize({ width: icon.size, height: icon.size });
	await page.setContent(`<style>body{margin:0}svg{display:block;width:100vw}</style>${drawn(icon.look, icon.scale)}`);
	await page.screenshot({ path: fileURLToPath(new URL(icon.name, folder)), omitBackground: true });
}
await browser.close();

function drawn(look: 'rounded' | 'full' | 'mark', scale: number): string {
	const scaled = source
		.replace('<g transform="', `<g transform="translate(256 256) scale(${scale}) translate(-256 -256) `)
		.replace(' rx="116"', look === 'rounded' ? ' rx="116"' : '');
	if (look !== 'mark') return scaled;
	// Android shows only the badge's alpha channel.
	return scaled.replace(/<rect[^>]*\/>/, '').replaceAll(/#[0-9a-f]{6}/g, '#ffffff');
}
