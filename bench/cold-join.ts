import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { startRelayProcess } from '../e2e/support/relay-process.ts';
import { firstPaint, inBrowser, messageBox, SCREENS, typeWords } from './browser.ts';
import { type Figure, spread } from './figure.ts';
import { SHORT_YEAR, YEAR } from './join.ts';
import type { BenchOptions } from './options.ts';
import { makeYear, type Year } from './year.ts';

/** Target of issue 3. */
const USABLE_MS = 1_000;
/** Rows of the tree that a screen shows at first, folders closed. */
const ROWS = 3;

/**
 * A browser on a desktop that has the app but nothing of the space: from pressing the button that opens a year-old
 * space by its words to the newest month on screen, and then to the tree of its files.
 */
export async function benchColdJoin({ isFull }: BenchOptions): Promise<readonly Figure[]> {
	await using relay = await startRelayProcess();
	const year = await makeYear({ relay: relay.url, ...(isFull ? YEAR : SHORT_YEAR) });
	const snapshots = await year.addSnapshots();
	year.close();
	const joins: Join[] = [];
	while (joins.length < (isFull ? 9 : 3)) joins.push(await joinOnce(relay.url, year));
	const of = (field: keyof Join) => spread(joins.map((join) => join[field]));
	const floor = of('floorMs').value;
	const what = `${year.messages} messages, ${year.files} files, ${year.entries} entries, ${snapshots} snapshots`;
	return [
		{
			name: 'cold join, month and tree',
			...of('treeMs'),
			...{ unit: 'ms', floor, limit: USABLE_MS },
			note: `${what}; from pressing the button to the tree, opened as soon as one can type; floor: the app from its cache in the same browser, its space empty`,
		},
		{
			name: 'cold join, newest month',
			...of('usableMs'),
			...{ unit: 'ms', floor, limit: USABLE_MS },
			note: 'to the newest message on screen and a box to type in; membership, another start of the app and sync included',
		},
		{
			name: 'of it before the app starts anew',
			...of('leftMs'),
			...{ unit: 'ms', note: 'the device becomes a member of the space' },
		},
	];
}

interface Join {
	readonly floorMs: number;
	readonly leftMs: number;
	readonly usableMs: number;
	readonly treeMs: number;
}

async function joinOnce(url: string, year: Year): Promise<Join> {
	const profile = await mkdtemp(join(tmpdir(), 'pocketeer-bench-'));
	try {
		await inBrowser(
			profile,
			async (page) => {
				await page.goto(url);
				await messageBox(page).waitFor();
				await page.evaluate(() => navigator.serviceWorker.ready);
			},
			SCREENS.desktop,
		);
		return await inBrowser(profile, (page) => joinIn(page, url, year), SCREENS.desktop);
	} finally {
		await rm(profile, { recursive: true, force: true });
	}
}

async function joinIn(page: Page, url: string, year: Year): Promise<Join> {
	const floorMs = await firstPaint(page, url);
	await messageBox(page).waitFor();
	const button = await typeWords(page, year.words);
	await page.addInitScript(noteSteps, { newest: year.newest, rows: ROWS });
	const pressed = await button.evaluate((element) => {
		const now = performance.timeOrigin + performance.now();
		if (element instanceof HTMLElement) element.click();
		return now;
	});
	await page.waitForFunction(() => performance.getEntriesByName('tree').length > 0);
	const marks = await page.evaluate(() => {
		const at = (name: string) => performance.timeOrigin + (performance.getEntriesByName(name)[0]?.startTime ?? 0);
		return { left: performance.timeOrigin, usable: at('usable'), tree: at('tree') };
	});
	return {
		floorMs,
		leftMs: marks.left - pressed,
		usableMs: marks.usable - pressed,
		treeMs: marks.tree - pressed,
	};
}

/** Runs in the page before it loads: marks what is on screen, and goes on to the tree as a person would. */
function noteSteps({ newest, rows }: { newest: string; rows: number }): void {
	const look = () => {
		if (performance.getEntriesByName('usable').length === 0) {
			const label = [...document.querySelectorAll('label')].find((one) => one.textContent?.trim() === 'Message');
			const box = label?.control;
			const last = [...document.querySelectorAll('[role=log] article')].at(-1);
			const isThere = last?.textContent?.includes(newest) && last.getBoundingClientRect().top < innerHeight;
			if (isThere && box instanceof HTMLTextAreaElement && !box.disabled) {
				performance.mark('usable');
				document.querySelector<HTMLAnchorElement>('nav a[href="/notes"]')?.click();
			}
		} else if (document.querySelectorAll('[role=tree] [role=treeitem]').length >= rows) {
			performance.mark('tree');
			return;
		}
		requestAnimationFrame(look);
	};
	requestAnimationFrame(look);
}
