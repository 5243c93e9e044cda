import type { Agent, LineAttendant } from '@pocketeer/core/agent/agent';
import { createClerk } from '@pocketeer/core/agent/clerk/create-clerk';
import { createAgent } from '@pocketeer/core/agent/create-agent';
import { createClaims } from '@pocketeer/core/agent/turn/claims';
import { newestEpoch } from '@pocketeer/core/crypto/key-ring';
import { wordsOfRoot } from '@pocketeer/core/crypto/recovery-words';
import { createSpaceSecrets } from '@pocketeer/core/crypto/space-secrets';
import { sealWake, type WakePayload } from '@pocketeer/core/crypto/wake-payload';
import type { PersonId, WakeId } from '@pocketeer/core/ids';
import { createMemberKeys } from '@pocketeer/core/members/create-member-keys';
import { foundSpace, joinByWords, type SpaceIdentity } from '@pocketeer/core/members/space-identity';
import type { Clock } from '@pocketeer/core/ports/clock';
import type { Log } from '@pocketeer/core/ports/log';
import type { Model } from '@pocketeer/core/ports/model';
import type { Dialer } from '@pocketeer/core/ports/socket';
import { createRecall } from '@pocketeer/core/recall/create-recall';
import type { Recall } from '@pocketeer/core/recall/recall';
import type { Result } from '@pocketeer/core/result';
import { createSpace } from '@pocketeer/core/space/create-space';
import type { LineRecord } from '@pocketeer/core/space/records';
import type { OpenLine, Space } from '@pocketeer/core/space/space';
import { createSync, type SyncClient } from '@pocketeer/core/sync/create-sync';
import { createSystemClock, createSystemRandom } from '@pocketeer/core/system';
import { createTasks } from '@pocketeer/core/tasks/create-tasks';
import { createOccurrences } from '@pocketeer/core/tasks/occurrences';
import { createTaskRunner } from '@pocketeer/core/tasks/runner';
import { createTaskBook } from '@pocketeer/core/tasks/task-book';
import { validateTaskFile } from '@pocketeer/core/tasks/task-file';
import type { Tasks } from '@pocketeer/core/tasks/tasks';
import { createWakeKeeper, type WakeKeeper } from '@pocketeer/core/tasks/wakes';
import { createMemoryMemberStore } from '@pocketeer/core/testing/memory-member-store';
import { createMemoryStore } from '@pocketeer/core/testing/memory-store';
import { createMemoryTabs } from '@pocketeer/core/testing/memory-tabs';
import { createTools } from '@pocketeer/tools';
import { createBrowserDialer } from '../apps/web/src/platform/dialer.ts';

/**
 * A device of a person's: everything the app runs in a browser tab, without the screen. Only the disk is in memory,
 * and the clock may be a test's. `apps/web/src/boot` puts the same parts together.
 */
export interface Device extends AsyncDisposable {
	readonly identity: SpaceIdentity;
	/** The 24 words that open the space elsewhere; empty on a device that joined by them. */
	readonly words: string;
	readonly sync: SyncClient;
	readonly space: Space;
	readonly agent: Agent & LineAttendant;
	readonly tasks: Tasks;
	readonly recall: Recall;
	readonly wakes: WakeKeeper;
	/** The main line, open. */
	readonly chat: OpenLine;
}

export interface DeviceOptions {
	/** Origin of the relay; without one the device is on its own. */
	readonly relay?: string;
	/** Joins the space of these words instead of founding one. */
	readonly words?: string;
	/** The system's clock when left out. */
	readonly clock?: Clock;
	/** Who answers; the clerk when left out. */
	readonly model?: Model;
	/** The way to the relay; a browser's when left out. */
	readonly dialer?: Dialer;
	/** Whose device it is; Anna's when left out. */
	readonly person?: string;
}

const random = createSystemRandom();
const log: Log = { info() {}, warn() {} };

