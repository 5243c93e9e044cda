import { createSignal, createUniqueId, For, Match, Show, Switch } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { useToasts } from '../shell/toasts.tsx';
import { cleanWords, describeRecoveryError, refuseWords } from './recovery-words.ts';
import { Section } from './Section.tsx';

/** The words that open this space anywhere, and the way into another. */
export function Recovery() {
	return (
		<Section
			title="This space & recovery"
			lead="Everything here is one encrypted space. Its 24 recovery words open it on any device; nobody can give them back to you if they are lost, the relay included."
		>
			<OwnWords />
			<hr class="settings-rule" />
			<OpenSpace />
		</Section>
	);
}

type WordsState =
	| { readonly type: 'hidden' }
	| { readonly type: 'shown'; readonly words: readonly string[] }
	| { readonly type: 'absent' };

function OwnWords() {
	const { recovery } = useApp();
	const toasts = useToasts();
	const [state, setState] = createSignal<WordsState>({ type: 'hidden' });
	const show = async () => {
		const words = await recovery.words();
		setState(words ? { type: 'shown', words } : { type: 'absent' });
	};
	const copy = (words: readonly string[]) =>
		navigator.clipboard.writeText(words.join(' ')).then(
			() => toasts.show({ text: 'Copied. Paste the words into a safe place, then copy something else.' }),
			() => toasts.show({ text: 'The browser did not allow copying. Write the words down instead.', tone: 'danger' }),
		);
	const shown = () => {
		const now = state();
		return now.type === 'shown' ? now : undefined;
	};
	return (
		<Switch>
			<Match when={state().type === 'hidden'}>
				<div class="note note-warning">
					<Icon name="shield-check" />
					<div>
						Whoever has the words can read and change everything in this space. Show them only when nobody looks on.
					</div>
				</div>
				<div class="settings-buttons">
					<button type="button" class="button" onClick={() => void show()}>
						<Icon name="eye" class="icon-s" />
						Show the recovery words
					</button>
				</div>
			</Match>
			<Match when={state().type === 'absent'}>
				<p class="settings-row" role="status">
					<Icon name="info" />
					This device joined the space and does not hold its words. They are on the device the space was made on.
				</p>
			</Match>
			<Match when={shown()}>
				{(it) => (
					<div class="words-sheet">
						<h3 class="print-only">Pocketeer recovery words</h3>
						<ol class="words" aria-label="Recovery words">
							<For each={it().words}>{(word) => <li>{word}</li>}</For>
						</ol>
						<p class="print-only">
							Whoever has these words can read and change everything in the space. Keep them safe.
						</p>
						<div class="settings-buttons">
							<button type="button" class="button" onClick={() => void copy(it().words)}>
								<Icon name="copy" class="icon-s" />
								Copy
							</button>
							<button type="button" class="button" onClick={() => print()}>
								<Icon name="printer" class="icon-s" />
								Print
							</button>
							<button type="button" class="button button-quiet" onClick={() => setState({ type: 'hidden' })}>
								Hide
							</button>
						</div>
					</div>
				)}
			</Match>
		</Switch>
	);
}

function OpenSpace() {
	const { recovery } = useApp();
	const id = createUniqueId();
	const [typed, setTyped] = createSignal('');
	const [problem, setProblem] = createSignal<string>();
	const [isBusy, setIsBusy] = createSignal(false);
	const open = async (event: SubmitEvent) => {
		event.preventDefault();
		const words = cleanWords(typed());
		const refusal = refuseWords(words);
		if (refusal !== undefined) return setProblem(refusal);
		setProblem(undefined);
		setIsBusy(true);
		const opened = await recovery.open(words);
		setIsBusy(false);
		// On success the page loads anew, in the other space.
		if (!opened.ok) setProblem(describeRecoveryError(opened.error));
	};
	return (
		<form class="settings-form" onSubmit={open}>
			<div class="field">
				<label for={id}>Open another space with recovery words</label>
				<textarea
					id={id}
					class="input input-words"
					rows={3}
					autocomplete="off"
					autocapitalize="none"
					spellcheck={false}
					placeholder="24 words, separated by spaces"
					aria-describedby={`${id}-hint`}
					aria-invalid={problem() !== undefined}
					value={typed()}
					onInput={(event) => {
						setTyped(event.currentTarget.value);
						setProblem(undefined);
					}}
				/>
				<p id={`${id}-hint`} class="field-hint">
					The present space stays on this device, untouched; its own words open it again.
				</p>
			</div>
			<div role="alert">
				<Show when={problem()}>
					<div class="note note-danger">
						<Icon name="triangle-alert" />
						<div>{problem()}</div>
					</div>
				</Show>
			</div>
			<div class="settings-buttons">
				<button type="submit" class="button" disabled={isBusy() || typed().trim() === ''}>
					<Show when={isBusy()}>
						<Icon name="loader-circle" class="icon-s spin" />
					</Show>
					Open space
				</button>
			</div>
		</form>
	);
}
