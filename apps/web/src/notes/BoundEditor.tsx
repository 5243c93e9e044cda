import type { OpenFile } from '@pocketeer/core/space/space';
import { lazy, onCleanup } from 'solid-js';
import { useApp } from '../app.ts';
import { makeSaveTracker, type SaveState } from '../editor/save-state.ts';
import { describeStoreError } from '../shell/sentences.ts';
import { useToasts } from '../shell/toasts.tsx';

const Editor = lazy(() => import('../editor/Editor.tsx'));

/** The editor of an open file. Follows what is typed to the disk, and lets go of the file only when the last of it is there. */
export function BoundEditor(props: {
	file: OpenFile;
	path: string;
	isNew: boolean;
	onSave: (state: SaveState) => void;
	onRefused: (length: number) => void;
	onFollow: (target: string) => void;
}) {
	const app = useApp();
	const toasts = useToasts();
	const { file, path } = props;
	const tracker = makeSaveTracker({ clock: app.clock }, file, (state) => props.onSave(state));
	const typed = (_: unknown, transaction: { readonly local: boolean }) => transaction.local && tracker.changed();
	file.text.observe(typed);
	const hid = () => document.visibilityState === 'hidden' && file.flush();
	document.addEventListener('visibilitychange', hid);
	onCleanup(() => {
		document.removeEventListener('visibilitychange', hid);
		file.text.unobserve(typed);
		file.flush();
		tracker.changed();
		void tracker.settled().then((state) => {
			tracker[Symbol.dispose]();
			file[Symbol.dispose]();
			if (state.type !== 'failed') return;
			toasts.show({ text: `${path} is not saved. ${describeStoreError(state.error)}`, tone: 'danger' });
		});
	});
	return (
		<Editor
			path={path}
			text={file.text}
			isFocused={props.isNew}
			onRefused={props.onRefused}
			onFollow={props.onFollow}
		/>
	);
}
