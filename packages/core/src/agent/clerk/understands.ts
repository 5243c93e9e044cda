import type { WhenContext } from '../../schedule/parse-when.ts';
import { understand } from './understand.ts';

/**
 * Whether a message is for the clerk although an assistant could have it: something it is commanded to, does, or asks back
 * about. Small talk and plain questions, which it can only look up in the notes, are better answered by an assistant.
 */
export async function clerkUnderstands(text: string, context: WhenContext): Promise<boolean> {
	if (text.trimStart().startsWith('/')) return true;
	const intent = await understand(text, context);
	if (intent.type === 'call') return intent.tool !== 'search_files';
	return intent.type === 'ask-when';
}
