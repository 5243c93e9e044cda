import { createSignal } from 'solid-js';
import { useApp } from '../app.ts';
import { createSubscribed } from '../shell/reactive.ts';
import { describeStoreError } from '../shell/sentences.ts';
import { Section } from './Section.tsx';
import { Toggle } from './Toggle.tsx';

/** Whether earlier messages of a long conversation are summed up for the model. */
export function LongTalks() {
	const { settings } = useApp();
	const sumsUp = createSubscribed(settings, () => settings.current().sumsUp);
	const [problem, setProblem] = createSignal<string>();
	const change = async (isOn: boolean) => {
		const kept = await settings.update({ sumsUp: isOn });
		setProblem(kept.ok ? undefined : `Not kept. ${describeStoreError(kept.error)}`);
	};
	return (
		<Section title="Long conversations">
			<Toggle
				label="Sum up earlier messages"
				hint="Every message is answered by sending the conversation along. When it has grown long, the model writes a summary once and reads that instead from then on: cheaper, and less exact. You always see where, can read the summary and take it back; what was said stays as it is."
				isOn={sumsUp()}
				onChange={(isOn) => void change(isOn)}
			/>
			<p class="field-hint problem" role="alert">
				{problem()}
			</p>
		</Section>
	);
}
