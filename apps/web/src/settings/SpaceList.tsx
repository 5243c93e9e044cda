import { createResource, createSignal, createUniqueId, For, Show } from 'solid-js';
import { type KnownSpaceInfo, useApp } from '../app.ts';
import { formatMoment } from '../chat/format.ts';
import { Icon } from '../icons/Icon.tsx';
import { describeStoreError } from '../shell/sentences.ts';
import { shortSpaceId } from '../shell/space-id.ts';

/** Every space of this device, and the way into those that are not open. */
export function SpaceList() {
	const { recovery } = useApp();
	const id = createUniqueId();
	const [spaces] = createResource(() => recovery.spaces());
	const [problem, setProblem] = createSignal<string>();
	const [isBusy, setIsBusy] = createSignal(false);
	const found = () => {
		const answer = spaces.latest;
		return answer?.ok ? answer.value : [];
	};
	const unread = () => {
		const answer = spaces.latest;
		return answer && !answer.ok ? describeStoreError(answer.error) : undefined;
	};
	const open = async (space: KnownSpaceInfo) => {
		setIsBusy(true);
		setProblem(undefined);
		const switched = await recovery.switchTo(space.id);
		// On success the page loads anew, in the other space.
		if (switched.ok) return;
		setIsBusy(false);
		setProblem(`Not opened. ${describeStoreError(switched.error)}`);
	};
	return (
		<div class="spaces">
			<h3 id={id}>Spaces on this device</h3>
			<ul aria-labelledby={id}>
				<For each={found()}>
					{(space) => <SpaceRow space={space} isBusy={isBusy()} onOpen={() => void open(space)} />}
				</For>
			</ul>
			<p class="field-hint problem" role="alert">
				{problem() ?? unread()}
			</p>
		</div>
	);
}

function SpaceRow(props: { space: KnownSpaceInfo; isBusy: boolean; onOpen: () => void }) {
	const { clock } = useApp();
	const name = () => shortSpaceId(props.space.id);
	return (
		<li class="space" aria-current={props.space.isCurrent ? 'true' : undefined}>
			<Icon
				name={props.space.isCurrent ? 'circle-check' : 'shield-check'}
				class={props.space.isCurrent ? 'space-mark-open' : 'space-mark'}
			/>
			<div class="space-body">
				<span class="space-id">{name()}</span>
				<span class="field-hint">On this device since {formatMoment(props.space.since, clock.zone())}</span>
			</div>
			<Show when={!props.space.isCurrent} fallback={<span class="space-open">Open now</span>}>
				<button
					type="button"
					class="button button-small"
					aria-label={`Open ${name()}`}
					disabled={props.isBusy}
					onClick={() => props.onOpen()}
				>
					Open
				</button>
			</Show>
		</li>
	);
}
