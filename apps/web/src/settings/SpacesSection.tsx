import { createSignal, lazy, Show, Suspense } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { createSubscribed } from '../shell/reactive.ts';
import type { Membership } from './create-membership.ts';
import { NameForm } from './NameForm.tsx';
import { Section } from './Section.tsx';
import { SpaceList } from './SpaceList.tsx';

const NewSpaceDialog = lazy(() => import('./NewSpaceDialog.tsx'));
const InviteDialog = lazy(() => import('./InviteDialog.tsx'));
const LeaveDialog = lazy(() => import('./LeaveDialog.tsx'));

/** The spaces of this device: what they are called, who is in the present one, and the ways in and out. */
export function SpacesSection(props: { membership: Membership }) {
	const { directory } = useApp().space;
	const name = createSubscribed(directory, () => directory.spaceName() ?? '');
	const [shown, setShown] = createSignal<'new' | 'invite' | 'leave'>();
	const close = () => setShown(undefined);
	return (
		<Section
			title="Spaces"
			lead="A space is a world of its own: files, chats, people, keys. Keep one to yourself and share another; nothing passes between them."
		>
			<SpaceList />
			<NameForm
				label="Name of this space"
				value={name()}
				placeholder="Private, Home, Our flat…"
				hint="Everybody in the space sees it. The relay does not."
				onSave={(typed) => directory.nameSpace(typed)}
			/>
			<hr class="settings-rule" />
			<div class="settings-buttons">
				<button type="button" class="button" disabled={!props.membership.members()} onClick={() => setShown('invite')}>
					<Icon name="user-round-plus" class="icon-s" />
					Invite a person
				</button>
				{/* Another page: the app is not open while a space is joined. */}
				<a class="button" href="/join" target="_self">
					<Icon name="qr-code" class="icon-s" />
					Join a space
				</a>
				<button type="button" class="button" onClick={() => setShown('new')}>
					<Icon name="plus" class="icon-s" />
					New space
				</button>
				<button
					type="button"
					class="button button-quiet button-danger"
					disabled={!props.membership.members()}
					onClick={() => setShown('leave')}
				>
					<Icon name="log-out" class="icon-s" />
					Leave this space
				</button>
			</div>
			<Suspense>
				<Show when={shown() === 'new'}>
					<NewSpaceDialog onClose={close} />
				</Show>
				<Show when={props.membership.members()}>
					{(members) => (
						<>
							<Show when={shown() === 'invite'}>
								<InviteDialog members={members()} onClose={close} />
							</Show>
							<Show when={shown() === 'leave'}>
								<LeaveDialog members={members()} onClose={close} />
							</Show>
						</>
					)}
				</Show>
			</Suspense>
		</Section>
	);
}
