import type { PushState } from '../app.ts';

/** How notifications stand on this device, and what to do about it, in a sentence. */
export function describePush(state: PushState): string {
	switch (state.type) {
		case 'on':
			return 'Notifications are on for this device.';
		case 'off':
			return 'Notifications are off. Reminders show only while Pocketeer is open.';
		case 'denied':
			return 'Notifications are blocked for this site. Allow them in the browser’s settings for this page, then come back; until then reminders show only while Pocketeer is open.';
		case 'unsupported':
			return `This browser cannot show notifications: ${sentence(state.reason)} Reminders show while Pocketeer is open.`;
		case 'failed':
			return `Notifications could not be turned on: ${sentence(state.reason)} Reminders show while Pocketeer is open.`;
	}
}

function sentence(reason: string): string {
	return /[.!?]$/.test(reason) ? reason : `${reason}.`;
}
