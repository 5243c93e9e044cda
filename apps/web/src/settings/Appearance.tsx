import { createSignal, For, Show } from 'solid-js';
import { type SettingsState, useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import type { IconName } from '../icons/names.ts';
import { createSubscribed } from '../shell/reactive.ts';
import { describeStoreError } from '../shell/sentences.ts';
import { Section } from './Section.tsx';

const THEMES: readonly { readonly value: SettingsState['theme']; readonly name: string; readonly icon: IconName }[] = [
	{ value: 'system', name: 'System', icon: 'monitor' },
	{ value: 'light', name: 'Light', icon: 'sun' },
	{ value: 'dark', name: 'Dark', icon: 'moon' },
];

/** Light, dark, or as the device is. */
export function Appearance() {
	const { settings } = useApp();
	const theme = createSubscribed(settings, () => settings.current().theme);
	const [problem, setProblem] = createSignal<string>();
	const choose = async (value: SettingsState['theme']) => {
		const kept = await settings.update({ theme: value });
		setProblem(kept.ok ? undefined : `Not kept. ${describeStoreError(kept.error)}`);
	};
	return (
		<Section title="Appearance">
			<fieldset class="segments">
				<legend class="sr-only">Theme</legend>
				<For each={THEMES}>
					{(option) => (
						<label class="segment">
							<input
								type="radio"
								name="theme"
								class="sr-only"
								checked={theme() === option.value}
								onChange={() => void choose(option.value)}
							/>
							<Icon name={option.icon} class="icon-s" />
							{option.name}
						</label>
					)}
				</For>
			</fieldset>
			<Show when={problem()}>
				<p class="field-hint problem" role="alert">
					{problem()}
				</p>
			</Show>
		</Section>
	);
}
