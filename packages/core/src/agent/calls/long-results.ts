import { utf8 } from '../../bytes.ts';
import type { LogDep } from '../../ports/log.ts';
import type { ToolStepRecord } from '../../space/records.ts';
import type { Blobs } from '../../space/space.ts';

/**
 * Characters of text in one result; what is longer is kept whole and shown cut. About 6,000 tokens: more than a model reads
 * with attention at one time, and every later request of the epoch would carry it. Tools that page by themselves stay below.
 */
export const LONGEST_RESULT = 24_000;

type Result = ToolStepRecord['result'];

/**
 * A result as it is recorded: a long text is stored whole and cut, with a last block that says so and how to read on. When it
 * cannot be stored, that block says that the rest is lost.
 */
export async function fitResult(
	deps: { readonly blobs?: Pick<Blobs, 'put'> } & LogDep,
	made: { readonly tool: string; readonly result: Result },
): Promise<Pick<ToolStepRecord, 'result' | 'whole'>> {
	const { tool, result } = made;
	const whole = textOf(result);
	if (whole.length <= LONGEST_RESULT) return { result };
	const beginning = beginningOf(whole);
	const rest = typeof result === 'string' || !result ? [] : result.filter((block) => block.type !== 'text');
	const cut = `Cut after ${beginning.length} of ${whole.length} characters`;
	const bytes = utf8(whole);
	const stored = await deps.blobs?.put(bytes);
	if (!stored?.ok) {
		deps.log.warn('result-not-kept', { tool, error: stored?.error.type ?? 'no-blobs' });
		const lost = `[${cut}. The rest could not be kept on this device: ask for less at a time.]`;
		return { result: [...rest, { type: 'text', text: beginning }, { type: 'text', text: lost }] };
	}
	const call = `{"id": ${JSON.stringify(stored.value)}, "offset": ${beginning.length}}`;
	const readOn = `[${cut}; read on with fetch_attachment ${call}]`;
	return {
		result: [...rest, { type: 'text', text: beginning }, { type: 'text', text: readOn }],
		whole: { blob: stored.value, name: `${tool}-result.txt`, mediaType: 'text/plain', sizeBytes: bytes.length },
	};
}

/** The text of a result in one piece, as it is kept and counted. */
function textOf(result: Result): string {
	if (result === undefined) return '';
	const whole =
		typeof result === 'string'
			? result
			: result.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n\n');
	// Half a character would not survive UTF-8, and offsets would then count another text.
	return whole.toWellFormed();
}

/** Never ends in half a character. */
function beginningOf(text: string): string {
	const beginning = text.slice(0, LONGEST_RESULT);
	return beginning.isWellFormed() ? beginning : beginning.slice(0, -1);
}
