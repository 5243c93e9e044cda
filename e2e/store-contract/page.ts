import { storeContract } from '@pocketeer/core/testing/store-contract';
import '../../apps/web/src/platform/disposal.ts';
import { createDexieStore } from '../../apps/web/src/platform/dexie-store.ts';
import { collected } from './vitest-in-page.ts';

// The contract of every store, over the app's own adapter and this browser's database.

storeContract('Dexie in a browser', async (name) => {
	const store = await createDexieStore(name);
	if (!store.ok) throw new Error(store.error.type);
	return store.value;
});

/** Runs each case; answers what went wrong, by title. */
async function runContract(): Promise<{ readonly titles: readonly string[]; readonly failures: readonly string[] }> {
	const failures: string[] = [];
	for (const { title, run } of collected()) {
		try {
			await run();
		} catch (error) {
			failures.push(`${title}: ${error instanceof Error ? error.message : String(error)}`);
		}
	}
	return { titles: collected().map(({ title }) => title), failures };
}

Object.assign(globalThis, { runContract });
