import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { startRelayProcess } from '../e2e/support/relay-process.ts';
import { type BigSpace, makeBigSpace } from './big-space.ts';
import { firstPaint, inBrowser, messageBox, moment, typeWords } from './browser.ts';
import { type Figure, spread } from './figure.ts';
import type { BenchOptions } from './options.ts';

const FULL = { messages: 2_000, files: 500, runs: 7 } as const;
const QUICK = { messages: 400, files: 100, runs: 3 } as const;
/** The last thing said; the clerk's answer to it is the newest message. */
const NEWEST = 'That was the last of them.';
/** Name of the mark that the page gets when it can be used. */
const USABLE = 'usable';
/** Joining means fetching and storing all of it once. */
const JOIN_WITHIN_MS = 120_000;

/**
 * From the start of the navigation to a chat one can type in, in a browser that was just started, with the whole space
 * in its store and the app in its cache; and what the same browser takes for a page of one line from the same relay.
 */
export async function benchColdStart({ isFull }: BenchOptions): Promise<readonly Figure[]> {
	const { messages, files, runs } = isFull ? FULL : QUICK;
	await using relay = await startRelayProcess();
	const space = await makeBigSpace({ relay: relay.url, messages, files });
	const profile = await mkdtemp(join(tmpdir(), 'pocketeer-bench-'));
	try {
		await inBrowser(profile, (page) => joinSpace(page, relay.url, space));
		const usable: number[] = [];
		const paint: number[] = [];
		const floor: number[] = [];
		for (let run = 0; run < runs; run++) {
			floor.push(await inBrowser(profile, (page) => firstPaint(page, `${relay.url}/healthz`)));
			await inBrowser(profile, async (page) => {
				await page.addInitScript(noteWhenUsable, NEWEST);
				paint.push(await firstPaint(page, relay.url));
				usable.push(await moment(page, USABLE));
			});
		}
		const bare = spread(floor).value;
		const store = `${messages} messages and ${files} files in the store`;
		return [
			{ name: 'cold start, usable', ...spread(usable), unit: 'ms', floor: bare, note: `${store}, ${runs} starts` },
			{ name: 'cold start, first paint', ...spread(paint), unit: 'ms', floor: bare, note: 'the same starts' },
			{ name: 'page of one line', ...spread(floor), unit: 'ms', note: 'the floor: first paint of /healthz' },
		];
	} finally {
		await rm(profile, { recursive: true, force: true });
	}
}

/** Opens the space of the words as a person would, and waits until the browser has all of it. */
async function joinSpace(page: Page, url: string, { words, newest, files }: BigSpace): Promise<void> {
	page.setDefaultTimeout(JOIN_WITHIN_MS);
	await page.goto(url);
	await messageBox(page).waitFor();
	const button = await typeWords(page, words);
	await Promise.all([page.waitForEvent('load'), button.click()]);
	await page.getByRole('log').getByText(newest).waitFor();
	// Asking the memory something opens every file of it.
	await say(page, '/recall garden');
	await page.waitForFunction(hasFiles, files, { polling: 500 });
	await say(page, NEWEST);
	await page.getByRole('log').getByRole('article').last().and(page.getByLabel('Clerk')).waitFor();
	await page.evaluate(() => navigator.serviceWorker.ready);
}

async function say(page: Page, text: string): Promise<void> {
	await messageBox(page).fill(text);
	await messageBox(page).press('Enter');
	await page.getByRole('log').getByRole('article').getByText(text).waitFor();
}

/** Runs in the page: whether the texts of that many files are in one of its databases. */
async function hasFiles(count: number): Promise<boolean> {
	for (const { name } of await indexedDB.databases()) {
		if (!name?.startsWith('pocketeer-space-')) continue;
		const texts = await new Promise<number>((resolve, reject) => {
			const opening = indexedDB.open(name);
			opening.onerror = () => reject(opening.error);
			opening.onsuccess = () => {
				const database = opening.result;
				const range = IDBKeyRange.bound('file/', 'file/\uffff');
				const streams = new Set<IDBValidKey>();
				const walk = database.transaction('updates').objectStore('updates').index('stream').openKeyCursor(range);
				walk.onerror = () => reject(walk.error);
				walk.onsuccess = () => {
					if (walk.result) {
						streams.add(walk.result.key);
						return walk.result.continue();
					}
					database.close();
					resolve(streams.size);
				};
			};
		});
		if (texts >= count) return true;
	}
	return false;
}

/** Runs in the page before it loads: marks the frame in which the newest message is on screen and one can type. */
function noteWhenUsable(newest: string): void {
	const look = () => {
		const label = [...document.querySelectorAll('label')].find((one) => one.textContent?.trim() === 'Message');
		const box = label?.control;
		const [said, answer] = [...document.querySelectorAll('[role=log] article')].slice(-2);
		const isThere = said?.textContent?.includes(newest) && answer && answer.getBoundingClientRect().top < innerHeight;
		if (isThere && box instanceof HTMLTextAreaElement && !box.disabled) performance.mark('usable');
		else requestAnimationFrame(look);
	};
	requestAnimationFrame(look);
}