/** Switches a device on. Dispose of it to switch it off. */
export async function openDevice(options: DeviceOptions = {}): Promise<Device> {
	// In Node, y-websocket listens to the end of the process once for each open document.
	process.setMaxListeners(0);
	const { relay = 'http://nowhere.invalid', clock = createSystemClock(), person = 'anna' } = options;
	const dialer = options.relay === undefined ? noNetwork : (options.dialer ?? createBrowserDialer());
	const { identity, words } = await becomeMember({ clock, dialer }, relay, options.words);

	const store = createMemoryStore();
	const tabs = createMemoryTabs().open();
	const { spaceId, lists, keyRing: ring } = identity;
	const state = { lists, ring };
	const memberStore = createMemoryMemberStore(state);
	const memberKeys = createMemberKeys({ memberStore }, { spaceId, identity: identity.identity, state });
	const sync = createSync(
		{ clock, random, log, dialer, store, tabs },
		{ relayUrl: relay, spaceId, identity: identity.identity, keys: memberKeys },
	);
	// A device that joins first waits for what is there, as the app does.
	await untilHomeIsHere(sync, options.words);

	const self = { device: identity.identity.id, person: person as PersonId };
	const space = expectOk(await createSpace({ docs: sync, clock, random, self, log }, { validate: validateTaskFile }));
	const { files, lines, runs, directory, blobs } = space;
	const secrets = createSpaceSecrets(identity.keyRing, identity.spaceId);
	const keys = {
		...secrets,
		sealWake: (payload: WakePayload, wake: WakeId) =>
			sealWake({ random }, { place: { space: identity.spaceId, wake }, ring: memberKeys.ring, payload }),
		epoch: () => newestEpoch(memberKeys.ring),
		onRekeyed: (listener: () => void) => memberKeys.subscribe(listener),
	};
	const book = createTaskBook({ files, clock });
	const occurrences = createOccurrences({ runs, keys, now: () => clock.now() });
	const tasks = createTasks({ files, clock, runs, book, occurrences });
	const recall = createRecall({ files });
	const tools = createTools({ files, tasks, recall, clock, lines, directory, blobs });
	const model = options.model ?? createClerk({ clock, random });
	const models = { choose: async () => model };
	const claims = createClaims({ clock, keys, sync });
	const agent = createAgent(
		{ clock, random, log, store, tabs, files, lines, runs, directory, blobs, self, models, claims },
		{ tools },
	);
	const runner = createTaskRunner({ clock, log, self, lines, runs, book, occurrences, agent, sync });
	const wakes = createWakeKeeper({ files, clock, log, book, occurrences, keys, store, sync });
	const chat = expectOk(await lines.open(expectOk(await lines.ensure('Chat')).id));

	return {
		...{ identity, words, sync, space, agent, tasks, recall, wakes, chat },
		async [Symbol.asyncDispose]() {
			for (const part of [runner, wakes, agent, book, chat, space]) part[Symbol.dispose]();
			await sync[Symbol.asyncDispose]();
		},
	};
}

async function becomeMember(
	deps: { readonly clock: Clock; readonly dialer: Dialer },
	relayUrl: string,
	words: string | undefined,
): Promise<{ readonly identity: SpaceIdentity; readonly words: string }> {
	if (words !== undefined) {
		return { identity: expectOk(await joinByWords({ ...deps, random, log }, { words, relayUrl })), words: '' };
	}
	const founded = await foundSpace({ ...deps, random });
	return { identity: founded, words: (await wordsOfRoot(founded.root)).join(' ') };
}

async function untilHomeIsHere(sync: SyncClient, words: string | undefined): Promise<void> {
	if (words === undefined) return;
	const home = 'home' as Parameters<typeof sync.caughtUp>[0];
	await until(sync, () => sync.status.connection.type === 'online');
	await sync.caughtUp(home);
}

const noNetwork: Dialer = {
	dial: () => ({ send() {}, bufferedBytes: 0, [Symbol.dispose]() {} }),
};

/** Says something on the main line and resolves with the turn's records once it has been answered. */
export async function say(device: Device, text: string): Promise<readonly LineRecord[]> {
	const { agent, chat } = device;
	const before = chat.records().length;
	expectOk(await agent.send({ line: chat.id, text }));
	const spoken = () => chat.records().slice(before);
	await until(chat, () => spoken().some((record) => record.kind === 'turn-end'));
	return spoken();
}

/** Resolves once `holds`; looks at first and whenever the source says that something changed. */
export async function until(
	source: { subscribe(listener: () => void): Disposable },
	holds: () => boolean | Promise<boolean>,
): Promise<void> {
	for (;;) {
		const changed = Promise.withResolvers<void>();
		using _ = source.subscribe(() => changed.resolve());
		if (await holds()) return;
		await changed.promise;
	}
}

/** The value of a result that the story takes for granted. */
export function expectOk<T>(result: Result<T, { readonly type: string }>): T {
	if (!result.ok) throw new Error(`not ok: ${JSON.stringify(result.error)}`);
	return result.value;
}
