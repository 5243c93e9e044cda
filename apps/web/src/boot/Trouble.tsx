import { createSignal, For, onMount, Show } from 'solid-js';
import './trouble.css';
import type { Trouble, TroubleChoice } from './trouble.ts';

/** The screen in place of the app when it cannot start: what happened, and what can be done. */
export default function TroubleScreen(props: { readonly trouble: Trouble }) {
	const [said, setSaid] = createSignal('');
	const [isBusy, setBusy] = createSignal(false);
	const [words, setWords] = createSignal('');
	onMount(() => document.getElementById('boot')?.remove());

	const attempt = async (work: () => Promise<string | undefined>) => {
		setBusy(true);
		setSaid('');
		try {
			setSaid((await work()) ?? '');
		} catch (cause) {
			setSaid(cause instanceof Error ? cause.message : String(cause));
		} finally {
			setBusy(false);
		}
	};

	return (
		<main class="trouble-page">
			<div class="card trouble-card">
				<img src="/icons/icon.svg" alt="" width="48" height="48" />
				<h1>{props.trouble.title}</h1>
				<For each={props.trouble.text}>{(sentence) => <p>{sentence}</p>}</For>
				<Show when={props.trouble.best}>
					{(best) => <Choice choice={best()} isBest isBusy={isBusy()} attempt={attempt} />}
				</Show>
				<Show when={props.trouble.openWords}>
					{(openWords) => (
						<form
							class="field"
							onSubmit={(event) => {
								event.preventDefault();
								void attempt(() => openWords()(words()));
							}}
						>
							<label for="trouble-words">Recovery words</label>
							<textarea
								id="trouble-words"
								class="input"
								rows="4"
								autocomplete="off"
								autocapitalize="none"
								spellcheck={false}
								value={words()}
								onInput={(event) => setWords(event.currentTarget.value)}
							/>
							<button
								type="submit"
								class="button"
								classList={{ 'button-primary': !props.trouble.best }}
								disabled={isBusy() || words().trim() === ''}
							>
								Open with these words
							</button>
						</form>
					)}
				</Show>
				<p role="status" class="trouble-said">
					{isBusy() ? 'One moment…' : said()}
				</p>
				<For each={props.trouble.choices}>
					{(choice) => <Choice choice={choice} isBusy={isBusy()} attempt={attempt} />}
				</For>
			</div>
		</main>
	);
}

function Choice(props: {
	readonly choice: TroubleChoice;
	readonly isBest?: boolean;
	readonly isBusy: boolean;
	readonly attempt: (work: TroubleChoice['act']) => Promise<void>;
}) {
	return (
		<div class="trouble-choice">
			<button type="button" class="button" disabled={props.isBusy} onClick={() => void props.attempt(props.choice.act)}>
				{props.choice.label}
			</button>
			<Show when={props.choice.hint}>{(hint) => <span class="field-hint">{hint()}</span>}</Show>
		</div>
	);
}
