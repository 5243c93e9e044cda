import type { SpaceId } from '@pocketeer/core/ids';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import type { LogDep } from '@pocketeer/core/ports/log';
import type { RandomDep } from '@pocketeer/core/ports/random';
import type { DialerDep } from '@pocketeer/core/ports/socket';
import { err, ok, type Result, unreachable } from '@pocketeer/core/result';
import type { App } from '../app.ts';
import { formatMoment } from '../chat/format.ts';
import { type DeviceDb, type KnownSpace, openDeviceDb } from '../platform/device-db.ts';
import { browserPage, createBrowserTabs } from '../platform/tabs.ts';
import { shortSpaceId } from '../shell/space-id.ts';
import { composeApp } from './compose.ts';
import { hadSpaceBefore, rememberSpace } from './last-space.ts';
import { ensureSpaceStore, openSpace } from './open-space.ts';
import { foundNewSpace, openByWords, type RecoveryDeps } from './recovery.ts';
import {
	missingCapability,
	RELOAD,
	recoverySentence,
	storeSentence,
	storeTrouble,
	type Trouble,
	type TroubleChoice,
} from './trouble.ts';

/** The app, ready to be drawn, or why it could not be made. */
export type BootResult =
	| { readonly type: 'ready'; readonly app: App }
	| { readonly type: 'trouble'; readonly trouble: Trouble };

export type SystemDeps = ClockDep & RandomDep & LogDep & DialerDep;

/**
 * Opens what this browser profile has, or founds its first space. One tab at a time, so that two tabs opened at once do
 * not found two spaces. Never makes an empty space in place of one that is lost.
 */
export async function bootApp(system: SystemDeps): Promise<BootResult> {
	const missing = await missingCapability();
	if (missing) return { type: 'trouble', trouble: missing };
	const opened = await openDeviceDb();
	if (!opened.ok) return { type: 'trouble', trouble: storeTrouble(opened.error) };
	const device = opened.value;
	const relayUrl = (await device.relayUrl()) ?? location.origin;
	const deps: RecoveryDeps = { ...system, device, relayUrl };
	await takeInvite(device);

	const known = await navigator.locks.request('pocketeer/found', () => currentOrFirst(deps));
	return known.ok ? openKnown(deps, known.value) : { type: 'trouble', trouble: known.error };
}

async function currentOrFirst(deps: RecoveryDeps): Promise<Result<KnownSpace, Trouble>> {
	const current = await deps.device.currentSpace();
	if (!current.ok) return err(await lostTrouble(deps, undefined, storeSentence(current.error)));
	if (current.value) return ok(current.value);
	if (hadSpaceBefore()) return err(await lostTrouble(deps, undefined, undefined));
	const founded = await foundNewSpace(deps);
	return founded.ok ? founded : err(storeTrouble(founded.error));
}

async function openKnown(deps: RecoveryDeps, known: KnownSpace): Promise<BootResult> {
	const openTabs = (id: SpaceId) =>
		createBrowserTabs({ clock: deps.clock, locks: navigator.locks, page: browserPage() }, id);
	const relay = { url: deps.relayUrl, invite: await deps.device.inviteToken() };
	const opened = await openSpace({ ...deps, openTabs }, known, relay);
	if (opened.ok) {
		rememberSpace(known.id);
		return { type: 'ready', app: await composeApp(deps, opened.value) };
	}
	switch (opened.error.type) {
		case 'StoreLost':
			return { type: 'trouble', trouble: await lostTrouble(deps, known, undefined) };
		case 'NotFilled':
			return { type: 'trouble', trouble: await notFilledTrouble(deps, known) };
		case 'QuotaExceeded':
		case 'CorruptRow':
		case 'StoreUnavailable':
			return { type: 'trouble', trouble: storeTrouble(opened.error) };
		default:
			return unreachable(opened.error);
	}
}

/** What this browser kept is gone: nothing is made in its place before the person says what they want. */
async function lostTrouble(
	deps: RecoveryDeps,
	known: KnownSpace | undefined,
	reason: string | undefined,
): Promise<Trouble> {
	const fetchAgain: TroubleChoice = {
		label: 'Fetch it from the relay',
		hint: 'This device still has its keys. What had not reached the relay is lost.',
		act: async () => {
			if (!known) return undefined;
			const made = await ensureSpaceStore(deps, known.id);
			return made.ok ? RELOAD.act() : storeSentence(made.error);
		},
	};
	return {
		title: 'Your space is missing from this browser',
		text: [
			reason ??
				'There was a space here, but what this browser had stored of it is gone. Browsers delete data to free space.',
			'Nothing has been changed on the relay or on your other devices.',
		],
		...(known && { best: fetchAgain }),
		choices: [...(await otherSpaces(deps, known)), startNew(deps)],
		openWords: (words) => openWords(deps, words),
	};
}

async function notFilledTrouble(deps: RecoveryDeps, known: KnownSpace): Promise<Trouble> {
	return {
		title: 'Your space has not arrived yet',
		text: [
			'This device is new in the space, and the relay has not sent its contents so far.',
			'Check the connection and try again. If your other device was offline since it made the space, open it once.',
		],
		best: RELOAD,
		choices: [...(await otherSpaces(deps, known)), startNew(deps)],
		openWords: (words) => openWords(deps, words),
	};
}

/** The way back into what this device has beside a space that does not open; it needs no words. */
async function otherSpaces({ device, clock }: RecoveryDeps, known: KnownSpace | undefined): Promise<TroubleChoice[]> {
	const spaces = await device.spaces();
	if (!spaces.ok) return [];
	const others = spaces.value.filter(({ id }) => id !== known?.id).toSorted((a, b) => b.since - a.since);
	return others.map(({ id, since }) => ({
		label: `Open the space ${shortSpaceId(id)}`,
		hint: `It is on this device since ${formatMoment(since, clock.zone())}.`,
		act: async () => {
			const switched = await device.makeCurrent(id);
			return switched.ok ? RELOAD.act() : storeSentence(switched.error);
		},
	}));
}

function startNew(deps: RecoveryDeps): TroubleChoice {
	return {
		label: 'Start a new, empty space',
		hint: 'The former one stays where it still is; its recovery words open it again.',
		act: async () => {
			const founded = await foundNewSpace(deps);
			return founded.ok ? RELOAD.act() : storeSentence(founded.error);
		},
	};
}

async function openWords(deps: RecoveryDeps, words: string): Promise<string> {
	const opened = await openByWords(deps, words);
	if (!opened.ok) return recoverySentence(opened.error);
	await RELOAD.act();
	return '';
}

/** A link with `#invite=…` lets a new space into a relay that takes them by invitation; the token leaves the address. */
async function takeInvite(device: DeviceDb): Promise<void> {
	const token = new URLSearchParams(location.hash.slice(1)).get('invite');
	if (!token) return;
	await device.keepInviteToken(token);
	history.replaceState(history.state, '', location.pathname + location.search);
}
