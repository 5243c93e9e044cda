import { createMemo, For, Show } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { createSubscribed } from './reactive.ts';
import { describeStoreError } from './sentences.ts';
import { describeStatus, type Trouble } from './status.ts';
import { useStoreTrouble } from './store-trouble.ts';

/** One quiet line about the connection. */
export function StatusLine() {
	const status = createStatus();
	return (
		<p class={`status-line status-${status().tone}`} role="status" aria-label="Sync status">
			<Icon name={status().icon} class={`icon-s ${status().tone === 'busy' ? 'spin' : ''}`} />
			<span>{status().line}</span>
		</p>
	);
}

/** What needs the person's attention, above the screen; empty when all is well. */
export function TroubleArea() {
	const app = useApp();
	const status = createStatus();
	const storeTrouble = useStoreTrouble();
	const isUpdateWaiting = createSubscribed(app.updates, () => app.updates.isWaiting());
	const troubles = createMemo<readonly Trouble[]>(
		() => {
			const error = storeTrouble.current();
			if (!error) return status().troubles;
			return [{ tone: 'danger', sentence: describeStoreError(error), details: [] }, ...status().troubles];
		},
		[],
		// The status changes with every keystroke: the same troubles drawn anew would be read out anew.
		{ equals: (before, after) => JSON.stringify(before) === JSON.stringify(after) },
	);
	return (
		<div class="troubles">
			<div role="alert">
				<For each={troubles()}>{(trouble) => <TroubleNote trouble={trouble} />}</For>
			</div>
			<Show when={isUpdateWaiting()}>
				<div class="trouble update" role="status">
					<Icon name="sparkles" class="icon-s" />
					<span>A new version is ready</span>
					<button type="button" class="button button-primary button-small push-end" onClick={() => app.updates.apply()}>
						Reload
					</button>
				</div>
			</Show>
		</div>
	);
}

function TroubleNote(props: { trouble: Trouble }) {
	return (
		<div class={`trouble trouble-${props.trouble.tone}`}>
			<Icon name="triangle-alert" class="icon-s" />
			<div>
				{props.trouble.sentence}
				<Show when={props.trouble.link}>
					{(link) => (
						<>
							{' '}
							<a href={link().href}>{link().label}</a>
						</>
					)}
				</Show>
				<Show when={props.trouble.details.length > 0}>
					<details>
						<summary>Details</summary>
						<ul>
							<For each={props.trouble.details}>{(detail) => <li>{detail}</li>}</For>
						</ul>
					</details>
				</Show>
			</div>
		</div>
	);
}

function createStatus() {
	const { sync, clock } = useApp();
	const status = createSubscribed({ subscribe: (listener) => sync.subscribe(() => listener()) }, () => sync.status);
	return createMemo(() => describeStatus(status(), clock.now()));
}
