import { formatMoment } from '../chat/format.ts';
import type { KnownSpace } from '../platform/device-db.ts';
import { shortSpaceId } from '../shell/space-id.ts';
import { ensureSpaceStore } from './open-space.ts';
import { foundNewSpace, openByWords, type RecoveryDeps } from './recovery.ts';
import { RELOAD, recoverySentence, storeSentence, type Trouble, type TroubleChoice } from './trouble.ts';

/** What this browser kept is gone: nothing is made in its place before the person says what they want. */
export async function lostTrouble(
	deps: RecoveryDeps,
	known: KnownSpace | undefined,
	reason: string | undefined,
): Promise<Trouble> {
	const fetchAgain: TroubleChoice = {
		label: 'Fetch it from the relay',
		hint: 'This device still has its keys. What had not reached the relay is lost.',
		act: async () => {
			if (!known) return undefined;
			const made = await ensureSpaceStore(deps, known);
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

/** The relay has not sent what a new device waits for: it goes on waiting, or elsewhere. */
export async function notFilledTrouble(deps: RecoveryDeps, known: KnownSpace): Promise<Trouble> {
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
