import { For } from 'solid-js';
import { Icon } from '../icons/Icon.tsx';
import { Section } from '../settings/Section.tsx';

const SEES: readonly string[] = [
	'That a device connects, when, and from which internet address',
	'How many devices there are, their public keys, when each was added or removed',
	'That something changed, when, by which device, and roughly how much: sizes are rounded up',
	'How many documents there are, under names that mean nothing',
	'When a reminder is due, and where to send the push',
];
const CANNOT_SEE: readonly string[] = [
	'What you write, what is answered, what is in your files',
	'The names of files, lines, people, devices and the space',
	'What a reminder says',
	'Your keys and the recovery words',
	'Your model key: calls go straight from this browser to the model',
];

/** What the relay learns and what it cannot learn, in plain words. */
export function RelaySight() {
	return (
		<Section
			title="What the relay sees"
			lead="Everything is sealed on your devices. The relay keeps it and passes it on."
		>
			<div class="sight">
				<SightList title="It can see" icon="eye" items={SEES} />
				<SightList title="It cannot see" icon="eye-off" items={CANNOT_SEE} />
			</div>
			<p class="field-hint">
				It cannot forge or change what a device wrote without being noticed. It can lose or hold things back: then your
				devices still have theirs, and give back what is missing. Push services learn that a notification came, and
				when.
			</p>
			<p class="field-hint">
				What no encryption mends: whoever serves this app’s own code could change it to send your secrets elsewhere. Use
				an address you trust, or run it yourself. And who holds an unlocked device of yours reads what you read.
			</p>
		</Section>
	);
}

function SightList(props: { title: string; icon: 'eye' | 'eye-off'; items: readonly string[] }) {
	return (
		<section class="sight-list">
			<h3>
				<Icon name={props.icon} class="icon-s" />
				{props.title}
			</h3>
			<ul>
				<For each={props.items}>{(item) => <li>{item}</li>}</For>
			</ul>
		</section>
	);
}
