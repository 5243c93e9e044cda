import type { PersonId } from '@pocketeer/core/ids';
import type { Members } from '@pocketeer/core/members/members';
import { createSignal, createUniqueId, Show } from 'solid-js';
import { useApp } from '../app.ts';
import { HostDialog } from '../pairing/HostDialog.tsx';
import { Dialog } from '../shell/Dialog.tsx';
import { Problem } from '../shell/Problem.tsx';
import { describeStoreError } from '../shell/sentences.ts';
import { newPersonId } from './person-id.ts';

/** Brings another person into the space: who they are, who one is to them, then their first device. */
export default function InviteDialog(props: { members: Members; onClose: () => void }) {
	const { directory, self } = useApp().space;
	const id = createUniqueId();
	const present = directory.people().find((one) => one.id === self.person)?.name ?? '';
	const [own, setOwn] = createSignal(present);
	const [other, setOther] = createSignal('');
	const [problem, setProblem] = createSignal<string>();
	const [person, setPerson] = createSignal<PersonId>();
	const go = async (event: SubmitEvent) => {
		event.preventDefault();
		if (own().trim() === '' || other().trim() === '') return setProblem('Both of you need a name.');
		// Without it their screen could not say who wrote what is there already.
		const kept = await directory.namePerson(self.person, own().trim());
		if (!kept.ok) return setProblem(`Not saved. ${describeStoreError(kept.error)}`);
		const known = [...directory.people().map((one) => one.id), ...directory.devices().map((one) => one.person)];
		setPerson(newPersonId(other(), new Set(known.filter((one) => one !== undefined))));
	};
	return (
		<Show
			when={person()}
			fallback={
				<Dialog title="Invite a person" onClose={() => props.onClose()}>
					<form class="dialog-form" onSubmit={go}>
						<p class="field-hint">
							Whoever comes in reads and changes everything in this space, what was written before included. For what is
							yours alone, make another space first.
						</p>
						<div class="field">
							<label for={`${id}-other`}>Their name</label>
							<input
								id={`${id}-other`}
								class="input"
								maxlength={60}
								autocomplete="off"
								value={other()}
								onInput={(event) => setOther(event.currentTarget.value)}
							/>
						</div>
						<div class="field">
							<label for={`${id}-own`}>Your name, as they will see it</label>
							<input
								id={`${id}-own`}
								class="input"
								maxlength={60}
								autocomplete="name"
								value={own()}
								onInput={(event) => setOwn(event.currentTarget.value)}
							/>
						</div>
						<Problem text={problem()} />
						<div class="dialog-buttons">
							<button type="button" class="button button-quiet" onClick={() => props.onClose()}>
								Cancel
							</button>
							<button
								type="submit"
								class="button button-primary"
								disabled={own().trim() === '' || other().trim() === ''}
							>
								Make an invitation
							</button>
						</div>
					</form>
				</Dialog>
			}
		>
			{(invited) => (
				<HostDialog
					members={props.members}
					person={invited()}
					otherName={other().trim()}
					onClose={() => props.onClose()}
				/>
			)}
		</Show>
	);
}
