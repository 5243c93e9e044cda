import type { Decision } from '@pocketeer/core/space/records';
import { Show } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import type { IconName } from '../icons/names.ts';
import type { Decided } from './articles.ts';
import { formatDay, formatTime } from './format.ts';

const ICONS: Readonly<Record<Decision['type'], IconName>> = {
	approved: 'check',
	answered: 'check',
	refused: 'circle-slash',
	'passed-over': 'corner-down-right',
};

/** What a person said to a call, who and when. */
export function DecidedNote(props: { decided: Decided }) {
	const app = useApp();
	const when = () => {
		const [now, zone] = [app.clock.now(), app.clock.zone()];
		const day = formatDay(props.decided.at, now, zone);
		const time = formatTime(props.decided.at, zone);
		return day === 'Today' ? time : `${day}, ${time}`;
	};
	const words = () => {
		const { decision, by } = props.decided;
		switch (decision.type) {
			case 'approved':
				return { lead: `Allowed by ${by === 'You' ? 'you' : by}`, said: '' };
			case 'refused':
				return { lead: `Not allowed by ${by === 'You' ? 'you' : by}`, said: decision.reason ?? '' };
			case 'answered':
				return { lead: `${by} answered`, said: decision.text };
			case 'passed-over':
				return { lead: `${by} wrote something else instead`, said: '' };
		}
	};
	return (
		<p class="decided">
			<Icon name={ICONS[props.decided.decision.type]} class="icon-s" />
			<span>
				{words().lead}
				<Show when={words().said}>{(said) => <>: “{said()}”</>}</Show>{' '}
				<time class="moment" dateTime={new Date(props.decided.at).toISOString()}>
					{when()}
				</time>
			</span>
		</p>
	);
}
