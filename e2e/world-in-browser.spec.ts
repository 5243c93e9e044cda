import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, expect, type Page, test } from '@playwright/test';
import { fromBase64Url } from '@pocketeer/core/bytes';
import { createSeededRandom, type SeededRandom } from '@pocketeer/core/testing/seeded-random';
import { build } from 'vite';
import * as Y from 'yjs';
import { contentOf, createLedger, type Ledger } from '../tests/world/ledger.ts';
import { startRelayProcess } from './support/relay-process.ts';
import { startStaticApp } from './support/static-app.ts';
import type { PageEdit, PageTab } from './world-in-browser/page.ts';

// The third tier of the world: the app's own store in a real database of a browser, whose pages are closed in the middle
// of what they do, and the real relay, which is killed.

const SCHEDULES = [1, 2, 3];
const EVENTS = 25;
const STREAMS = ['home', 'file/a'];

test('spaces in a real browser lose nothing to pages that close, networks that break and a relay that is killed', async ({
	browser,
}) => {
	test.setTimeout(120_000);
	const outDir = await buildPage();
	await using app = await startStaticApp(outDir);
	await using relay = await startRelayProcess();
	const spaces = await Promise.all(
		SCHEDULES.map((seed) => foundSpace(seed, { browser, app: app.url, relay: relay.url })),
	);
	const playing = Promise.all(spaces.map((space) => space.play(EVENTS)));
	for (let kills = 0; kills < 2; kills++) {
		await new Promise((resolve) => setTimeout(resolve, 1_500));
		await relay.stop('SIGKILL');
		await relay.start();
	}
	await playing;
	for (const wrong of await Promise.all(spaces.map((space) => space.judge()))) expect(wrong).toEqual([]);
	await rm(outDir, { recursive: true, force: true });
});

interface Place {
	readonly browser: Browser;
	readonly app: string;
	readonly relay: string;
}

interface BrowserSpace {
	play(events: number): Promise<void>;
	/** What is wrong in the end, in words. */
	judge(): Promise<readonly string[]>;
}

async function foundSpace(seed: number, place: Place): Promise<BrowserSpace> {
	const random = createSeededRandom(seed);
	const ledger = createLedger();
	const first = await newProfile(place);
	const words = await (await newPage(first, place)).evaluate((url) => tab().found(url), place.relay);
	const second = await joinedProfile(place, words);
	const profiles = [first, second];

	return {
		async play(events) {
			for (let event = 0; event < events; event++) {
				const profile = random.pick(profiles);
				if (random.chance(0.7)) await type(profile, `${seed}#${event}`);
				else await disturb(random, profile, place);
			}
		},
		async judge() {
			for (const profile of profiles) {
				await profile.setOffline(false);
				if (profile.pages().length === 0) await openPage(profile, place);
			}
			const witness = await joinedProfile(place, words);
			const pages = [witness, ...profiles].flatMap((profile) => profile.pages());
			for (const page of pages) await page.evaluate(() => tab().wake());
			for (const page of pages) await expect.poll(() => page.evaluate(() => tab().isAtRest())).toBe(true);
			const wrong: string[] = [];
			for (const stream of STREAMS) {
				// What one sent last may still be on its way to the others.
				await expect
					.poll(async () => wrongIn(ledger, stream, await contents(pages, stream)))
					.toEqual([])
					.catch(() => {});
				wrong.push(...wrongIn(ledger, stream, await contents(pages, stream)));
			}
			return wrong;
		},
	};

	async function type(profile: BrowserContext, record: string): Promise<void> {
		const page = profile.pages()[0] ?? (await openPage(profile, place));
		const stream = random.pick(STREAMS);
		const edit: PageEdit = { record, at: random.fraction(), text: noise(random) };
		const update = await page.evaluate(([name, what]) => tab().type(name, what), [stream, edit] as const);
		const saved = page.evaluate((name) => tab().saved(name), stream).catch(() => false);
		ledger.typed(stream, new Uint8Array(fromBase64Url(update)), saved);
		if (random.chance(0.2)) await page.close();
		else if (random.chance(0.5)) await saved;
	}
}

async function disturb(random: SeededRandom, profile: BrowserContext, place: Place): Promise<void> {
	switch (random.below(4)) {
		case 0:
			return profile.setOffline(true);
		case 1:
			return profile.setOffline(false);
		case 2:
			if (profile.pages().length < 2) await openPage(profile, place);
			return;
		default:
			return profile.pages()[0]?.close();
	}
}

async function contents(pages: readonly Page[], stream: string): Promise<readonly Y.Doc[]> {
	return Promise.all(
		pages.map(async (page) => {
			const doc = new Y.Doc();
			Y.applyUpdate(doc, fromBase64Url(await page.evaluate((name) => tab().content(name), stream)));
			return doc;
		}),
	);
}

function wrongIn(ledger: Ledger, stream: string, [seen, ...others]: readonly Y.Doc[]): readonly string[] {
	if (!seen) return ['nobody looks'];
	const { lost, expected } = ledger.compare(stream, seen);
	const fold = JSON.stringify(expected);
	const strays = [seen, ...others].filter((doc) => JSON.stringify(contentOf(doc)) !== fold);
	return [...lost.map((edit) => `lost ${edit}`), ...strays.map(() => `another ${stream} than the fold`)];
}

async function newProfile({ browser }: Place): Promise<BrowserContext> {
	return browser.newContext();
}

async function joinedProfile(place: Place, words: string): Promise<BrowserContext> {
	const profile = await newProfile(place);
	const page = await newPage(profile, place);
	await page.evaluate(([url, known]) => tab().join(url, known), [place.relay, words] as const);
	for (const stream of STREAMS) await page.evaluate((name) => tab().caughtUp(name), stream);
	return profile;
}

/** A page of a profile that belongs to the space already. */
async function openPage(profile: BrowserContext, place: Place): Promise<Page> {
	const page = await newPage(profile, place);
	await page.evaluate((url) => tab().open(url), place.relay);
	return page;
}

async function newPage(profile: BrowserContext, { app }: Place): Promise<Page> {
	// Without a network not even the page comes.
	await profile.setOffline(false);
	const page = await profile.newPage();
	await page.goto(app);
	await page.waitForFunction(() => 'tab' in globalThis);
	return page;
}

async function buildPage(): Promise<string> {
	const outDir = await mkdtemp(join(tmpdir(), 'pocketeer-world-'));
	await build({
		root: fileURLToPath(new URL('./world-in-browser', import.meta.url)),
		configFile: false,
		logLevel: 'error',
		build: { outDir, emptyOutDir: true, minify: false, target: 'esnext' },
	});
	return outDir;
}

function noise(random: SeededRandom): string {
	return Buffer.from(random.bytes(random.below(400)).map((byte) => 33 + (byte % 90))).toString('latin1');
}

declare function tab(): PageTab;
