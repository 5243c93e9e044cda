import { sizeInWords } from '@pocketeer/core/agent/request/attachment-blocks';
import { MOST_BLOB_BYTES } from '@pocketeer/core/space/blobs';
import type { BlobError } from '@pocketeer/core/space/space';
import { describeStoreError } from '../shell/sentences.ts';

/** The size that is told: people count in millions. */
const MOST = `${Math.floor(MOST_BLOB_BYTES / 1_000_000)} MB`;

/** Why a file was not attached, in a sentence that begins with its name. */
export function tooLarge(name: string, sizeBytes: number): string {
	return `${name} is too large: ${sizeInWords(sizeBytes)}; up to ${MOST} can be attached.`;
}

/** It is none of the kinds a model can look at. */
export function unknownKind(name: string, isPicture: boolean): string {
	if (/\.hei[cf]$/i.test(name)) {
		return `${name} is a HEIC photo, which this browser cannot read. Share it as JPEG, or set the camera to “Most compatible”.`;
	}
	if (isPicture) return `${name} is a picture that this browser cannot read. PNG, JPEG, GIF and WebP can be attached.`;
	return `${name} is neither an image, a PDF nor a text, so it cannot be attached.`;
}

/** It holds nothing. */
export function isEmpty(name: string): string {
	return `${name} is empty, so it was not attached.`;
}

/** Nobody but who has the password can look at it. */
export function isLocked(name: string): string {
	return `${name} is protected by a password. Save a copy without it and attach that.`;
}

/** The browser handed over a file and then did not give its bytes. */
export function cannotRead(name: string): string {
	return `${name} could not be read. Choose it again; a file in the cloud may have to be downloaded first.`;
}

/** This device could not keep it. */
export function notKept(name: string, error: BlobError): string {
	switch (error.type) {
		case 'TooLarge':
			return tooLarge(name, error.sizeBytes);
		case 'NotHere':
			return cannotRead(name);
		default:
			return `${name} was not attached. ${describeStoreError(error)}`;
	}
}

/** Too many for one message. */
export function tooMany(most: number): string {
	return `At most ${most} files can be attached to one message.`;
}

/** Too much together for one message. */
export function tooMuchTogether(name: string): string {
	return `${name} was not attached: together the attachments of one message may have ${MOST}.`;
}
