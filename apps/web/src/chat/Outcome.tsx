import { Match, Show, Suspense, Switch } from 'solid-js';
import type { AnswerArticle, LiveState } from './articles.ts';
import type { Conversation } from './create-conversation.ts';
import { Countdown, FailedNote } from './later-parts.ts';
import { Retry } from './OutcomeButtons.tsx';
import { OutcomeNote } from './OutcomeNote.tsx';

type TurnOutcome = NonNullable<AnswerArticle['outcome']>;

/** How a turn ended, when that is more than an answer; each way has its own words. */
export function Outcome(props: { answer: AnswerArticle; conversation: Conversation }) {
	const outcome = <T extends TurnOutcome['type']>(type: T) => {
		const found = props.answer.outcome;
		return found?.type === type ? (found as Extract<TurnOutcome, { type: T }>) : undefined;
	};
	const isUnfinished = () => props.answer.outcome === undefined && props.answer.live === undefined;
	const isLast = () => props.conversation.transcript().lastTurn === props.answer.id && !props.conversation.live();
	const retry = () => (
		<Show when={isLast()}>
			<Retry conversation={props.conversation} />
		</Show>
	);
	return (
		<Switch>
			<Match when={isUnfinished() && props.answer.isElsewhere}>
				<OutcomeNote icon="clock">Being answered on another device</OutcomeNote>
			</Match>
			<Match when={isUnfinished() && props.conversation.isReady()}>
				<OutcomeNote icon="clock">Not finished yet; another tab may still be at it</OutcomeNote>
			</Match>
			<Match when={outcome('stopped')}>
				<OutcomeNote icon="circle-slash" buttons={retry()}>
					Stopped
				</OutcomeNote>
			</Match>
			<Match when={outcome('silent')}>
				{(silent) => <OutcomeNote icon="check">Nothing to say: {silent().reason}</OutcomeNote>}
			</Match>
			<Match when={outcome('refused')}>
				{(refused) => (
					<OutcomeNote icon="circle-slash" tone="warning" buttons={retry()}>
						<b>The model declined to answer this.</b>{' '}
						{refused().explanation ?? 'It gave no reason. Try saying it in another way.'}
					</OutcomeNote>
				)}
			</Match>
			<Match when={outcome('truncated')}>
				{(truncated) => (
					<Show
						when={truncated().by === 'context_window'}
						fallback={
							<OutcomeNote icon="ellipsis" tone="warning">
								The answer reached its greatest length and ends here. Say “go on” for the rest.
							</OutcomeNote>
						}
					>
						<OutcomeNote icon="ellipsis" tone="warning" buttons={retry()}>
							This conversation filled all that the model can read at once. From here on only its recent part is sent;
							nothing above is lost.
						</OutcomeNote>
					</Show>
				)}
			</Match>
			<Match when={outcome('failed')}>
				{(failed) => (
					<Suspense>
						<FailedNote failure={failed().failure} conversation={props.conversation} isLast={isLast()} />
					</Suspense>
				)}
			</Match>
		</Switch>
	);
}

/** What a running turn is doing when its words do not show it. */
export function LiveNote(props: { live: LiveState; hasParts: boolean }) {
	return (
		<Show
			when={props.live.retryAt}
			fallback={
				<Show when={props.live.phase === 'waiting' || props.live.phase === 'thinking'}>
					<p class="live-note">
						<span class="dots" aria-hidden="true">
							<i />
							<i />
							<i />
						</span>
						<span class="sr-only">{props.live.phase === 'thinking' ? 'Thinking' : 'Waiting for the answer'}</span>
					</p>
				</Show>
			}
		>
			{(retryAt) => (
				<Suspense>
					<Countdown until={retryAt()} failure={props.live.failure} />
				</Suspense>
			)}
		</Show>
	);
}
