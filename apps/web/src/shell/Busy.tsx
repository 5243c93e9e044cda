import { Icon } from '../icons/Icon.tsx';

/** Something is under way, said in a few words. */
export function Busy(props: { text: string }) {
	return (
		<p class="busy" role="status">
			<Icon name="loader-circle" class="icon-s spin" />
			<span>{props.text}</span>
		</p>
	);
}
