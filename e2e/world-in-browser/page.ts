import '../../apps/web/src/platform/disposal.ts';
import { toBase64Url } from '@pocketeer/core/bytes';
import { wordsOfRoot } from '@pocketeer/core/crypto/recovery-words';
import type { PersonId, StreamName } from '@pocketeer/core/ids';
import { createMemberKeys } from '@pocketeer/core/members/create-member-keys';
import { foundSpace, joinByWords, type SpaceIdentity } from '@pocketeer/core/members/space-identity';
import type { OpenDoc } from '@pocketeer/core/space/space';
import { createSync, type SyncClient } from '@pocketeer/core/sync/create-sync';
import { createSystemClock, createSystemRandom } from '@pocketeer/core/system';
import * as Y from 'yjs';
import { memberStateOf, openDeviceDb } from '../../apps/web/src/platform/device-db.ts';
import { createDexieStore } from '../../apps/web/src/platform/dexie-store.ts';
import { createBrowserDialer } from '../../apps/web/src/platform/dialer.ts';
import { createMemberStore } from '../../apps/web/src/platform/member-store.ts';
import { browserPage, createBrowserTabs } from '../../apps/web/src/platform/tabs.ts';

// One tab of one device of the world: the app's own adapters without its screens. The test calls `tab`.

const clock = createSystemClock();
const deps = { clock, random: createSystemRandom(), dialer: createBrowserDialer(), log: { info() {}, warn() {} } };
const docs = new Map<string, Promise<OpenDoc>>();
let sync: SyncClient | undefined;

/** What the test may ask of the page. */
export interface PageTab {
	/** Makes a space; answers its recovery words. */
	found(relayUrl: string): Promise<string>;
	/** Makes this browser profile a device of the space of these words. */
	join(relayUrl: string, words: string): Promise<void>;
	/** Opens the space that this profile belongs to. */
	open(relayUrl: string): Promise<void>;
	/** Types; answers the change as soon as it is made. */
	type(stream: string, edit: PageEdit): Promise<string>;
	/** Whether all that was typed is on disk. */
	saved(stream: string): Promise<boolean>;
	/** The whole document, as a change. */
	content(stream: string): Promise<string>;
	caughtUp(stream: string): Promise<void>;
	/** Online, with nothing waiting and nothing standing still. */
	isAtRest(): Promise<boolean>;
	wake(): Promise<void>;
}

export interface PageEdit {
	readonly record: string;
	/** Where in the text, from 0 to 1. */
	readonly at: number;
	readonly text: string;
}

const tab: PageTab = {
	async found(relayUrl) {
		const founded = await foundSpace(deps);
		await keep(founded);
		await tab.open(relayUrl);
		return (await wordsOfRoot(founded.root)).join(' ');
	},
	async join(relayUrl, words) {
		const joined = await joinByWords(deps, { words, relayUrl });
		if (!joined.ok) throw new Error(`cannot join: ${JSON.stringify(joined.error)}`);
		await keep(joined.value);
		await tab.open(relayUrl);
	},
	async open(relayUrl) {
		const device = expectOk(await openDeviceDb());
		const known = expectOk(await device.currentSpace());
		if (!known) throw new Error('this profile belongs to no space');
		const store = expectOk(await createDexieStore(known.id));
		const memberStore = createMemberStore(device, known.id);
		const { identity } = known;
		const keys = createMemberKeys({ memberStore }, { spaceId: known.id, identity, state: memberStateOf(known) });
		const tabs = createBrowserTabs({ clock, locks: navigator.locks, page: browserPage() }, known.id);
		sync = createSync({ ...deps, store, tabs }, { relayUrl, spaceId: known.id, identity, keys });
	},
	async type(stream, { record, at, text }) {
		const { doc } = await open(stream);
		let made = '';
		const note = (update: Uint8Array) => {
			made = toBase64Url(new Uint8Array(update));
		};
		doc.on('update', note);
		doc.transact(() => {
			doc.getArray('records').push([record]);
			const into = doc.getText('text');
			into.insert(Math.floor(at * into.length), text);
			if (into.length > 40) into.delete(Math.floor(at * (into.length - 10)), 5);
		});
		doc.off('update', note);
		return made;
	},
	saved: async (stream) => (await (await open(stream)).saved()).ok,
	content: async (stream) => toBase64Url(new Uint8Array(Y.encodeStateAsUpdate((await open(stream)).doc))),
	async caughtUp(stream) {
		await sync?.caughtUp(stream as StreamName);
	},
	async isAtRest() {
		if (!sync) return false;
		const { connection, pendingStreams, stuck, quarantined } = sync.status;
		return connection.type === 'online' && pendingStreams + stuck.length + quarantined.length === 0;
	},
	async wake() {
		sync?.wake();
	},
};
Object.assign(globalThis, { tab: () => tab });

async function keep({ spaceId, identity, keyRing, deviceList, lists }: SpaceIdentity): Promise<void> {
	const device = expectOk(await openDeviceDb());
	const known = { id: spaceId, person: 'anna' as PersonId, identity, ring: keyRing, list: deviceList, lists };
	expectOk(await device.keepSpace({ ...known, since: clock.now() }, { makeCurrent: true }));
	device[Symbol.dispose]();
}

function open(stream: string): Promise<OpenDoc> {
	if (!sync) throw new Error('the space is not open');
	const present = docs.get(stream) ?? sync.open(stream as StreamName).then(expectOk);
	docs.set(stream, present);
	return present;
}

function expectOk<T>(
	result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: object },
): T {
	if (!result.ok) throw new Error(JSON.stringify(result.error));
	return result.value;
}
