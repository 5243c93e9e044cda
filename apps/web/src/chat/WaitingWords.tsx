import type { WaitingCall } from '../app.ts';
import { describeRequest } from './tool-labels.ts';

/** Said aloud when something begins to wait for the person. */
export default function WaitingWords(props: { call: WaitingCall }) {
	return <>{waitingWords(props.call)}</>;
}

function waitingWords(call: WaitingCall): string {
	if (call.waitsFor.type === 'answer') return `Pocketeer asks: ${call.waitsFor.question.text}`;
	const { text, about } = describeRequest(call);
	return `Pocketeer waits for you to allow: ${text} ${about}`;
}
