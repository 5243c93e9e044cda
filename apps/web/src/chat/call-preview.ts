import { diffText } from '@pocketeer/core/space/text-diff';
import { type PatchView, viewInText } from '../notes/patch-lines.ts';
import { visibleText } from './visible-text.ts';

/** What a call would do, to be read before it is let run. */
export interface CallPreview {
	/** Arguments as a person reads them, without those that are shown in another way. */
	readonly facts: readonly { readonly name: string; readonly value: string }[];
	/** A longer text that would be written or sent. */
	readonly text: string | undefined;
	/** The change of a file that is there. */
	readonly change: PatchView | undefined;
}

const FACTS: Readonly<Record<string, string>> = {
	path: 'File',
	from: 'From',
	to: 'To',
	line: 'Line',
	when: 'When',
	every: 'Repeats',
	zone: 'Time zone',
	name: 'Name',
	reason: 'Why',
};
/** Arguments that are the text itself. */
const TEXTS = ['text', 'prompt', 'content'];
/** For the tool, not for the person. */
const HIDDEN = ['hash', 'create'];

/** The file whose present text a preview of the call needs: of a move, the one that would stand at `path`. */
export function fileOf(call: { readonly name: string; readonly input: unknown }, path: string): string {
	const { name, input } = call;
	const from: unknown = typeof input === 'object' && input !== null ? Reflect.get(input, 'from') : undefined;
	return name === 'move_file' && typeof from === 'string' ? from.trim() : path;
}

/** Makes the preview; `present` is the file's text as it is now (`fileOf`), where the call is about a file. */
export function previewCall(
	call: { readonly name: string; readonly input: unknown },
	present: string | undefined,
): CallPreview {
	const input = Object.entries(typeof call.input === 'object' && call.input !== null ? call.input : {});
	const textAt = (name: string) => {
		const found: unknown = input.find(([field]) => field === name)?.[1];
		return typeof found === 'string' ? found : undefined;
	};
	const change = changeOf(call.name, textAt, present);
	const shown = new Set([...HIDDEN, ...(change ? ['text', 'old', 'new'] : [])]);
	const text = TEXTS.find((name) => !shown.has(name) && textAt(name) !== undefined);
	const facts = input
		.filter(([name]) => !shown.has(name) && name !== text)
		.map(([name, value]) => ({
			name: FACTS[name] ?? name,
			value: visibleText(typeof value === 'string' ? value : JSON.stringify(value)),
		}));
	const whole = call.name === 'move_file' ? present : text && textAt(text);
	return { facts, text: whole && visibleText(whole), change: change && visibleChange(change) };
}

function visibleChange(change: PatchView): PatchView {
	return { ...change, lines: change.lines.map((line) => ({ ...line, text: visibleText(line.text) })) };
}

function changeOf(
	tool: string,
	textAt: (name: string) => string | undefined,
	present: string | undefined,
): PatchView | undefined {
	if (tool === 'write_file') {
		const text = textAt('text');
		if (text === undefined || present === undefined) return undefined;
		return viewInText(present, diffText(present, text));
	}
	const [before, after] = [textAt('old'), textAt('new')];
	if (tool !== 'edit_file' || before === undefined || after === undefined) return undefined;
	const offset = present?.indexOf(before) ?? -1;
	const whole = offset < 0 || present === undefined ? before : present;
	return viewInText(whole, [{ offset: Math.max(0, offset), removed: before, inserted: after }]);
}
