import type { Members } from '@pocketeer/core/members/members';
import { createMemo, createSignal, For, lazy, Show, Suspense } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { Busy } from '../shell/Busy.tsx';
import { Problem } from '../shell/Problem.tsx';
import { createNow, createSubscribed } from '../shell/reactive.ts';
import type { Membership } from './create-membership.ts';
import { type DeviceRow, deviceRows } from './device-rows.ts';
import { describeMembersError } from './members-words.ts';
import { RemoveDialog } from './RemoveDialog.tsx';
import { RenameDialog } from './RenameDialog.tsx';
import { Section } from './Section.tsx';

const HostDialog = lazy(() => import('../pairing/HostDialog.tsx').then(({ HostDialog }) => ({ default: HostDialog })));

/** "2 hours ago" grows old by the minute. */
const REFRESH_MS = 60_000;

/** The devices that have this space, and the way for one more. */
export function DevicesSection(props: { membership: Membership }) {
	const { clock, space } = useApp();
	const { members, devices, relay, failure } = props.membership;
	const [isAdding, setIsAdding] = createSignal(false);
	const [renamed, setRenamed] = createSignal<DeviceRow>();
	const [removed, setRemoved] = createSignal<DeviceRow>();
	const named = createSubscribed(space.directory, () => undefined);
	const now = createNow(clock, REFRESH_MS);
	const rows = createMemo(() => {
		named();
		const answer = relay();
		return deviceRows({
			devices: devices(),
			directory: space.directory,
			self: space.self,
			relay: answer?.ok ? answer.value : undefined,
			now: now(),
			zone: clock.zone(),
		});
	});
	const unasked = () => {
		const answer = relay();
		return answer && !answer.ok ? describeMembersError(answer.error) : undefined;
	};
	return (
		<Section
			title="Devices"
			lead="Each has keys of its own to this space. Add your phone, your laptop, another browser."
		>
			<Problem text={failure()} />
			<Show when={members()} fallback={<Show when={!failure()}>{<Busy text="Looking up the devices…" />}</Show>}>
				{(loaded) => (
					<>
						<ul class="devices" aria-label="Devices of this space">
							<For each={rows()}>
								{(row) => <DeviceItem row={row} onRename={() => setRenamed(row)} onRemove={() => setRemoved(row)} />}
							</For>
						</ul>
						<Show when={unasked()}>
							{(reason) => <p class="field-hint">When each was there last is not known: {reason()}</p>}
						</Show>
						<div class="settings-buttons">
							<button type="button" class="button button-primary" onClick={() => setIsAdding(true)}>
								<Icon name="plus" class="icon-s" />
								Add a device
							</button>
						</div>
						<Dialogs
							members={loaded()}
							isAdding={isAdding()}
							renamed={renamed()}
							removed={removed()}
							count={rows().length}
							onClose={() => {
								// The relay knows of a device that just came or went.
								if (isAdding() || removed()) props.membership.askAgain();
								setIsAdding(false);
								setRenamed(undefined);
								setRemoved(undefined);
							}}
						/>
					</>
				)}
			</Show>
		</Section>
	);
}

function Dialogs(props: {
	members: Members;
	isAdding: boolean;
	renamed: DeviceRow | undefined;
	removed: DeviceRow | undefined;
	count: number;
	onClose: () => void;
}) {
	const { self } = useApp().space;
	return (
		<Suspense>
			<Show when={props.isAdding}>
				<HostDialog members={props.members} person={self.person} onClose={() => props.onClose()} />
			</Show>
			<Show when={props.renamed}>{(row) => <RenameDialog row={row()} onClose={() => props.onClose()} />}</Show>
			<Show when={props.removed}>
				{(row) => (
					<RemoveDialog members={props.members} row={row()} count={props.count} onClose={() => props.onClose()} />
				)}
			</Show>
		</Suspense>
	);
}

function DeviceItem(props: { row: DeviceRow; onRename: () => void; onRemove: () => void }) {
	return (
		<li class="device">
			<Icon name={props.row.icon} class="device-icon" />
			<div class="device-body">
				<span class="device-name">
					{props.row.name}
					<Show when={props.row.isThis}>
						<span class="tag">This device</span>
					</Show>
				</span>
				<span class="field-hint">
					<Show when={props.row.person}>{(person) => <>{person()} · </>}</Show>
					<Show when={!props.row.isThis}>Last seen: {props.row.seen} · </Show>
					Added {props.row.added}
				</span>
				<Show when={props.row.note}>{(note) => <span class="field-hint device-note">{note()}</span>}</Show>
			</div>
			<div class="device-actions">
				<Show when={props.row.isOwn}>
					<button
						type="button"
						class="icon-button"
						aria-label={`Rename ${props.row.name}`}
						title="Rename"
						onClick={() => props.onRename()}
					>
						<Icon name="pencil" class="icon-s" />
					</button>
				</Show>
				<Show when={!props.row.isThis}>
					<button
						type="button"
						class="icon-button"
						aria-label={`Remove ${props.row.name}`}
						title="Remove"
						onClick={() => props.onRemove()}
					>
						<Icon name="trash-2" class="icon-s" />
					</button>
				</Show>
			</div>
		</li>
	);
}
