import { createSignal, createUniqueId, Index, Show } from 'solid-js';
import { useApp, type WordAnswer } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { Problem } from '../shell/Problem.tsx';

/** Asks for two of the words, so that "I have them" is more than a feeling. */
export function WordsCheck(props: { onConfirmed: () => void; onClose: () => void }) {
	const { recovery } = useApp();
	const id = createUniqueId();
	const [answers, setAnswers] = createSignal<readonly WordAnswer[]>([]);
	void recovery.draw().then((places) => setAnswers(places.map((place) => ({ place, word: '' }))));
	const [problem, setProblem] = createSignal<string>();
	const isAnswered = () => answers().length > 0 && answers().every(({ word }) => word.trim() !== '');
	const type = (place: number, word: string) => {
		setProblem(undefined);
		setAnswers((all) => all.map((one) => (one.place === place ? { place, word } : one)));
	};
	const check = async (event: SubmitEvent) => {
		event.preventDefault();
		if (!isAnswered()) return;
		if (await recovery.confirm(answers())) return props.onConfirmed();
		setProblem('That is not what the words say at these places. Look at your note again, or show the words anew.');
	};
	return (
		<form class="settings-form" onSubmit={check}>
			<p>Look at what you wrote down, not at the screen.</p>
			<div class="words-asked">
				<Index each={answers()}>
					{(answer) => (
						<div class="field">
							<label for={`${id}-${answer().place}`}>Word no. {answer().place}</label>
							<input
								id={`${id}-${answer().place}`}
								class="input input-words"
								autocomplete="off"
								autocapitalize="none"
								spellcheck={false}
								value={answer().word}
								onInput={(event) => type(answer().place, event.currentTarget.value)}
							/>
						</div>
					)}
				</Index>
			</div>
			<Problem text={problem()} />
			<div class="settings-buttons">
				<button type="submit" class="button button-primary" disabled={!isAnswered()}>
					Check
				</button>
				<button type="button" class="button button-quiet" onClick={() => props.onClose()}>
					Later
				</button>
			</div>
		</form>
	);
}

/** One line that says how far the person is with the words. */
export function WordsProgressLine(props: { isConfirmed: boolean }) {
	return (
		<p class="settings-row">
			<Icon name={props.isConfirmed ? 'circle-check' : 'circle-alert'} />
			<Show when={props.isConfirmed} fallback="Not checked yet: nobody knows whether the words are written down.">
				Checked: the words are written down.
			</Show>
		</p>
	);
}
