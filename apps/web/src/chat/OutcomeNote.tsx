import { type JSX, Show } from 'solid-js';
import { Icon } from '../icons/Icon.tsx';
import type { IconName } from '../icons/names.ts';

/** The box in which the end of a turn is said. */
export function OutcomeNote(props: {
	icon: IconName;
	tone?: 'warning' | 'danger';
	buttons?: JSX.Element;
	children: JSX.Element;
}) {
	return (
		<div class={`outcome ${props.tone ? `note note-${props.tone}` : 'outcome-plain'}`}>
			<Icon name={props.icon} class="icon-s" />
			<div class="outcome-body">
				<p>{props.children}</p>
				<Show when={props.buttons}>
					<div class="outcome-buttons">{props.buttons}</div>
				</Show>
			</div>
		</div>
	);
}
