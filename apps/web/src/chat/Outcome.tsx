import { describeFailure, type Failure } from '@pocketeer/core/agent/failures';
import { type JSX, lazy, Match, Show, Suspense, Switch } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import type { IconName } from '../icons/names.ts';
import { createNow } from '../shell/reactive.ts';
import type { AnswerArticle, LiveState } from './articles.ts';
import type { Conversation } from './create-conversation.ts';
import { OpenSettings, Retry } from './OutcomeButtons.tsx';

const RaiseCap = lazy(() => import('./RaiseCap.tsx'));

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
				{(failed) => {
					const text = () => describeFailure(failed().failure);
					return (
						<OutcomeNote
							icon="triangle-alert"
							tone={isHeldBack(failed().failure) ? 'warning' : 'danger'}
							buttons={
								<>
									<Show when={text().action === 'open-settings'}>
										<OpenSettings />
									</Show>
									<Show when={dayCap(failed().failure)} fallback={retry()}>
										{(reached) => (
											<Show when={isLast()}>
												<Suspense>
													<RaiseCap reached={reached()} conversation={props.conversation} />
												</Suspense>
											</Show>
										)}
									</Show>
								</>
							}
						>
							<b>{text().sentence}</b> {text().hint}
						</OutcomeNote>
					);
				}}
			</Match>
		</Switch>
	);
}

function OutcomeNote(props: {
	icon: IconName;
	tone?: 'warning' | 'danger';
	buttons?: JSX.Element;
	children: JSX.Element;
}) {
	return (
		<div class={`outcome ${props.tone ? `note note-${props.tone}` : 'outcome-plain'}`}>
			<Icon name={props.icon} class="icon-s" />
			<div class="outcome-body">
				<p>{props.children}</p>
				<Show when={props.buttons}>
					<div class="outcome-buttons">{props.buttons}</div>
				</Show>
			</div>
		</div>
	);
}

/** Ended by a limit that is there to end it: nothing broke. */
function isHeldBack({ type }: Failure): boolean {
	return type === 'DayCap' || type === 'TurnCap' || type === 'Loop' || type === 'TooManySteps';
}

function dayCap(failure: Failure): (Failure & { type: 'DayCap' }) | undefined {
	return failure.type === 'DayCap' ? failure : undefined;
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
			{(retryAt) => <Countdown until={retryAt()} failure={props.live.failure} />}
		</Show>
	);
}

function Countdown(props: { until: number; failure: Failure | undefined }) {
	const app = useApp();
	const now = createNow(app.clock, 1000);
	const seconds = () => Math.max(0, Math.ceil((props.until - now()) / 1000));
	const reason = () => (props.failure ? describeFailure(props.failure).sentence : 'The call did not come through.');
	return (
		<p class="live-note">
			<Icon name="refresh-cw" class="icon-s" />
			<span>
				{reason()} {seconds() > 0 ? `Trying again in ${seconds()} s.` : 'Trying again…'}
			</span>
		</p>
	);
}
