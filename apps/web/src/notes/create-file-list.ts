import type { FileEntry, Files } from '@pocketeer/core/space/space';
import { type Accessor, createMemo, createSignal, onCleanup } from 'solid-js';
import { createSubscribed } from '../shell/reactive.ts';
import { isSameTree } from './tree.ts';

/** The living files, anew only when the tree would look different; a burst of changes is one change a frame. */
export function createFileList(files: Files): Accessor<readonly FileEntry[]> {
	const [list, setList] = createSignal(files.list(), { equals: isSameTree });
	let frame = 0;
	const subscription = files.subscribe(() => {
		frame ||= requestAnimationFrame(() => {
			frame = 0;
			setList(files.list());
		});
	});
	onCleanup(() => {
		cancelAnimationFrame(frame);
		subscription[Symbol.dispose]();
	});
	return list;
}

/** The entry of one path, followed: anew when that file changed, undefined while no file lies there. */
export function createEntry(files: Files, path: string): Accessor<FileEntry | undefined> {
	const found = createSubscribed(files, () => files.find(path));
	return createMemo(found, undefined, {
		equals: (a, b) =>
			a?.id === b?.id && a?.path === b?.path && a?.revision === b?.revision && a?.isDefault === b?.isDefault,
	});
}
