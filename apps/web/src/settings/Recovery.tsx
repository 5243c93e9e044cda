import { type Accessor, createResource, createSignal, createUniqueId, For, Match, Show, Switch } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { useToasts } from '../shell/toasts.tsx';
import { cleanWords, describeRecoveryError, refuseWords } from './recovery-words.ts';
import { Section } from './Section.tsx';
import { WordsCheck, WordsProgressLine } from './WordsCheck.tsx';

const SHEET_ID = 'recovery-words';

/** The words that open this space anywhere, and the way into another by its words. */
export function Recovery() {
	const sheet = createWordsSheet();
	return (
		<Section
			title="Recovery words"
			lead="Everything here is one encrypted space. Its 24 recovery words open it on any device; nobody can give them back to you if they are lost, the relay included."
		>
			<OwnWords sheet={sheet} />
			<WordsProof sheet={sheet} />
			<hr class="settings-rule" />
			<OpenSpace sheet={sheet} />
		</Section>
	);
}

/** Whether the words are written down, and the check of it: once they were on screen, and as long as it is not known. */
function WordsProof(props: { sheet: WordsSheet }) {
	const { recovery } = useApp();
	const toasts = useToasts();
	const [progress, { mutate }] = createResource(() => recovery.progress());
	const [isChecking, setIsChecking] = createSignal(false);
	const isKnown = () => progress.latest !== undefined && progress.latest !== 'absent';
	const check = () => {
		// The words on screen would answer for the person.
		props.sheet.hide();
		setIsChecking(true);
	};
	return (
		<Show when={isKnown()}>
			<Show
				when={isChecking()}
				fallback={
					<>
						<WordsProgressLine isConfirmed={progress.latest === 'confirmed'} />
						<Show when={progress.latest !== 'confirmed' && props.sheet.wereShown()}>
							<div class="settings-buttons">
								<button type="button" class="button" onClick={check}>
									Check that I wrote them down
								</button>
							</div>
						</Show>
					</>
				}
			>
				<WordsCheck
					onClose={() => setIsChecking(false)}
					onConfirmed={() => {
						mutate('confirmed');
						setIsChecking(false);
						toasts.show({ text: 'Right. Keep your note in a safe place.' });
					}}
				/>
			</Show>
		</Show>
	);
}

type WordsState =
	| { readonly type: 'hidden' }
	| { readonly type: 'shown'; readonly words: readonly string[] }
	| { readonly type: 'absent' };

interface WordsSheet {
	readonly state: Accessor<WordsState>;
	/** undefined until the device has answered. */
	readonly wereShown: Accessor<boolean | undefined>;
	show(): Promise<void>;
	hide(): void;
}

/** The present space's words and whether they are on screen: asked for from two places. */
function createWordsSheet(): WordsSheet {
	const { recovery } = useApp();
	const [state, setState] = createSignal<WordsState>({ type: 'hidden' });
	const [wereShown, setWereShown] = createSignal<boolean>();
	void recovery.wereShown().then(setWereShown);
	return {
		state,
		wereShown,
		async show() {
			const words = await recovery.words();
			setState(words ? { type: 'shown', words } : { type: 'absent' });
			setWereShown(true);
		},
		hide: () => setState({ type: 'hidden' }),
	};
}

function OwnWords(props: { sheet: WordsSheet }) {
	const toasts = useToasts();
	const { state, show, hide } = props.sheet;
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
					<div class="words-sheet" id={SHEET_ID} tabindex="-1">
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
							<button type="button" class="button button-quiet" onClick={hide}>
								Hide
							</button>
						</div>
					</div>
				)}
			</Match>
		</Switch>
	);
}

function OpenSpace(props: { sheet: WordsSheet }) {
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
					The present space stays on this device, untouched, and in the list of spaces.
				</p>
			</div>
			<div role="status">
				<Show when={typed().trim() !== '' && props.sheet.wereShown() === false}>
					<UnseenWords sheet={props.sheet} />
				</Show>
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

/** Said before another space is opened, without standing in the way. */
function UnseenWords(props: { sheet: WordsSheet }) {
	const look = async () => {
		await props.sheet.show();
		const words = document.getElementById(SHEET_ID);
		words?.focus({ preventScroll: true });
		words?.scrollIntoView();
	};
	return (
		<div class="note">
			<Icon name="shield-check" />
			<div>
				<b>You have not looked at this space’s recovery words yet.</b> Without them it opens only in this browser, for
				as long as the browser keeps its data.
				<div class="outcome-buttons">
					<button type="button" class="button button-small" onClick={() => void look()}>
						Look at them first
					</button>
				</div>
			</div>
		</div>
	);
}
