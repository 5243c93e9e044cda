import { Show } from 'solid-js';
import { Icon } from '../icons/Icon.tsx';

/** What went wrong, read out as soon as it is there; takes no room before. */
export function Problem(props: { text: string | undefined }) {
	return (
		<div class="problem-note" role="alert">
			<Show when={props.text}>
				<div class="note note-danger">
					<Icon name="triangle-alert" />
					<div>{props.text}</div>
				</div>
			</Show>
		</div>
	);
}
