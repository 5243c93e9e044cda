import type { DeviceId, PersonId } from '@pocketeer/core/ids';
import { unreachable } from '@pocketeer/core/result';
import type { Actor, HistoryPatch } from '@pocketeer/core/space/records';
import type { Directory, FileError, Self } from '@pocketeer/core/space/space';
import { describeStoreError } from '../shell/sentences.ts';

/** What went wrong with a file, as a sentence that says what to do. */
export function describeFileError(error: FileError): string {
	switch (error.type) {
		case 'BadPath':
		case 'Invalid':
			return error.reason;
		case 'NoSuchFile':
			return `There is no file ${error.path}.`;
		case 'NotHere':
			return `${error.path} has not reached this device yet. It comes when this device and the relay are connected.`;
		case 'PathTaken':
			return `There is already a file ${error.path}. Choose another name.`;
		case 'NotUnique':
			return `The text to replace occurs ${error.count} times in ${error.path}; it must occur once.`;
		case 'TooLong':
			return `${error.path} would have ${count(error.length)} characters; at most ${count(error.limit)} fit. Nothing was changed: split it into several files.`;
		case 'CannotUndo':
			return `This change cannot be undone: ${error.reason}`;
		case 'QuotaExceeded':
		case 'CorruptRow':
		case 'StoreUnavailable':
			return describeStoreError(error);
		default:
			return unreachable(error);
	}
}

/** Who made a change, from where the reader stands. */
export function describeActor(actor: Actor, self: Self, directory?: Pick<Directory, 'people' | 'devices'>): string {
	switch (actor.type) {
		case 'clerk':
			return 'Clerk';
		case 'agent':
			return actor.agent ? capital(actor.agent) : 'Pocketeer';
		case 'person':
			if (actor.person !== self.person) return nameOf(directory?.people(), actor.person) ?? capital(actor.person);
			if (actor.device === self.device) return 'You';
			return `You, on ${nameOf(directory?.devices(), actor.device) ?? 'another device'}`;
		default:
			return unreachable(actor.type);
	}
}

/** What happened besides the text, and why the change was made; undefined when there is nothing to say. */
export function describeReason(patch: HistoryPatch): string | undefined {
	const what = describeEvent(patch);
	const why = patch.actor.reason;
	return what === undefined ? why : why === undefined ? what : `${what}: ${why}`;
}

function describeEvent(patch: HistoryPatch): string | undefined {
	if (patch.undoes !== undefined) return 'Undid an earlier change';
	if (patch.created !== undefined) return 'Created the file';
	if (patch.movedFrom !== undefined) return `Renamed from ${patch.movedFrom}`;
	if (patch.deleted !== undefined) return 'Deleted the file';
	if (patch.restored !== undefined) return 'Brought the file back';
	return undefined;
}

/** The person at this device as the author of a change. */
export function selfAsActor(self: { readonly person: PersonId; readonly device: DeviceId }, reason?: string): Actor {
	const actor = { type: 'person', person: self.person, device: self.device } as const;
	return reason === undefined ? actor : { ...actor, reason };
}

function nameOf(known: readonly { readonly id: string; readonly name: string }[] | undefined, id: string) {
	return known?.find((one) => one.id === id)?.name || undefined;
}

function count(value: number): string {
	return value.toLocaleString('en');
}

function capital(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}
