import type { Browser, Page } from '@playwright/test';

/** Stops the process of a tab where it is, as a system does with tabs it has no room for; the answer lets it go on. */
export async function stopTab(browser: Browser, page: Page): Promise<() => void> {
	const devtools = await browser.newBrowserCDPSession();
	const cpuTimes = async () => {
		const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
		return processInfo.filter(({ type }) => type === 'renderer');
	};
	// Which process is the tab's: the one that works while the tab does.
	const before = new Map((await cpuTimes()).map(({ id, cpuTime }) => [id, cpuTime]));
	await page.evaluate(() => {
		const until = performance.now() + 700;
		while (performance.now() < until);
	});
	const worked = (await cpuTimes()).map(({ id, cpuTime }) => ({ id, took: cpuTime - (before.get(id) ?? 0) }));
	const [own] = worked.sort((a, b) => b.took - a.took);
	if (!own || own.took === 0) throw new Error('the tab has no process of its own');
	await devtools.detach();
	process.kill(own.id, 'SIGSTOP');
	return () => void process.kill(own.id, 'SIGCONT');
}
