import '../styles/settings.css';
import { createMemo, For, Show } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { createMembership, type Membership } from '../settings/create-membership.ts';
import { deviceRows } from '../settings/device-rows.ts';
import { describeMembersError } from '../settings/members-words.ts';
import { Section } from '../settings/Section.tsx';
import { Busy } from '../shell/Busy.tsx';
import { describeAgo } from '../shell/last-seen.ts';
import { createNow, createSubscribed } from '../shell/reactive.ts';
import {
	countQuarantined,
	describePending,
	describeRepublished,
	describeStatus,
	describeTab,
} from '../shell/status.ts';
import { RelaySight } from './RelaySight.tsx';
import { StorageFacts } from './StorageFacts.tsx';
import { describeStream } from './stream-words.ts';
import './sync.css';

/** "2 hours ago" grows old by the minute. */
const REFRESH_MS = 60_000;

/** How the devices of this space are kept alike: what is known of it, and what the relay knows. */
export default function SyncScreen() {
	const app = useApp();
	const { sync, clock } = app;
	const membership = createMembership(app);
	const now = createNow(clock, REFRESH_MS);
	const status = createSubscribed({ subscribe: (listener) => sync.subscribe(() => listener()) }, () => sync.status);
	return (
		<div class="screen">
			<header class="screen-bar">
				<a class="icon-button bar-lead" href="/settings" aria-label="Back to Settings">
					<Icon name="chevron-left" />
				</a>
				<h1>Sync</h1>
			</header>
			<div class="screen-body">
				<div class="screen-column settings">
					<Now status={status} now={now} />
					<StandingStill status={status} />
					<RelaySight />
					<StorageFacts relay={membership.relay()} />
					<DeviceHealth membership={membership} now={now} />
				</div>
			</div>
		</div>
	);
}

type StatusAccessor = () => ReturnType<typeof useApp>['sync']['status'];

function Now(props: { status: StatusAccessor; now: () => number }) {
	const { clock } = useApp();
	const text = createMemo(() => describeStatus(props.status(), props.now()));
	const last = () => {
		const at = props.status().lastSyncedAt;
		return at === undefined ? 'Not yet, as far as this device knows' : describeAgo(at, props.now(), clock.zone());
	};
	return (
		<Section title="Now">
			<dl class="facts">
				<dt>Status</dt>
				<dd>
					<Icon name={text().icon} class="icon-s" /> {text().line}
				</dd>
				<dt>Last synced</dt>
				<dd>{last()}</dd>
				<dt>Waiting</dt>
				<dd>{describePending(props.status().pendingStreams)}</dd>
				<dt>Relay</dt>
				<dd>{location.host}</dd>
				<dt>This tab</dt>
				<dd>{describeTab(props.status())}</dd>
			</dl>
			<For each={text().troubles}>
				{(trouble) => (
					<div class={`note note-${trouble.tone}`}>
						<Icon name="triangle-alert" />
						<div>{trouble.sentence}</div>
					</div>
				)}
			</For>
			<Show when={props.status().republished}>
				{(again) => (
					<div class="note">
						<Icon name="history" />
						<div>
							{describeRepublished(again().streams)} {describeAgo(again().at, props.now(), clock.zone())}.
						</div>
					</div>
				)}
			</Show>
		</Section>
	);
}

/** What cannot go on, by names a person knows; not there while all goes on. */
function StandingStill(props: { status: StatusAccessor }) {
	const { space } = useApp();
	const name = (stream: string) => describeStream(stream, { files: space.files.list(), lines: space.lines.list() });
	return (
		<Show when={props.status().stuck.length > 0 || countQuarantined(props.status()) > 0}>
			<Section title="What stands still">
				<ul class="sync-list">
					<For each={props.status().stuck}>
						{({ stream, reason }) => (
							<li>
								<b>{name(stream)}</b>
								<span class="field-hint">Waits: {reason}</span>
							</li>
						)}
					</For>
					<For each={props.status().quarantined}>
						{({ stream, count }) => (
							<li>
								<b>{name(stream)}</b>
								<span class="field-hint">
									{count === 1 ? '1 change' : `${count} changes`} put aside, unread. The rest of it goes on.
								</span>
							</li>
						)}
					</For>
				</ul>
				<p class="field-hint">
					Nothing of it was thrown away. It is tried again at each start and after each update of Pocketeer.
				</p>
			</Section>
		</Show>
	);
}

function DeviceHealth(props: { membership: Membership; now: () => number }) {
	const { clock, space } = useApp();
	const named = createSubscribed(space.directory, () => undefined);
	const rows = createMemo(() => {
		named();
		const relay = props.membership.relay();
		return deviceRows({
			devices: props.membership.devices(),
			directory: space.directory,
			self: space.self,
			relay: relay?.ok ? relay.value : undefined,
			now: props.now(),
			zone: clock.zone(),
		});
	});
	const failure = () => {
		const relay = props.membership.relay();
		return props.membership.failure() ?? (relay && !relay.ok ? describeMembersError(relay.error) : undefined);
	};
	return (
		<Section
			title="Devices"
			lead="The relay tells when each was connected last. What waits on another device, only that device knows."
		>
			<ul class="sync-list">
				<For each={rows()}>
					{(row) => (
						<li class="sync-device">
							<Icon name={row.icon} class="device-icon" />
							<span>
								{row.name}
								<Show when={row.note}>{(note) => <span class="field-hint device-note">{note()}</span>}</Show>
							</span>
							<span class="field-hint">{row.isThis ? 'This device' : row.seen}</span>
						</li>
					)}
				</For>
			</ul>
			<Show when={rows().length === 0 && failure() === undefined}>
				<Busy text="Looking up the devices…" />
			</Show>
			<Show when={failure()}>{(reason) => <p class="field-hint">{reason()}</p>}</Show>
		</Section>
	);
}
