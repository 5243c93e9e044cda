import type { FileEntry, Files, OpenFile } from '@pocketeer/core/space/space';
import { type Accessor, createEffect, createSignal, onCleanup } from 'solid-js';
import { createEntry } from './create-file-list.ts';
import { describeFileError } from './words.ts';

/** One file as a page holds it. Who shows `file` disposes it, because only it knows when the last words are on disk. */
export interface OpenedFile {
	/** undefined while no file lies at the path. */
	readonly entry: Accessor<FileEntry | undefined>;
	/** Stays after the file was deleted, so that what was typed last can still be kept. */
	readonly file: Accessor<OpenFile | undefined>;
	/** Why it could not be opened. */
	readonly problem: Accessor<string | undefined>;
}

/** Opens the file as soon as there is one at `path`; tells where it went when it was moved away. */
export function createOpenFile(
	files: Files,
	options: { readonly path: string; readonly onMoved: (path: string) => void },
): OpenedFile {
	const entry = createEntry(files, options.path);
	const [file, setFile] = createSignal<OpenFile>();
	const [problem, setProblem] = createSignal<string>();
	let isGone = false;
	let isOpening = false;

	createEffect(() => {
		if (entry() !== undefined) void open();
		else followMove();
	});
	onCleanup(() => {
		isGone = true;
	});
	return { entry, file, problem };

	async function open() {
		if (file() || isOpening) return;
		isOpening = true;
		const opened = await files.open(options.path);
		isOpening = false;
		if (!opened.ok) {
			setProblem(describeFileError(opened.error));
		} else if (isGone) {
			opened.value[Symbol.dispose]();
		} else {
			setProblem(undefined);
			setFile(opened.value);
		}
	}

	/** Renamed here or on another device: stay with the file, not with the name. */
	function followMove() {
		const id = file()?.entry.id;
		const moved = id && files.list().find((candidate) => candidate.id === id);
		if (moved) options.onMoved(moved.path);
	}
}
