import { createSignal, createUniqueId } from 'solid-js';
import { useApp } from '../app.ts';
import { Dialog } from '../shell/Dialog.tsx';
import { Problem } from '../shell/Problem.tsx';
import { describeStoreError } from '../shell/sentences.ts';
import type { DeviceRow } from './device-rows.ts';

/** Gives a device of one's own another name. */
export function RenameDialog(props: { row: DeviceRow; onClose: () => void }) {
	const { directory } = useApp().space;
	const id = createUniqueId();
	const [name, setName] = createSignal(props.row.name);
	const [problem, setProblem] = createSignal<string>();
	const save = async (event: SubmitEvent) => {
		event.preventDefault();
		if (name().trim() === '') return setProblem('A name has at least one letter.');
		const kept = await directory.nameDevice(props.row.id, name().trim());
		if (kept.ok) props.onClose();
		else setProblem(`Not saved. ${describeStoreError(kept.error)}`);
	};
	return (
		<Dialog title="Rename device" onClose={() => props.onClose()}>
			<form class="dialog-form" onSubmit={save}>
				<div class="field">
					<label for={id}>Name of the device</label>
					<input
						id={id}
						class="input"
						maxlength={60}
						autocomplete="off"
						value={name()}
						onInput={(event) => setName(event.currentTarget.value)}
					/>
				</div>
				<Problem text={problem()} />
				<div class="dialog-buttons">
					<button type="button" class="button button-quiet" onClick={() => props.onClose()}>
						Cancel
					</button>
					<button type="submit" class="button button-primary">
						Save
					</button>
				</div>
			</form>
		</Dialog>
	);
}
