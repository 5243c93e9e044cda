import type { Waiting } from '@pocketeer/core/agent/calls/trust';
import type { Decision } from '@pocketeer/core/space/records';
import { createMemo, createResource, createSignal, createUniqueId, For, Show } from 'solid-js';
import { useApp, type WaitingCall } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { previewCall } from './call-preview.ts';
import { shortenText } from './format.ts';
import { describeRequest } from './tool-labels.ts';

/** Longest text shown of what would be written; the rest is counted. */
const SHOWN_CHARACTERS = 6000;
const MARKS = { same: ' ', added: '+', removed: '−', gap: '⋯' } as const;

/** What would be done, why it is asked, and two buttons. */
export function Approval(props: {
	call: WaitingCall;
	asked: Extract<Waiting, { type: 'approval' }>;
	isBusy: boolean;
	onDecide: (decision: Decision) => void;
}) {
	const app = useApp();
	const id = createUniqueId();
	const [reason, setReason] = createSignal('');
	const path = () => {
		const { need } = props.asked;
		return need.type === 'instructions' ? need.path : undefined;
	};
	const [present] = createResource(path, async (asked) => {
		const read = await app.space.files.read(asked);
		return read.ok ? read.value.text : undefined;
	});
	const request = () => describeRequest(props.call);
	const preview = createMemo(() => previewCall(props.call, present.latest));
	// What the title says already is not said again.
	const facts = () => preview().facts.filter(({ value }) => value !== request().about);
	const refuse = () => {
		const why = reason().trim();
		props.onDecide({ type: 'refused', ...(why ? { reason: why } : {}) });
	};
	return (
		<section class="waiting" aria-labelledby={`${id}-title`}>
			<h3 id={`${id}-title`} class="waiting-title">
				<Icon name="shield-alert" />
				<span>
					{request().text} <span class="waiting-about">{request().about}</span>?
				</span>
			</h3>
			<p class="waiting-why">
				It has read text from <b>{props.asked.source}</b>, which may try to make it do what you did not ask for.{' '}
				{props.asked.need.type === 'instructions'
					? `${props.asked.need.path} directs what the assistant does from then on.`
					: `This would leave for ${props.asked.need.to}.`}
			</p>
			<Show when={facts().length > 0}>
				<dl class="waiting-facts">
					<For each={facts()}>
						{({ name, value }) => (
							<>
								<dt>{name}</dt>
								<dd>{shortenText(value, 300)}</dd>
							</>
						)}
					</For>
				</dl>
			</Show>
			<Show when={preview().text}>
				{(text) => (
					<pre class="waiting-text" tabindex="0">
						{shortenText(text(), SHOWN_CHARACTERS)}
					</pre>
				)}
			</Show>
			<Show when={preview().change}>
				{(change) => (
					<section class="waiting-change" aria-label="The change" tabindex="0">
						<For each={change().lines}>
							{({ kind, text }) => (
								<div class={`change-line change-${kind}`}>
									<span class="change-mark" aria-hidden="true">
										{MARKS[kind]}
									</span>
									<Show when={kind === 'added' || kind === 'removed'}>
										<span class="sr-only">{kind}: </span>
									</Show>
									{text}
								</div>
							)}
						</For>
					</section>
				)}
			</Show>
			<div class="waiting-buttons">
				<button
					type="button"
					class="button"
					disabled={props.isBusy}
					onClick={() => props.onDecide({ type: 'approved' })}
				>
					Allow
				</button>
				<button type="button" class="button" disabled={props.isBusy} onClick={refuse}>
					Don’t allow
				</button>
			</div>
			<details class="waiting-more">
				<summary>Tell it why not</summary>
				<label class="sr-only" for={`${id}-reason`}>
					Reason for not allowing it
				</label>
				<input
					id={`${id}-reason`}
					class="input"
					maxlength="500"
					placeholder="Goes along with “Don’t allow”"
					value={reason()}
					onInput={(event) => setReason(event.currentTarget.value)}
				/>
			</details>
		</section>
	);
}
