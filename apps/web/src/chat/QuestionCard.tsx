import type { Question } from '@pocketeer/core/agent/tool';
import type { Decision } from '@pocketeer/core/space/records';
import { createSignal, createUniqueId, For } from 'solid-js';
import { Icon } from '../icons/Icon.tsx';
import { focusField } from './focus-field.ts';

/** A question of the agent: choices as buttons, and room for words of one's own. */
export function QuestionCard(props: { question: Question; isBusy: boolean; onDecide: (decision: Decision) => void }) {
	const id = createUniqueId();
	const [text, setText] = createSignal('');
	const submit = (event: SubmitEvent) => {
		event.preventDefault();
		const answer = text().trim();
		if (answer !== '') props.onDecide({ type: 'answered', text: answer });
	};
	return (
		<section class="waiting" aria-labelledby={`${id}-title`}>
			<h3 id={`${id}-title`} class="waiting-title">
				<Icon name="circle-help" />
				<span>{props.question.text}</span>
			</h3>
			<div class="waiting-choices">
				<For each={props.question.choices}>
					{(choice) => (
						<button
							type="button"
							class="button waiting-choice"
							disabled={props.isBusy}
							onClick={() => props.onDecide({ type: 'answered', text: choice })}
						>
							{choice}
						</button>
					)}
				</For>
			</div>
			<details class="waiting-more" onToggle={focusField}>
				<summary>Write your own answer</summary>
				<form class="waiting-own" onSubmit={submit}>
					<label class="sr-only" for={`${id}-own`}>
						Your own answer
					</label>
					<input
						id={`${id}-own`}
						class="input"
						maxlength="2000"
						autocomplete="off"
						value={text()}
						onInput={(event) => setText(event.currentTarget.value)}
					/>
					<button type="submit" class="button" disabled={props.isBusy || text().trim() === ''}>
						Answer
					</button>
				</form>
			</details>
			<p class="waiting-hint">Or write a message below: then it goes on without an answer.</p>
		</section>
	);
}
