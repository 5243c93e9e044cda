import type { FileEntry, OpenFile } from '@pocketeer/core/space/space';
import { Show } from 'solid-js';
import type { SaveState } from '../editor/save-state.ts';
import { Icon } from '../icons/Icon.tsx';
import { describeStoreError } from '../shell/sentences.ts';
import { TaskReading } from './TaskReading.tsx';
import { aboutFile } from './tree.ts';

/** What has to be said about a file before its text: not saved, refused, deleted, shipped, how its schedule reads. */
export function FileNotices(props: {
	path: string;
	entry: FileEntry | undefined;
	file: OpenFile | undefined;
	problem: string | undefined;
	save: SaveState;
	refusal: string | undefined;
	onDismiss: () => void;
	onRestore: () => void;
}) {
	return (
		<div class="file-notices">
			<FailedSave state={props.save} />
			<Show when={props.refusal}>
				{(sentence) => (
					<p class="note note-warning" role="alert">
						<Icon name="triangle-alert" />
						<span>{sentence()}</span>
						<button type="button" class="note-close" aria-label="Dismiss" onClick={() => props.onDismiss()}>
							<Icon name="x" class="icon-s" />
						</button>
					</p>
				)}
			</Show>
			<Show when={props.problem}>
				{(sentence) => (
					<p class="note note-danger" role="alert">
						<Icon name="circle-alert" />
						<span>{sentence()}</span>
					</p>
				)}
			</Show>
			<Show when={props.entry?.isDefault}>
				<p class="reading">
					<Icon name="info" class="icon-s" />
					<span>
						{aboutFile(props.path) ?? 'Part of Pocketeer'}. This is the text it ships with; your first change makes it
						yours.
					</span>
				</p>
			</Show>
			<Show when={props.path.startsWith('tasks/')}>
				<TaskReading path={props.path} />
			</Show>
			<Show when={!props.entry}>
				<Missing path={props.path} wasOpen={props.file !== undefined} onRestore={props.onRestore} />
			</Show>
		</div>
	);
}

function FailedSave(props: { state: SaveState }) {
	const error = () => (props.state.type === 'failed' ? props.state.error : undefined);
	return (
		<Show when={error()}>
			{(reason) => (
				<p class="note note-danger" role="alert">
					<Icon name="circle-alert" />
					<span>
						Not saved. {describeStoreError(reason())} Your text stays here as long as this page is open, and saving is
						tried again by itself.
					</span>
				</p>
			)}
		</Show>
	);
}

function Missing(props: { path: string; wasOpen: boolean; onRestore: () => void }) {
	return (
		<Show when={props.wasOpen} fallback={<p class="note">There is no file {props.path}.</p>}>
			<p class="note note-warning" role="status">
				<Icon name="trash-2" />
				<span>This file was deleted. Bring it back, or go on writing: that brings it back too.</span>
				<button type="button" class="button button-small" onClick={() => props.onRestore()}>
					Bring it back
				</button>
			</p>
		</Show>
	);
}
