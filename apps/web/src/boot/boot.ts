import type { SpaceId } from '@pocketeer/core/ids';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import type { LogDep } from '@pocketeer/core/ports/log';
import type { RandomDep } from '@pocketeer/core/ports/random';
import type { DialerDep } from '@pocketeer/core/ports/socket';
import { err, ok, type Result, unreachable } from '@pocketeer/core/result';
import type { App } from '../app.ts';
import { fragmentOf } from '../pairing/invitation.ts';
import { type KnownSpace, openDeviceDb } from '../platform/device-db.ts';
import { browserPage, createBrowserTabs } from '../platform/tabs.ts';
import { composeApp } from './compose.ts';
import type { GuestStart } from './join.ts';
import { hadSpaceBefore, rememberSpace } from './last-space.ts';
import { openSpace } from './open-space.ts';
import type { RecoveryDeps } from './recovery.ts';
import { missingCapability, storeSentence, storeTrouble, type Trouble } from './trouble.ts';

/** The app, ready to be drawn, or why it could not be made; or this browser is to come into a space it is not in. */
export type BootResult =
	| { readonly type: 'ready'; readonly app: App }
	| { readonly type: 'guest'; readonly start: GuestStart }
	| { readonly type: 'trouble'; readonly trouble: Trouble };

export type SystemDeps = ClockDep & RandomDep & LogDep & DialerDep;

/**
 * Opens what this browser profile has, or founds its first space. One tab at a time, so that two tabs opened at once do
 * not found two spaces. Never makes an empty space in place of one that is lost.
 */
export async function bootApp(system: SystemDeps): Promise<BootResult> {
	const missing = await missingCapability();
	if (missing) return { type: 'trouble', trouble: missing };
	// Not before: where nothing works, the link is still good over https.
	const asked = takeHash();
	const opened = await openDeviceDb();
	if (!opened.ok) return { type: 'trouble', trouble: storeTrouble(opened.error) };
	const device = opened.value;
	const relayUrl = (await device.relayUrl()) ?? location.origin;
	const deps: RecoveryDeps = { ...system, device, relayUrl };
	if (asked.invite) await device.keepInviteToken(asked.invite);
	if (location.pathname === JOIN_PATH) {
		const { createGuestStart } = await import('./join.ts');
		return { type: 'guest', start: await createGuestStart(deps, asked.pairing) };
	}

	const known = await navigator.locks.request('pocketeer/found', () => currentOrFirst(deps));
	return known.ok ? openKnown(deps, known.value) : { type: 'trouble', trouble: known.error };
}

async function currentOrFirst(deps: RecoveryDeps): Promise<Result<KnownSpace, Trouble>> {
	const current = await deps.device.currentSpace();
	if (!current.ok) return err(await (await loadLost()).lostTrouble(deps, undefined, storeSentence(current.error)));
	if (current.value) return ok(current.value);
	if (hadSpaceBefore()) return err(await (await loadLost()).lostTrouble(deps, undefined, undefined));
	const { foundNewSpace } = await import('./recovery.ts');
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
			return { type: 'trouble', trouble: await (await loadLost()).lostTrouble(deps, known, undefined) };
		case 'NotFilled':
			return { type: 'trouble', trouble: await (await loadLost()).notFilledTrouble(deps, known) };
		case 'QuotaExceeded':
		case 'CorruptRow':
		case 'StoreUnavailable':
			return { type: 'trouble', trouble: storeTrouble(opened.error) };
		default:
			return unreachable(opened.error);
	}
}

/** What to say of a space that is not here: hardly ever needed, so not part of the first load. */
function loadLost() {
	return import('./lost.ts');
}

/** Where a browser comes into a space that exists already. */
const JOIN_PATH = '/join';

/**
 * What a link brought behind its `#`: a pairing, or a token (`#invite=…`) that lets a new space into a relay which takes
 * them by invitation. It leaves the address at once, before anybody could copy or see it there.
 */
function takeHash(): { readonly pairing: string | undefined; readonly invite: string | null } {
	const { hash, pathname, search } = location;
	const pairing = fragmentOf(hash);
	const invite = new URLSearchParams(hash.slice(1)).get('invite');
	if (pairing || invite) history.replaceState(null, '', pairing ? JOIN_PATH : pathname + search);
	// A link that is opened in this very tab changes the address and loads nothing.
	addEventListener('hashchange', () => fragmentOf(location.hash) && location.reload());
	return { pairing, invite };
}
