import { Show } from 'solid-js';
import { useApp } from '../app.ts';
import { noteHref } from '../notes/routes.ts';
import { createSubscribed } from '../shell/reactive.ts';
import { NameForm } from './NameForm.tsx';
import { Section } from './Section.tsx';

/** Who the person at this device is to the others of the space. */
export function YouSection() {
	const { space } = useApp();
	const { directory, self } = space;
	const name = createSubscribed(directory, () => directory.people().find(({ id }) => id === self.person)?.name ?? '');
	const profile = `people/${self.person}/profile.md`;
	const hasProfile = createSubscribed(space.files, () => space.files.find(profile) !== undefined);
	return (
		<Section title="You">
			<NameForm
				label="Your name"
				value={name()}
				placeholder="What others call you"
				autocomplete="name"
				hint="Stands beside what you write, for everybody else in this space. The relay never sees it."
				onSave={(typed) => directory.namePerson(self.person, typed)}
			/>
			<Show when={hasProfile()}>
				<p class="field-hint">
					What is kept about you: <a href={noteHref(profile)}>{profile}</a>
				</p>
			</Show>
		</Section>
	);
}
