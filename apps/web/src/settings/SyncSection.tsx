import { createMemo, For } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { createSubscribed } from '../shell/reactive.ts';
import { describePending, describeStatus, describeTab } from '../shell/status.ts';
import { Section } from './Section.tsx';

/** How the devices of this space are kept alike. */
export function SyncSection() {
	const { sync, clock } = useApp();
	const status = createSubscribed({ subscribe: (listener) => sync.subscribe(() => listener()) }, () => sync.status);
	const text = createMemo(() => describeStatus(status(), clock.now()));
	return (
		<Section title="Sync">
			<dl class="facts">
				<dt>Status</dt>
				<dd>
					<Icon name={text().icon} class="icon-s" /> {text().line}
				</dd>
				<dt>Waiting</dt>
				<dd>{describePending(status().pendingStreams)}</dd>
				<dt>Relay</dt>
				<dd>{location.host}</dd>
				<dt>This tab</dt>
				<dd>{describeTab(status())}</dd>
			</dl>
			<For each={text().troubles}>
				{(trouble) => (
					<div class={`note note-${trouble.tone}`}>
						<Icon name="triangle-alert" />
						<div>{trouble.sentence}</div>
					</div>
				)}
			</For>
			<a class="settings-link" href="/settings/sync">
				<span>What the relay sees, what waits, what is stored</span>
				<Icon name="chevron-right" class="icon-s" />
			</a>
		</Section>
	);
}
