import '../styles/waiting.css';
import type { Decision } from '@pocketeer/core/space/records';
import { createSignal, Show } from 'solid-js';
import type { WaitingCall } from '../app.ts';
import { Approval } from './Approval.tsx';
import type { Conversation } from './create-conversation.ts';
import { messageBoxFrom } from './message-box.ts';
import { QuestionCard } from './QuestionCard.tsx';
import { describeSendError } from './send-error.ts';

/** A call that stands still until the person decides or answers; days later too, on any of their devices. */
export default function WaitingCard(props: {
	call: WaitingCall;
	conversation: Conversation;
	forPerson: string | undefined;
}) {
	const [problem, setProblem] = createSignal<string>();
	const [isBusy, setIsBusy] = createSignal(false);
	const decide = async (decision: Decision) => {
		if (isBusy()) return;
		const box = messageBoxFrom(document.activeElement);
		setIsBusy(true);
		const decided = await props.conversation.decide(props.call, decision);
		// Once it is on the line, this card gives way to what was decided.
		setIsBusy(false);
		setProblem(decided.ok ? undefined : `Not kept: ${describeSendError(decided.error)}`);
		if (decided.ok) box?.focus({ preventScroll: true });
	};
	const approval = () => (props.call.waitsFor.type === 'approval' ? props.call.waitsFor : undefined);
	const question = () => (props.call.waitsFor.type === 'answer' ? props.call.waitsFor.question : undefined);
	return (
		<Show
			when={props.call.isOwn}
			fallback={<p class="waiting-other">Waits for {props.forPerson ?? 'somebody else'}</p>}
		>
			<Show when={approval()}>
				{(asked) => <Approval call={props.call} asked={asked()} isBusy={isBusy()} onDecide={decide} />}
			</Show>
			<Show when={question()}>
				{(asked) => <QuestionCard question={asked()} isBusy={isBusy()} onDecide={decide} />}
			</Show>
			<p class="waiting-problem" role="alert">
				{problem()}
			</p>
		</Show>
	);
}
