import type { Line } from '@pocketeer/core/space/space';
import { MAIN_LINE } from '../chat/lines.ts';

/** Address of a line on the Chat screen. */
export function lineHref(line: Pick<Line, 'id' | 'name'>): string {
	return line.name === MAIN_LINE ? '/' : `/chat/${line.id}`;
}
