import { describeStoreError } from '../shell/sentences.ts';
import type { SendError } from './create-conversation.ts';

/** Why a message did not go out, as a sentence. */
export function describeSendError(error: SendError): string {
	if (error.type !== 'AgentMissing') return describeStoreError(error);
	return `A part of the app could not be loaded (${error.reason}). Check the connection and reload the page.`;
}
