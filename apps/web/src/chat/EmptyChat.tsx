import { For, Show } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import type { IconName } from '../icons/names.ts';
import { Mark } from '../shell/Brand.tsx';
import { createSubscribed } from '../shell/reactive.ts';

const EXAMPLES: readonly { readonly icon: IconName; readonly text: string }[] = [
	{ icon: 'bell', text: 'remind me in 20 minutes to take the pasta off' },
	{ icon: 'brain', text: 'remember that my sister is allergic to nuts' },
	{ icon: 'search', text: 'what do you know about my sister?' },
	{ icon: 'calendar-clock', text: '/tasks' },
];

/** A line on which nothing was said yet: what can be said, and who will answer. */
export function EmptyChat(props: { onPick: (text: string) => void }) {
	const app = useApp();
	const settings = createSubscribed(app.settings, () => app.settings.current());
	return (
		<div class="welcome">
			<Mark class="welcome-mark" />
			<h2>What should I keep in mind for you?</h2>
			<p class="welcome-lead">
				Reminders that reach you, notes you can read and edit, a memory that stays on your own devices.
			</p>
			<ul class="examples" aria-label="Examples">
				<For each={EXAMPLES}>
					{(example) => (
						<li>
							<button type="button" class="example" onClick={() => props.onPick(example.text)}>
								<Icon name={example.icon} />
								<span>{example.text}</span>
							</button>
						</li>
					)}
				</For>
			</ul>
			<Show when={settings().model.apiKey === ''}>
				<p class="welcome-clerk">
					No model key is set, so the Clerk answers. It follows rules and is no AI: it sets reminders, keeps notes and
					finds them again. <a href="/settings">Add a model key</a> to talk with an AI.
				</p>
			</Show>
			{/* Another page: nothing of this space is open while another is joined. */}
			<a class="welcome-join" href="/join" target="_self">
				I already use Pocketeer
			</a>
		</div>
	);
}
