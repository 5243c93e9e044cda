import { sleep } from '@pocketeer/core/ports/clock';
import type { App } from '../app.ts';
import { loadAllParts } from '../chat/later-parts.ts';
import { parseWorkerMessage, type WorkerMessage } from '../platform/worker-messages.ts';
import { browserPushPlatform } from '../push/platform.ts';
import { createPush } from '../push/push.ts';
import type { Assistant, AssistantDeps } from './assistant.ts';
import { createDrafts, localStorageLastChance } from './drafts.ts';
import { laterBackup, laterMembers, lazily } from './later.ts';
import type { OpenedSpace } from './open-space.ts';
import type { RecoveryDeps } from './recovery.ts';
import { browserSettingsChannel, loadSettings } from './settings.ts';
import { createUpdates } from './updates.ts';

/** A part of the app that did not load is asked for again after this long; the connection may be back. */
const LOAD_AGAIN_MS = 5_000;

/** Puts the parts of an opened space together and ties them to the page's life. */
export async function composeApp(deps: RecoveryDeps, opened: OpenedSpace): Promise<App> {
	const { device, clock, log } = deps;
	const { space, sync, store, known } = opened;
	const settings = await loadSettings({
		device,
		channel: browserSettingsChannel(),
		check: async (model) => (await import('./models.ts')).checkModelSettings(model),
	});
	const drafts = createDrafts({ store, clock, lastChance: localStorageLastChance(known.id) });
	const wanted = {
		read: () => device.isPushWanted(),
		keep: async (isWanted: boolean) => void (await device.keepPushWanted(isWanted)),
	};
	const push = createPush({ sync, clock, platform: browserPushPlatform(), wanted });
	const assistant = loadAssistant({ ...deps, ...opened, settings });
	void assistant.then(({ agent }) => {
		// The first turn shows that there is something to lose; before, browsers would ask for nothing.
		const first = agent.subscribe(() => {
			first[Symbol.dispose]();
			void navigator.storage.persist?.();
		});
	});

	const reload = () => location.assign('/');
	const flush = () => {
		drafts.flush();
		space.flush();
	};
	const close = async () => {
		flush();
		await opened.close();
	};
	const members = laterMembers(deps, opened);
	void assistant
		.then(() => import('./after-paint.ts'))
		.then((loaded) => loaded.afterPaint(deps, opened, { members, reload }))
		.catch(tellLog(deps));

	onPageShown(() => {
		sync.wake();
		void assistant.then(({ check }) => check());
		if (members.isLoaded()) void members().then((loaded) => loaded.resume());
	});
	// The socket may look alive for half a minute more: asked at once, it is known within seconds.
	addEventListener('offline', () => sync.wake());
	onPageHidden(flush);
	onWorkerMessage((message) => {
		if (message.type === 'open') return goTo(message.url);
		if (message.type === 'subscription-changed') return void push.recheck();
		sync.wake();
		void assistant.then(({ check }) => check());
	});
	// A newer build upgrades the database, or somebody deleted it: nothing could be kept in this tab any more.
	store.onClosed(() => {
		drafts.flush();
		location.reload();
	});
	void push.recheck();

	return {
		clock,
		space,
		sync,
		agent: assistant.then(({ agent }) => agent),
		tasks: assistant.then(({ tasks }) => tasks),
		recall: assistant.then(({ recall }) => recall),
		waiting: assistant.then(({ waiting }) => waiting),
		settings,
		push,
		drafts,
		recovery: lazily(async () => (await import('./recovery.ts')).createRecovery({ ...deps, store }, known, reload)),
		spaces: lazily(async () => (await import('./spaces.ts')).createSpaces({ ...deps, close }, known, reload)),
		members,
		backup: laterBackup(deps, opened, { settings, members, flush, close, reload }),
		updates: createUpdates(log),
	};
}

/** It is tried again at the next start. */
function tellLog({ log }: RecoveryDeps): (cause: unknown) => void {
	return (cause) => log.warn('not-carried-on', { reason: cause instanceof Error ? cause.name : 'unknown' });
}

async function loadAssistant(deps: AssistantDeps): Promise<Assistant> {
	await afterPaint();
	const { createAssistant } = await loadUntilThere(deps);
	return createAssistant(deps);
}

/** The first visit may go offline between the page and this part; it works again when the network does. */
async function loadUntilThere(deps: AssistantDeps): Promise<typeof import('./assistant.ts')> {
	for (;;) {
		try {
			// What shows its work, first: an agent that is there can be seen.
			await loadAllParts();
			return await import('./assistant.ts');
		} catch (cause) {
			deps.log.warn('assistant-not-loaded', { reason: cause instanceof Error ? cause.name : 'unknown' });
			await sleep(deps, LOAD_AGAIN_MS);
		}
	}
}

function afterPaint(): Promise<void> {
	return new Promise((resolve) => {
		// A hidden tab paints nothing, but a reminder may be due in it.
		if (document.visibilityState === 'hidden') return resolve();
		requestAnimationFrame(() => setTimeout(resolve));
	});
}

function onPageShown(listener: () => void): void {
	document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && listener());
	document.addEventListener('resume', listener);
	addEventListener('pageshow', (event) => event.persisted && listener());
	addEventListener('online', listener);
}

function onPageHidden(listener: () => void): void {
	document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && listener());
	addEventListener('pagehide', listener);
}

function onWorkerMessage(listener: (message: WorkerMessage) => void): void {
	navigator.serviceWorker?.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
		const message = parseWorkerMessage(data);
		if (message) listener(message);
	});
}

/** The router follows the history. */
function goTo(url: string): void {
	history.pushState(null, '', url);
	dispatchEvent(new PopStateEvent('popstate', { state: null }));
}
