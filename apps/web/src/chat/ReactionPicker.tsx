import { For, onMount } from 'solid-js';

const CHOICES = ['👍', '❤️', '😄', '🎉', '🤔', '👎'] as const;

/** A few emoji to choose from; the one that is there already takes itself back. */
export default function ReactionPicker(props: { own: string | undefined; onPick: (emoji: string) => void }) {
	let row: HTMLDivElement | undefined;
	onMount(() => row?.querySelector('button')?.focus());
	return (
		<div ref={row} class="react-choices">
			<For each={CHOICES}>
				{(emoji) => (
					<button
						type="button"
						class="react-choice"
						aria-pressed={props.own === emoji}
						aria-label={`React with ${emoji}`}
						onClick={() => props.onPick(props.own === emoji ? '' : emoji)}
					>
						{emoji}
					</button>
				)}
			</For>
		</div>
	);
}
