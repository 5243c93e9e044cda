import type { ReactionRecord } from '@pocketeer/core/space/records';
import { createSignal, createUniqueId, For, lazy, Show, Suspense } from 'solid-js';
import { Icon } from '../icons/Icon.tsx';
import type { Reaction } from './articles.ts';
import type { Conversation } from './create-conversation.ts';
import { describeSendError } from './send-error.ts';

const ReactionPicker = lazy(() => import('./ReactionPicker.tsx'));

/** Of the picker, in pixels. */
const SIZE = { width: 274, height: 54 } as const;

/** The emoji on a message or an answer, and a button to put one's own there. */
export function Reactions(props: {
	reactions: readonly Reaction[];
	to: ReactionRecord['to'];
	conversation: Conversation;
}) {
	const id = createUniqueId();
	const [problem, setProblem] = createSignal<string>();
	let button: HTMLButtonElement | undefined;
	let picker: HTMLElement | undefined;
	const [isOpen, setIsOpen] = createSignal(false);
	const own = () => props.reactions.find(({ isOwn }) => isOwn)?.emoji;
	const react = async (emoji: string) => {
		picker?.hidePopover();
		const kept = await props.conversation.react(props.to, emoji);
		setProblem(kept.ok ? undefined : describeSendError(kept.error));
	};
	const attach = (element: HTMLElement) => {
		picker = element;
		element.addEventListener('beforetoggle', (event) => {
			const opens = event instanceof ToggleEvent && event.newState === 'open';
			setIsOpen(opens);
			if (opens && button) place(element, button);
		});
	};
	return (
		<div class="reactions">
			<For each={props.reactions}>
				{({ emoji, by, isOwn }) => (
					<Show
						when={isOwn}
						fallback={
							<span class="reaction" title={by}>
								<span class="sr-only">{by} reacted </span>
								{emoji}
							</span>
						}
					>
						<button
							type="button"
							class="reaction reaction-own"
							aria-label={`Remove your reaction ${emoji}`}
							onClick={() => react('')}
						>
							{emoji}
						</button>
					</Show>
				)}
			</For>
			<button ref={button} type="button" class="react" aria-label="React" aria-expanded={isOpen()} popovertarget={id}>
				<Icon name="smile-plus" class="icon-s" />
			</button>
			<section ref={attach} id={id} class="react-picker" popover="auto" aria-label="Reactions">
				<Suspense>
					<Show when={isOpen()}>
						<ReactionPicker own={own()} onPick={react} />
					</Show>
				</Suspense>
			</section>
			<Show when={problem()}>{(said) => <span role="alert">{said()}</span>}</Show>
		</div>
	);
}

/** Above the button where there is room, and never beyond the window: not every browser can anchor a popover itself. */
function place(picker: HTMLElement, button: HTMLElement): void {
	const around = button.getBoundingClientRect();
	const { width, height } = SIZE;
	picker.style.left = `${Math.max(8, Math.min(around.left - 8, innerWidth - width - 8))}px`;
	picker.style.top = `${around.top - height - 6 > 8 ? around.top - height - 6 : around.bottom + 6}px`;
}
