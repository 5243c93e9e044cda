import type { JoinedByPairing, PairingGuest } from '@pocketeer/core/members/members';
import { joinByPairing } from '@pocketeer/core/members/pairing-guest';
import type { StoreError } from '@pocketeer/core/ports/store';
import { err, type Result } from '@pocketeer/core/result';
import { browserName } from '../platform/browser-name.ts';
import { shortSpaceId } from '../shell/space-id.ts';
import { applyTheme } from '../shell/theme.ts';
import { noteOwnNames, type OwnNames } from './own-names.ts';
import { continues, keepJoined, OTHER_CHAIN, type OtherChain, openByWords, type RecoveryDeps } from './recovery.ts';
import { parseSettings } from './settings.ts';
import { recoverySentence } from './trouble.ts';

/** A start that is to lead into a space this browser is not in yet. Nothing is founded meanwhile. */
export interface GuestStart {
	/** From the link that was opened; undefined where a code is to be typed. */
	readonly fragment: string | undefined;
	/** What the space is called that this browser has already; undefined when there is none. */
	readonly present: string | undefined;
	/** What this browser calls itself. */
	readonly deviceName: string;
	/** Meets the other device; `joined` once what it gave is on disk here: then go to it. */
	join(request: JoinRequest): PairingGuest;
	/** Answers a sentence that says what was wrong, or undefined when the space is there: then go to it. */
	openWords(words: string): Promise<string | undefined>;
	/** Into the space that is there now, or a new one when there is none. */
	goOn(): void;
}

/** What a browser that wants to come in says. */
export interface JoinRequest extends OwnNames {
	/** A code as typed, a link, or its fragment. */
	readonly invitation: string;
}

/** Prepares the start of a guest over the device's database. */
export async function createGuestStart(deps: RecoveryDeps, fragment: string | undefined): Promise<GuestStart> {
	const settings = await deps.device.settings();
	if (settings.ok) applyTheme(parseSettings(settings.value).theme);
	const current = await deps.device.currentSpace();
	const id = current.ok ? current.value?.id : undefined;
	return {
		fragment,
		present: id && ((await deps.device.spaceName(id)) || shortSpaceId(id)),
		deviceName: browserName(navigator.userAgent),
		join: (request) =>
			joinByPairing(deps, { ...request, relayUrl: deps.relayUrl, keep: (joined) => keepPaired(deps, joined, request) }),
		async openWords(words) {
			const opened = await openByWords(deps, words);
			return opened.ok ? undefined : recoverySentence(opened.error);
		},
		goOn: () => location.replace('/'),
	};
}

async function keepPaired(
	deps: RecoveryDeps,
	{ identity, person, spaceName }: JoinedByPairing,
	names: OwnNames,
): Promise<Result<void, StoreError | OtherChain>> {
	const before = await deps.device.space(identity.spaceId);
	// Before anything is noted: the names would be those of a space that stays as it is.
	if (before.ok && before.value && !continues(before.value, identity)) return err(OTHER_CHAIN);
	const noted = await noteOwnNames(deps.device, identity.spaceId, names);
	if (!noted.ok) return noted;
	if (spaceName !== '') await deps.device.keepSpaceName(identity.spaceId, spaceName);
	return keepJoined(deps, { joined: identity, person });
}
