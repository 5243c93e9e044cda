import { describeFailure, type Failure } from '@pocketeer/core/agent/failures';
import { lazy, Show, Suspense } from 'solid-js';
import type { Conversation } from './create-conversation.ts';
import { OpenSettings, Retry } from './OutcomeButtons.tsx';
import { OutcomeNote } from './OutcomeNote.tsx';

const RaiseCap = lazy(() => import('./RaiseCap.tsx'));

/** What went wrong in a turn and what to do; loaded with the loop, or before a line that has such a turn is drawn. */
export default function FailedNote(props: { failure: Failure; conversation: Conversation; isLast: boolean }) {
	const text = () => describeFailure(props.failure);
	return (
		<OutcomeNote
			icon="triangle-alert"
			tone={isHeldBack(props.failure) ? 'warning' : 'danger'}
			buttons={
				<>
					<Show when={text().action === 'open-settings'}>
						<OpenSettings />
					</Show>
					<Show when={props.isLast}>
						<Show when={dayCap(props.failure)} fallback={<Retry conversation={props.conversation} />}>
							{(reached) => (
								<Suspense>
									<RaiseCap reached={reached()} conversation={props.conversation} />
								</Suspense>
							)}
						</Show>
					</Show>
				</>
			}
		>
			<b>{text().sentence}</b> {text().hint}
		</OutcomeNote>
	);
}

/** Ended by a limit that is there to end it: nothing broke. */
function isHeldBack({ type }: Failure): boolean {
	return type === 'DayCap' || type === 'TurnCap' || type === 'Loop' || type === 'TooManySteps';
}

function dayCap(failure: Failure): (Failure & { type: 'DayCap' }) | undefined {
	return failure.type === 'DayCap' ? failure : undefined;
}
