import { type Accessor, createSignal, Show } from 'solid-js';
import { Busy } from '../shell/Busy.tsx';

/** How far something is that goes through many documents. */
export interface Progress {
	readonly isBusy: Accessor<boolean>;
	/** What is said meanwhile; undefined when nothing is under way. */
	readonly text: Accessor<string | undefined>;
	/** Shows `text` until the count of documents begins. */
	during<T>(text: string, work: (report: (done: number, of: number) => void) => Promise<T>): Promise<T>;
}

/** The progress of one form. */
export function createProgress(): Progress {
	const [text, setText] = createSignal<string>();
	return {
		text,
		isBusy: () => text() !== undefined,
		async during(first, work) {
			setText(first);
			try {
				// Every hundredth only: a screen reader would read each.
				return await work((done, of) => void (done % 100 === 0 && setText(`${done} of ${of} documents…`)));
			} finally {
				setText(undefined);
			}
		},
	};
}

/** Shows it; takes no room when nothing is under way. */
export function ProgressLine(props: { progress: Progress }) {
	return <Show when={props.progress.text()}>{(text) => <Busy text={text()} />}</Show>;
}
