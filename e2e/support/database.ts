import type { Page } from '@playwright/test';

/** Flips a byte of the oldest row kept of the streams that begin so, as a failing disk would. */
export async function damage(page: Page, streams: string): Promise<void> {
	const damaged = await page.evaluate(async (prefix) => {
		let count = 0;
		for (const { name = '' } of await indexedDB.databases()) {
			if (!name.startsWith('pocketeer-space-')) continue;
			const database = await new Promise<IDBDatabase>((resolve, reject) => {
				const request = indexedDB.open(name);
				request.onsuccess = () => resolve(request.result);
				request.onerror = () => reject(request.error);
			});
			await new Promise<void>((resolve, reject) => {
				const transaction = database.transaction(['snapshots', 'updates'], 'readwrite');
				for (const table of ['snapshots', 'updates']) {
					const cursor = transaction.objectStore(table).openCursor();
					cursor.onsuccess = () => {
						const at = cursor.result;
						if (!at || count > 0) return;
						if (!at.value.stream.startsWith(prefix)) return at.continue();
						at.value.bytes[at.value.bytes.length - 1] ^= 255;
						at.update(at.value);
						count++;
					};
				}
				transaction.oncomplete = () => resolve();
				transaction.onerror = () => reject(transaction.error);
			});
			database.close();
		}
		return count;
	}, streams);
	if (damaged !== 1) throw new Error(`no row of ${streams} is kept`);
}

/** Deletes what is kept of the spaces; the keys of the device stay. As a browser that clears one database and not the other. */
export async function deleteSpaces(page: Page): Promise<void> {
	await page.evaluate(async () => {
		for (const { name = '' } of await indexedDB.databases()) {
			if (!name.startsWith('pocketeer-space-')) continue;
			await new Promise<void>((resolve, reject) => {
				const request = indexedDB.deleteDatabase(name);
				request.onsuccess = () => resolve();
				request.onerror = () => reject(request.error);
			});
		}
	});
}

/** Makes the disk full for the page's origin, or roomy again; resolves when the browser acts on it, which it does late. */
export async function setDiskFull(page: Page, isFull: boolean): Promise<void> {
	const session = await page.context().newCDPSession(page);
	const { origin } = new URL(page.url());
	await session.send('Storage.overrideQuotaForOrigin', { origin, ...(isFull && { quotaSize: 1 }) });
	await page.evaluate(async (shouldRefuse) => {
		const database = await new Promise<IDBDatabase>((resolve, reject) => {
			const request = indexedDB.open('probe');
			request.onupgradeneeded = () => request.result.createObjectStore('rows');
			request.onsuccess = () => resolve(request.result);
			request.onerror = () => reject(request.error);
		});
		while ((await isRefused()) !== shouldRefuse) await new Promise((resolve) => setTimeout(resolve, 50));
		database.close();

		function isRefused(): Promise<boolean> {
			return new Promise((resolve) => {
				const transaction = database.transaction('rows', 'readwrite');
				transaction.objectStore('rows').put('x'.repeat(1000), 'row');
				transaction.oncomplete = () => resolve(false);
				transaction.onabort = () => resolve(true);
			});
		}
	}, isFull);
}
