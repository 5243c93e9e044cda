import { createResource, Show } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';

/** Once there is something to lose: that nobody knows whether the recovery words are written down. Gone for good when dismissed. */
export default function WordsNote() {
	const { recovery } = useApp();
	const [progress, { mutate }] = createResource(() => recovery.progress());
	const dismiss = () => {
		mutate('dismissed');
		void recovery.dismissReminder();
	};
	return (
		<Show when={progress.latest === 'unconfirmed'}>
			<section class="notify notify-line" aria-label="Recovery words">
				<Icon name="key-round" class="icon-s" />
				<span class="notify-short">
					Are your <a href="/settings#recovery">recovery words</a> written down?
				</span>
				<button
					type="button"
					class="icon-button push-end"
					aria-label="Do not ask again"
					title="Do not ask again"
					onClick={dismiss}
				>
					<Icon name="x" class="icon-s" />
				</button>
			</section>
		</Show>
	);
}
