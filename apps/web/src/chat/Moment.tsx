import { useApp } from '../app.ts';
import { formatTime } from './format.ts';

/** The time of day something was said. */
export function Moment(props: { at: number }) {
	const app = useApp();
	return (
		<time class="moment" dateTime={new Date(props.at).toISOString()}>
			{formatTime(props.at, app.clock.zone())}
		</time>
	);
}
