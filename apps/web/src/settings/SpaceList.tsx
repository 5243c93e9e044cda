import { createResource, createSignal, createUniqueId, For, Show } from 'solid-js';
import { type KnownSpaceInfo, useApp } from '../app.ts';
import { formatMoment } from '../chat/format.ts';
import { Icon } from '../icons/Icon.tsx';
import { createSubscribed } from '../shell/reactive.ts';
import { describeStoreError } from '../shell/sentences.ts';
import { shortSpaceId } from '../shell/space-id.ts';

/** Every space of this device, and the way into those that are not open. */
export function SpaceList() {
	const { spaces: known, space } = useApp();
	const id = createUniqueId();
	const [spaces] = createResource(() => known.list());
	const [problem, setProblem] = createSignal<string>();
	const [isBusy, setIsBusy] = createSignal(false);
	const name = createSubscribed(space.directory, () => space.directory.spaceName());
	const found = () => {
		const answer = spaces.latest;
		const all = answer?.ok ? answer.value : [];
		// What the present one is called may have changed since the list was read.
		return all.map((one) => (one.isCurrent ? { ...one, name: name() ?? one.name } : one));
	};
	const unread = () => {
		const answer = spaces.latest;
		return answer && !answer.ok ? describeStoreError(answer.error) : undefined;
	};
	const open = async (space: KnownSpaceInfo) => {
		setIsBusy(true);
		setProblem(undefined);
		const switched = await known.switchTo(space.id);
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
	const shortId = () => shortSpaceId(props.space.id);
	const name = () => props.space.name || shortId();
	return (
		<li class="space" aria-current={props.space.isCurrent ? 'true' : undefined}>
			<Icon
				name={props.space.isCurrent ? 'circle-check' : 'shield-check'}
				class={props.space.isCurrent ? 'space-mark-open' : 'space-mark'}
			/>
			<div class="space-body">
				<span classList={{ 'space-id': props.space.name === '', 'space-name': props.space.name !== '' }}>{name()}</span>
				<span class="field-hint">
					<Show when={props.space.name !== ''}>
						<span class="space-id">{shortId()}</span> ·{' '}
					</Show>
					Here since {formatMoment(props.space.since, clock.zone())}
				</span>
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
