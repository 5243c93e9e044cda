import type { Members } from '@pocketeer/core/members/members';
import { createSignal, Show } from 'solid-js';
import { Busy } from '../shell/Busy.tsx';
import { Dialog } from '../shell/Dialog.tsx';
import { Problem } from '../shell/Problem.tsx';
import { useToasts } from '../shell/toasts.tsx';
import type { DeviceRow } from './device-rows.ts';
import { describeMembersError } from './members-words.ts';

/** Says what taking a device out does and does not do, then does it. */
export function RemoveDialog(props: {
	members: Members;
	row: DeviceRow;
	/** How many devices the space has now. */
	count: number;
	onClose: () => void;
}) {
	const toasts = useToasts();
	const [isBusy, setIsBusy] = createSignal(false);
	const [problem, setProblem] = createSignal<string>();
	const remove = async () => {
		setIsBusy(true);
		setProblem(undefined);
		const done = await props.members.remove(props.row.id);
		setIsBusy(false);
		if (!done.ok) return setProblem(describeMembersError(done.error));
		toasts.show({ text: `${props.row.name} is removed. It gets nothing new.` });
		props.onClose();
	};
	const rest = () => (props.count === 2 ? 'this device' : `the ${props.count - 1} devices that stay`);
	return (
		<Dialog title={`Remove ${props.row.name}?`} isBusy={isBusy()} onClose={() => props.onClose()}>
			<div class="dialog-text">
				<Show when={!props.row.isOwn && props.row.person}>
					{(person) => (
						<p>
							It is the device of <b>{person()}</b>.
						</p>
					)}
				</Show>
				<p>It gets nothing new from now on, and what it changes reaches nobody.</p>
				<p>
					What it has already, it keeps: nobody can delete that from afar. A new key is made and sealed to {rest()}, and
					everything that is written after is sealed with it.
				</p>
				<p class="field-hint">
					If the device is lost or in other hands: a model key that was typed in there stays there. Revoke it where it
					was made.
				</p>
			</div>
			<Show when={isBusy()}>
				<Busy text={`Making a new key and sealing it to ${rest()}…`} />
			</Show>
			<Problem text={problem()} />
			<div class="dialog-buttons">
				<button type="button" class="button button-quiet" disabled={isBusy()} onClick={() => props.onClose()}>
					Cancel
				</button>
				<button type="button" class="button button-danger" disabled={isBusy()} onClick={() => void remove()}>
					Remove device
				</button>
			</div>
		</Dialog>
	);
}
