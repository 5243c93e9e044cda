import type { Waiting } from '@pocketeer/core/agent/calls/trust';
import type { Decision } from '@pocketeer/core/space/records';
import { createMemo, createResource, createSignal, createUniqueId, For, Show } from 'solid-js';
import { useApp, type WaitingCall } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import type { PatchView } from '../notes/patch-lines.ts';
import { fileOf, previewCall } from './call-preview.ts';
import { focusField } from './focus-field.ts';
import { describeRequest } from './tool-labels.ts';
import { visibleText } from './visible-text.ts';

const MARKS = { same: ' ', added: '+', removed: '−', gap: '⋯' } as const;

/** What would be done, all of it, why it is asked, and two buttons. */
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
	const file = () => {
		const known = path();
		return known === undefined ? undefined : fileOf(props.call, known);
	};
	const [present] = createResource(file, async (asked) => {
		const read = await app.space.files.read(asked);
		return read.ok ? read.value.text : undefined;
	});
	const request = () => describeRequest(props.call);
	const preview = createMemo(() => previewCall(props.call, present.latest));
	// What the title says already is not said again.
	const facts = () => preview().facts.filter(({ value }) => value !== visibleText(request().about));
	const refuse = () => {
		const why = reason().trim();
		props.onDecide({ type: 'refused', ...(why ? { reason: why } : {}) });
	};
	const submitReason = (event: SubmitEvent) => {
		event.preventDefault();
		if (reason().trim() !== '' && !props.isBusy) refuse();
	};
	return (
		<section class="waiting" aria-labelledby={`${id}-title`}>
			<h3 id={`${id}-title`} class="waiting-title">
				<Icon name="shield-alert" />
				<span>
					{request().text} <span class="waiting-about">{visibleText(request().about)}</span>?
				</span>
			</h3>
			<p class="waiting-why">
				The assistant has read text from <b>{props.asked.source}</b>. Such text may try to make it do what you did not
				ask for.{' '}
				{props.asked.need.type === 'instructions'
					? `${props.asked.need.path} says how it works from then on.`
					: `This would go out to ${props.asked.need.to}.`}
			</p>
			<Show when={facts().length > 0}>
				<dl class="waiting-facts">
					<For each={facts()}>
						{({ name, value }) => (
							<>
								<dt>{name}</dt>
								<dd>{value}</dd>
							</>
						)}
					</For>
				</dl>
			</Show>
			<Show when={preview().text}>
				{(text) => (
					<pre class="waiting-text" tabindex="0">
						{text()}
					</pre>
				)}
			</Show>
			<Show when={preview().change}>
				{(change) => (
					<>
						<p class="waiting-counts">{describeCounts(change())}</p>
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
					</>
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
			<details class="waiting-more" onToggle={focusField}>
				<summary>Tell it why not</summary>
				<form onSubmit={submitReason}>
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
				</form>
			</details>
		</section>
	);
}

/** How much comes and goes, of a change that may be longer than its box. */
function describeCounts({ added, removed }: PatchView): string {
	const words = (lines: number, what: string) =>
		lines === 0 ? [] : `${lines} ${lines === 1 ? 'line' : 'lines'} ${what}`;
	return [words(added, 'added'), words(removed, 'removed')].flat().join(', ');
}
