import { Show } from 'solid-js';
import type { SaveState } from '../editor/save-state.ts';
import { Icon } from '../icons/Icon.tsx';
import { folderOf, nameOf } from './tree.ts';

/** Name of a file, whether it is saved, and what can be done with it. */
export function FileHead(props: {
	path: string;
	/** Nothing can be done with a file that is not open. */
	isOpen: boolean;
	/** A shipped text has no name of its own to change and nothing to delete. */
	isDefault: boolean;
	save: SaveState;
	isHistoryOpen: boolean;
	onBack: () => void;
	onHistory: () => void;
	onRename: () => void;
	onDelete: () => void;
}) {
	return (
		<header class="file-head">
			<button type="button" class="icon-button file-back" aria-label="Back to files" onClick={() => props.onBack()}>
				<Icon name="chevron-left" />
			</button>
			<h2 class="file-title">
				<Show when={folderOf(props.path)}>{(folder) => <span class="file-folder">{folder()}/</span>}</Show>
				<span class="file-name">{nameOf(props.path)}</span>
			</h2>
			<Show when={props.isOpen}>
				<SaveMark state={props.save} />
				<div class="file-actions">
					<button
						type="button"
						class="icon-button"
						aria-label="History"
						title="History"
						aria-pressed={props.isHistoryOpen}
						onClick={() => props.onHistory()}
					>
						<Icon name="history" />
					</button>
					<Show when={!props.isDefault}>
						<button
							type="button"
							class="icon-button"
							aria-label="Rename or move"
							title="Rename or move"
							onClick={() => props.onRename()}
						>
							<Icon name="pencil" />
						</button>
						<button
							type="button"
							class="icon-button"
							aria-label="Delete"
							title="Delete"
							onClick={() => props.onDelete()}
						>
							<Icon name="trash-2" />
						</button>
					</Show>
				</div>
			</Show>
		</header>
	);
}

const WORDS = { saved: 'Saved', saving: 'Saving…', failed: 'Not saved' } as const;

function SaveMark(props: { state: SaveState }) {
	return (
		<span class="save-mark" data-state={props.state.type}>
			{WORDS[props.state.type]}
		</span>
	);
}
