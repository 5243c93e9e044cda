import { type BrowserContext, chromium, type Page } from '@playwright/test';
import { CHROMIUM_ARGS, ensureBrowser } from '../scripts/browsers.ts';

/** Sizes of a screen, in CSS pixels. */
export const SCREENS = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } } as const;

/** Starts the browser on a profile, and ends it. */
export async function inBrowser<T>(
	profile: string,
	use: (page: Page) => Promise<T>,
	viewport: { readonly width: number; readonly height: number } = SCREENS.phone,
): Promise<T> {
	const context: BrowserContext = await chromium.launchPersistentContext(profile, {
		executablePath: ensureBrowser('chromium'),
		args: CHROMIUM_ARGS,
		viewport,
	});
	try {
		return await use(context.pages()[0] ?? (await context.newPage()));
	} finally {
		await context.close();
	}
}

export function messageBox(page: Page) {
	return page.getByRole('textbox', { name: 'Message' });
}

/** The button that opens the space of these words, which are typed in then. */
export async function typeWords(page: Page, words: string) {
	await page.getByRole('link', { name: 'Settings' }).click();
	await page.getByRole('textbox', { name: 'Open another space with recovery words' }).fill(words);
	return page.getByRole('button', { name: 'Open space' });
}

/** Opens a page; milliseconds from the start of its navigation to its first paint. */
export async function firstPaint(page: Page, url: string): Promise<number> {
	await page.goto(url);
	return moment(page, 'first-paint');
}

/** When the page's mark of this name was or will be made, in milliseconds since the start of its navigation. */
export async function moment(page: Page, name: string): Promise<number> {
	const found = await page.waitForFunction((mark) => performance.getEntriesByName(mark)[0]?.startTime, name);
	return found.evaluate((startTime) => startTime ?? 0);
}
