import type { Members } from '@pocketeer/core/members/members';
import { createSignal, Show } from 'solid-js';
import { useApp } from '../app.ts';
import { Busy } from '../shell/Busy.tsx';
import { Dialog } from '../shell/Dialog.tsx';
import { Problem } from '../shell/Problem.tsx';
import { createSubscribed } from '../shell/reactive.ts';
import { describeStoreError } from '../shell/sentences.ts';
import { describeMembersError } from './members-words.ts';

/** Takes this device out of the present space and deletes what it keeps of it. */
export default function LeaveDialog(props: { members: Members; onClose: () => void }) {
	const { spaces, sync } = useApp();
	const [busy, setBusy] = createSignal<string>();
	const [problem, setProblem] = createSignal<string>();
	const isLast = props.members.devices().length === 1;
	const hasWaiting = createSubscribed(
		{ subscribe: (listener) => sync.subscribe(() => listener()) },
		() => sync.status.pendingStreams > 0,
	);
	const leave = async () => {
		setProblem(undefined);
		setBusy('Taking this device out of the list…');
		const left = await props.members.leave();
		if (!left.ok) {
			setBusy(undefined);
			return setProblem(describeMembersError(left.error));
		}
		setBusy('Deleting what this device kept…');
		// Its code comes with the first use, and the network may be gone by now.
		const forgotten = await spaces.forget().catch(() => undefined);
		// On success the page loads anew, in another space.
		if (forgotten?.ok) return;
		setBusy(undefined);
		const reason = forgotten
			? describeStoreError(forgotten.error)
			: 'A part of Pocketeer did not load. Reload the page.';
		setProblem(`This device is out of the space, but its copy is still here: ${reason}`);
	};
	return (
		<Dialog title="Leave this space?" isBusy={busy() !== undefined} onClose={() => props.onClose()}>
			<Show
				when={!isLast}
				fallback={
					<>
						<div class="dialog-text">
							<p>
								This is the only device of the space. If it left, nothing but the recovery words could open what the
								relay keeps.
							</p>
							<p>Add another device first, or delete the space: that is further down, under the backup.</p>
						</div>
						<div class="dialog-buttons">
							<button type="button" class="button button-primary" onClick={() => props.onClose()}>
								Stay
							</button>
						</div>
					</>
				}
			>
				<div class="dialog-text">
					<p>
						This device leaves the list and deletes what it keeps of the space. The other devices and people keep theirs
						and go on without it.
					</p>
					<p>To come back, somebody in the space has to add this device again.</p>
				</div>
				<Show when={hasWaiting()}>
					<p class="note note-warning">
						Something that was written here has not reached the relay yet. It would be lost: wait until it says
						“Synced”.
					</p>
				</Show>
				<Show when={busy()}>{(text) => <Busy text={text()} />}</Show>
				<Problem text={problem()} />
				<div class="dialog-buttons">
					<button type="button" class="button button-quiet" disabled={!!busy()} onClick={() => props.onClose()}>
						Stay
					</button>
					<button type="button" class="button button-danger" disabled={!!busy()} onClick={() => void leave()}>
						{hasWaiting() ? 'Leave and lose what waits' : 'Leave and delete here'}
					</button>
				</div>
			</Show>
		</Dialog>
	);
}
