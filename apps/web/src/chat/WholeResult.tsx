import type { Attachment } from '@pocketeer/core/space/records';
import { createSignal, Show } from 'solid-js';
import { useApp } from '../app.ts';
import { describeStoreError } from '../shell/sentences.ts';
import { formatCount, shortenText } from './format.ts';

/** Drawing more than this in one piece would freeze the page. */
const SHOWN_CHARACTERS = 200_000;

/** Says that the model was shown a part only, and shows the whole when asked. */
export function WholeResult(props: { whole: Attachment; onShown: () => void }) {
	const app = useApp();
	const [text, setText] = createSignal<string>();
	const [problem, setProblem] = createSignal<string>();
	let shown: HTMLPreElement | undefined;
	const show = async () => {
		const read = await app.space.blobs.fetch(props.whole.blob);
		if (read.ok) {
			setText(new TextDecoder().decode(read.value));
			props.onShown();
			// In place of the button, which goes away under the focus.
			return shown?.focus({ preventScroll: true });
		}
		const { error } = read;
		if (error.type === 'NotHere') return setProblem('It has not reached this device yet. Try again in a moment.');
		setProblem(error.type === 'TooLarge' ? 'It is too large to show.' : describeStoreError(error));
	};
	return (
		<>
			<p class="whole-note">
				Shown to the assistant cut; {formatCount(props.whole.sizeBytes)} bytes in all.{' '}
				<Show when={text() === undefined}>
					<button type="button" class="button button-small" onClick={show}>
						Whole result
					</button>
				</Show>
			</p>
			<Show when={problem()}>{(said) => <p role="alert">{said()}</p>}</Show>
			<Show when={text()}>
				{(whole) => (
					<pre ref={shown} tabindex="0">
						{shortenText(whole(), SHOWN_CHARACTERS)}
					</pre>
				)}
			</Show>
		</>
	);
}
