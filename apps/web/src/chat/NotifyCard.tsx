import { createSignal, Match, Show, Switch } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { describePush } from '../shell/push-words.ts';
import { createSubscribed } from '../shell/reactive.ts';
import { useToasts } from '../shell/toasts.tsx';
import type { Transcript } from './transcript.ts';

/** After the first reminder: the offer to bring it as a notification, or why that cannot be; one line once talk goes on. */
export function NotifyCard(props: { transcript: Transcript }) {
	const app = useApp();
	const toasts = useToasts();
	const push = createSubscribed(app.push, () => app.push.current());
	const [isDismissed, setIsDismissed] = createSignal(false);
	const [isAsking, setIsAsking] = createSignal(false);
	const turnOn = async () => {
		setIsAsking(true);
		const state = await app.push.enable();
		setIsAsking(false);
		if (state.type === 'on') toasts.show({ text: 'Notifications are on. Reminders reach you here.' });
	};
	const canTurnOn = () => push().type === 'off' || push().type === 'failed';
	const dismissLabel = () => (push().type === 'off' ? 'Not now' : 'Dismiss');
	return (
		<Show when={props.transcript.scheduled !== 'never' && push().type !== 'on' && !isDismissed()}>
			<section
				class="notify"
				classList={{ 'notify-line': props.transcript.scheduled === 'before' }}
				aria-label="Notifications"
			>
				<Show
					when={props.transcript.scheduled === 'just-now'}
					fallback={
						<>
							<Icon name="bell-off" class="icon-s" />
							<span class="notify-short">Notifications off</span>
							<Show when={canTurnOn()}>
								<button
									type="button"
									class="button button-quiet button-small"
									aria-label="Turn on notifications"
									disabled={isAsking()}
									onClick={turnOn}
								>
									Turn on
								</button>
							</Show>
							<button
								type="button"
								class="icon-button"
								aria-label={dismissLabel()}
								title={dismissLabel()}
								onClick={() => setIsDismissed(true)}
							>
								<Icon name="x" class="icon-s" />
							</button>
						</>
					}
				>
					<span class="notify-icon">
						<Icon name={push().type === 'off' ? 'bell-ring' : 'bell-off'} />
					</span>
					<div class="notify-body">
						<Switch>
							<Match when={push().type === 'off'}>
								<p>
									<b>Shall your reminders reach you when Pocketeer is closed?</b>
								</p>
								<p class="notify-why">
									The browser will ask for permission. Without it, reminders show only in the open app.
								</p>
							</Match>
							<Match when={push().type !== 'off'}>
								<p>{describePush(push())}</p>
							</Match>
						</Switch>
						<div class="outcome-buttons">
							<Show when={canTurnOn()}>
								<button type="button" class="button button-primary button-small" disabled={isAsking()} onClick={turnOn}>
									{push().type === 'failed' ? 'Try again' : 'Turn on notifications'}
								</button>
							</Show>
							<button type="button" class="button button-quiet button-small" onClick={() => setIsDismissed(true)}>
								{dismissLabel()}
							</button>
						</div>
					</div>
				</Show>
			</section>
		</Show>
	);
}
