import { useNavigate } from '@solidjs/router';
import { createSignal, Show } from 'solid-js';
import { Icon } from '../icons/Icon.tsx';
import type { Conversation } from './create-conversation.ts';
import { messageBoxFrom } from './message-box.ts';
import { describeSendError } from './send-error.ts';

/** Asks again. */
export function Retry(props: { conversation: Conversation }) {
	const [problem, setProblem] = createSignal<string>();
	const retry = async () => {
		const box = messageBoxFrom(document.activeElement);
		const started = await props.conversation.retry();
		setProblem(started.ok ? undefined : describeSendError(started.error));
		if (started.ok) box?.focus({ preventScroll: true });
	};
	return (
		<>
			<button type="button" class="button button-small" onClick={retry}>
				<Icon name="rotate-ccw" class="icon-s" />
				Retry
			</button>
			<Show when={problem()}>{(said) => <span role="alert">{said()}</span>}</Show>
		</>
	);
}

/** Leads to where keys and limits are. */
export function OpenSettings() {
	const navigate = useNavigate();
	return (
		<button type="button" class="button button-small" onClick={() => navigate('/settings')}>
			Open Settings
		</button>
	);
}
