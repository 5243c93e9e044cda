import { createSignal, Show } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { describePush } from '../shell/push-words.ts';
import { createSubscribed } from '../shell/reactive.ts';
import { Section } from './Section.tsx';

/** Whether and how reminders reach this device. */
export function Notifications() {
	const { push } = useApp();
	const state = createSubscribed(push, () => push.current());
	const [tested, setTested] = createSignal<{ readonly isOk: boolean; readonly sentence: string }>();
	const [isBusy, setIsBusy] = createSignal(false);
	const whileBusy = async (work: () => Promise<unknown>) => {
		setIsBusy(true);
		await work();
		setIsBusy(false);
	};
	const test = async () => {
		setTested(undefined);
		const sent = await push.test();
		setTested(
			sent.ok
				? { isOk: true, sentence: 'Sent. It should appear within a few seconds.' }
				: { isOk: false, sentence: `The test could not be sent: ${sent.error.reason}` },
		);
	};
	const canEnable = () => state().type === 'off' || state().type === 'failed';
	return (
		<Section title="Notifications">
			<div class="settings-row">
				<Icon name={state().type === 'on' ? 'bell-ring' : 'bell-off'} />
				<p role="status">{describePush(state())}</p>
			</div>
			<Show when={canEnable() || state().type === 'on'}>
				<div class="settings-buttons">
					<Show when={canEnable()}>
						<button
							type="button"
							class="button button-primary"
							disabled={isBusy()}
							onClick={() => void whileBusy(() => push.enable())}
						>
							Turn on notifications
						</button>
					</Show>
					<Show when={state().type === 'on'}>
						<button type="button" class="button" disabled={isBusy()} onClick={() => void whileBusy(test)}>
							Send a test notification
						</button>
					</Show>
				</div>
			</Show>
			<p class="field-hint" classList={{ problem: tested()?.isOk === false }} role="alert">
				{tested()?.sentence}
			</p>
		</Section>
	);
}
