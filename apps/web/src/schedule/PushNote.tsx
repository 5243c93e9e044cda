import { createSignal, Match, Switch } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { createSubscribed } from '../shell/reactive.ts';

/** Says that reminders will not ring on this device, and mends it where that can be done from here. */
export function PushNote() {
	const { push } = useApp();
	const state = createSubscribed(push, () => push.current());
	const [isBusy, setBusy] = createSignal(false);
	const reason = () => {
		const now = state();
		return now.type === 'unsupported' || now.type === 'failed' ? now.reason : undefined;
	};

	async function enable() {
		setBusy(true);
		await push.enable();
		setBusy(false);
	}

	return (
		<Switch>
			<Match when={state().type === 'off'}>
				<div class="note push-note">
					<Icon name="bell-off" />
					<p>Notifications are off on this device: reminders show only while Pocketeer is open.</p>
					<button type="button" class="button button-small" disabled={isBusy()} onClick={() => void enable()}>
						Turn on
					</button>
				</div>
			</Match>
			<Match when={state().type === 'denied'}>
				<div class="note push-note">
					<Icon name="bell-off" />
					<p>
						This browser blocks notifications from Pocketeer, so reminders show only while it is open. Allow them in the
						browser’s settings for this site.
					</p>
				</div>
			</Match>
			<Match when={reason()}>
				{(sentence) => (
					<div class="note push-note">
						<Icon name="bell-off" />
						<p>Reminders cannot ring on this device: {sentence()}</p>
					</div>
				)}
			</Match>
		</Switch>
	);
}
