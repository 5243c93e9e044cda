import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from '@playwright/test';
import { startRelayProcess } from '../e2e/support/relay-process.ts';
import { CHROMIUM_ARGS, ensureBrowser } from './browsers.ts';

/**
 * Takes the pictures of the README and of the web app's manifest: `npm run screenshots`, after a build. A person tells the
 * clerk a few things, writes a note, and looks around; nothing in the pictures is made up.
 */

const DOCS = 'docs/screenshots';
const MANIFEST = 'apps/web/public/screenshots';

const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1440, height: 900 };
/** As the manifest says (apps/web/web-manifest.ts). */
const WIDE = { width: 1280, height: 800 };

const SAID = [
	'remember that my sister Eleni is allergic to nuts',
	'note about Maria: likes jasmine tea',
	'journal: walked to the harbour before breakfast #walk',
	'remind me every weekday at 8 to water the basil',
	'remind me in 1 minute to turn the oven down',
	'remind me tomorrow at 9 to call the dentist',
	'what do you know about my sister?',
];

const NOTE = 'notes/lasagne.md';
const NOTE_LINES = [
	'# Lasagne for six',
	'',
	'Oven at 180 °C, middle shelf, 40 minutes.',
	'',
	'- [x] 12 sheets of pasta',
	'- [ ] a jar of passata',
	'- [ ] **no walnuts**: Eleni comes',
	'',
	'The sauce keeps for two days, see [[shopping]]. #dinner',
];

const SCREENS = [
	{ name: 'notes', path: `/notes/${NOTE}` },
	{ name: 'schedule', path: '/schedule' },
	{ name: 'activity', path: '/activity' },
	{ name: 'settings', path: '/settings' },
] as const;

await using relay = await startRelayProcess();
const profile = await mkdtemp(join(tmpdir(), 'pocketeer-screenshots-'));
try {
	const context = await chromium.launchPersistentContext(profile, {
		executablePath: ensureBrowser('chromium'),
		args: [...CHROMIUM_ARGS, '--hide-scrollbars'],
		baseURL: relay.url,
		viewport: DESKTOP,
		deviceScaleFactor: 1,
		colorScheme: 'light',
		reducedMotion: 'reduce',
		locale: 'en-GB',
		timezoneId: 'Europe/Athens',
		permissions: ['notifications'],
	});
	await takeAll(context);
	await context.close();
} finally {
	await rm(profile, { recursive: true, force: true });
}

async function takeAll(context: BrowserContext): Promise<void> {
	for (const folder of [DOCS, MANIFEST]) await mkdir(folder, { recursive: true });
	const page = context.pages()[0] ?? (await context.newPage());
	await tellStory(page);

	await show(page, '/');
	await page.getByRole('log').getByRole('article', { name: 'Reminder' }).waitFor({ timeout: 90_000 });
	// Asked at the first reminder; the answer makes room for what was said.
	await page.getByRole('button', { name: 'Not now' }).click();
	await untilSynced(page);
	for (const colorScheme of ['light', 'dark'] as const) {
		await page.emulateMedia({ colorScheme });
		const suffix = colorScheme === 'dark' ? '-dark' : '';
		await take(page, DESKTOP, `${DOCS}/chat-desktop${suffix}.png`);
		await take(page, PHONE, `${DOCS}/chat-phone${suffix}.png`);
	}
	await page.emulateMedia({ colorScheme: 'light' });
	await take(page, WIDE, `${MANIFEST}/wide.png`);
	await take(page, PHONE, `${MANIFEST}/narrow.png`);

	for (const { name, path } of SCREENS) {
		await page.setViewportSize(DESKTOP);
		await show(page, path);
		await take(page, DESKTOP, `${DOCS}/${name}-desktop.png`);
		await take(page, PHONE, `${DOCS}/${name}-phone.png`);
	}
}

/** Says what is to be seen later, each once the one before was answered, and writes a note. */
async function tellStory(page: Page): Promise<void> {
	await show(page, '/');
	const answers = page.getByRole('log').getByRole('article', { name: 'Clerk' });
	for (const [index, text] of SAID.entries()) {
		const box = page.getByRole('textbox', { name: 'Message' });
		await box.fill(text);
		await box.press('Enter');
		await answers.nth(index).waitFor();
	}
	await page.getByRole('navigation').getByRole('link', { name: 'Notes' }).first().click();
	await page.getByRole('button', { name: 'New note' }).click();
	await page.getByRole('dialog').getByRole('textbox').fill(NOTE);
	await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
	const editor = page.getByRole('textbox', { name: `Text of ${NOTE}` });
	await editor.press('Control+A');
	await editor.press('Delete');
	// As a paste: line by line, the editor would go on with the list by itself.
	await editor.evaluate((element, text) => {
		const clipboardData = new DataTransfer();
		clipboardData.setData('text/plain', text);
		element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
	}, NOTE_LINES.join('\n'));
	await page.getByText('Saved', { exact: true }).waitFor();
}

async function show(page: Page, path: string): Promise<void> {
	await page.goto(path);
	await page.getByRole('main').waitFor();
	await page.waitForLoadState('networkidle');
	await untilSynced(page);
}

async function untilSynced(page: Page): Promise<void> {
	await page.getByRole('status', { name: 'Sync status' }).getByText('Synced').waitFor();
}

/** Takes a picture of what is in sight, after two frames at this size. */
async function take(
	page: Page,
	size: { readonly width: number; readonly height: number },
	path: string,
): Promise<void> {
	await page.setViewportSize(size);
	await page.evaluate(
		() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(undefined)))),
	);
	await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
	console.log(path);
}
