import type { Failure } from '@pocketeer/core/agent/failures';
import { dayCapOn, raisedCap } from '@pocketeer/core/agent/spend/caps';
import { createSignal, Show } from 'solid-js';
import { useApp } from '../app.ts';
import { createNow, createSubscribed } from '../shell/reactive.ts';
import { describeStoreError } from '../shell/sentences.ts';
import type { Conversation } from './create-conversation.ts';
import { makeDayOf } from './format.ts';
import { messageBoxFrom } from './message-box.ts';
import { OpenSettings, Retry } from './OutcomeButtons.tsx';
import { describeSendError } from './send-error.ts';

/** One tap gives today more room and asks again; where there is room by now, it only asks again. */
export default function RaiseCap(props: { reached: Failure & { type: 'DayCap' }; conversation: Conversation }) {
	const { settings, clock } = useApp();
	const caps = createSubscribed(settings, () => settings.current().caps);
	const now = createNow(clock, 60_000);
	const today = () => makeDayOf(clock.zone())(now());
	const isReached = () => (dayCapOn(caps(), today()) ?? Number.POSITIVE_INFINITY) <= props.reached.capUsd;
	const usd = () => raisedCap(caps(), props.reached);
	const [problem, setProblem] = createSignal<string>();
	const raise = async () => {
		const box = messageBoxFrom(document.activeElement);
		const kept = await settings.update({ caps: { ...caps(), raised: { day: today(), usd: usd() } } });
		if (!kept.ok) return setProblem(`The limit is as it was. ${describeStoreError(kept.error)}`);
		const started = await props.conversation.retry();
		setProblem(started.ok ? undefined : describeSendError(started.error));
		if (started.ok) box?.focus({ preventScroll: true });
	};
	return (
		<Show when={isReached()} fallback={<Retry conversation={props.conversation} />}>
			<button type="button" class="button button-small button-primary" onClick={() => void raise()}>
				Raise to ${usd().toFixed(2)} for today
			</button>
			<OpenSettings />
			<Show when={problem()}>{(said) => <span role="alert">{said()}</span>}</Show>
		</Show>
	);
}
