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

/** Deletes all that is kept of the streams that begin so, as if this device had never heard of them. */
export async function forgetStreams(page: Page, streams: string): Promise<void> {
	await page.evaluate(async (prefix) => {
		for (const { name = '' } of await indexedDB.databases()) {
			if (!name.startsWith('pocketeer-space-')) continue;
			const database = await new Promise<IDBDatabase>((resolve, reject) => {
				const request = indexedDB.open(name);
				request.onsuccess = () => resolve(request.result);
				request.onerror = () => reject(request.error);
			});
			await new Promise<void>((resolve, reject) => {
				const tables = ['snapshots', 'updates', 'positions'];
				const transaction = database.transaction([...tables, 'kept'], 'readwrite');
				for (const table of tables) {
					const cursor = transaction.objectStore(table).openCursor();
					cursor.onsuccess = () => {
						const at = cursor.result;
						if (!at) return;
						if (at.value.stream.startsWith(prefix)) at.delete();
						at.continue();
					};
				}
				const keys = transaction.objectStore('kept').openKeyCursor();
				keys.onsuccess = () => {
					const at = keys.result;
					if (!at) return;
					if (String(at.key).includes(`/${prefix}`)) transaction.objectStore('kept').delete(at.key);
					at.continue();
				};
				transaction.oncomplete = () => resolve();
				transaction.onerror = () => reject(transaction.error);
			});
			database.close();
		}
	}, streams);
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

/** Grants the page's origin so many bytes, or what the browser grants by itself. To be called before anything is kept. */
export async function limitDisk(page: Page, sizeBytes?: number): Promise<void> {
	const session = await page.context().newCDPSession(page);
	const { origin } = new URL(page.url());
	await session.send('Storage.overrideQuotaForOrigin', {
		origin,
		...(sizeBytes !== undefined && { quotaSize: sizeBytes }),
	});
}

/** Fills what is left of a limited disk with rows of a database beside the app's, to the last few bytes. */
export async function fillDisk(page: Page): Promise<void> {
	await page.evaluate(async () => {
		const database = await new Promise<IDBDatabase>((resolve, reject) => {
			const request = indexedDB.open('ballast');
			request.onupgradeneeded = () => request.result.createObjectStore('rows', { autoIncrement: true });
			request.onsuccess = () => resolve(request.result);
			request.onerror = () => reject(request.error);
		});
		for (let size = 4_000_000; size >= 1; size /= 4) while (await fits(size));
		database.close();

		function fits(size: number): Promise<boolean> {
			return new Promise((resolve) => {
				const transaction = database.transaction('rows', 'readwrite');
				// Random bytes: the browser compresses what it keeps.
				const row = new Uint8Array(size);
				for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(row.subarray(at, at + 65_536));
				transaction.objectStore('rows').add(row);
				transaction.oncomplete = () => resolve(true);
				transaction.onabort = () => resolve(false);
			});
		}
	});
}
