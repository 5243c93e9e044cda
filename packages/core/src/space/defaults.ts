import * as Y from 'yjs';
import { PRACTICE, SOUL } from './default-texts.ts';
import { pathKey } from './paths.ts';
import { diffText, type TextEdit } from './text-diff.ts';

/**
 * A file that is there before anyone wrote it. It becomes a real file with its first edit; until then every new
 * version of Pocketeer brings its newest text.
 */
export interface DefaultFile {
	readonly path: string;
	/**
	 * All texts ever shipped, oldest first. Only append: each is stored as an edit of the one before, so that
	 * devices with different versions of Pocketeer, editing first while apart, start from the same Yjs items.
	 */
	readonly versions: readonly string[];
}

const DEFAULT_FILES: readonly DefaultFile[] = [
	{ path: 'SOUL.md', versions: [SOUL] },
	{ path: 'PRACTICE.md', versions: [PRACTICE] },
];

/** The shipped files. */
export function defaultFiles(): readonly DefaultFile[] {
	return DEFAULT_FILES;
}

/** The shipped file at this path, whatever the case of its letters. */
export function defaultFile(path: string): DefaultFile | undefined {
	return DEFAULT_FILES.find((file) => pathKey(file.path) === pathKey(path));
}

/** The newest shipped text. */
export function defaultText(file: DefaultFile): string {
	return file.versions.at(-1) ?? '';
}

/**
 * Puts the shipped text into an empty file document. The update is the same on every device, down to client and
 * clock of each item (version n is written by Yjs client n), so two devices that both do this have the text once.
 */
export function seedDefault(file: DefaultFile, doc: Y.Doc): void {
	const seed = new Y.Doc();
	const text = seed.getText('text');
	let before = '';
	file.versions.forEach((version, index) => {
		seed.clientID = index + 1;
		applyToText(text, diffText(before, version), SEED_ORIGIN);
		before = version;
	});
	Y.applyUpdate(doc, Y.encodeStateAsUpdate(seed), SEED_ORIGIN);
	seed.destroy();
}

/** Origin of the transaction that seeds a default: a change of this device, to be kept like any other. */
const SEED_ORIGIN = 'shipped-default';

/** Carries out edits on a shared text in one transaction. */
export function applyToText(text: Y.Text, edits: readonly TextEdit[], origin: unknown): void {
	const change = () => {
		let shift = 0;
		for (const { offset, removed, inserted } of edits) {
			if (removed) text.delete(offset + shift, removed.length);
			if (inserted) text.insert(offset + shift, inserted);
			shift += inserted.length - removed.length;
		}
	};
	if (text.doc) text.doc.transact(change, origin);
	else change();
}
