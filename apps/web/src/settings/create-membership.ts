import type { MemberDevice, Members, MembersError, RelayState } from '@pocketeer/core/members/members';
import type { Result } from '@pocketeer/core/result';
import { type Accessor, createSignal, onCleanup } from 'solid-js';
import type { App } from '../app.ts';

/** The members of the space as a screen follows them. */
export interface Membership {
	/** undefined until their code is there. */
	readonly members: Accessor<Members | undefined>;
	/** The code could not be fetched: the sentence to show. */
	readonly failure: Accessor<string | undefined>;
	readonly devices: Accessor<readonly MemberDevice[]>;
	/** undefined before the relay has answered. */
	readonly relay: Accessor<Result<RelayState, MembersError> | undefined>;
	/** Asks the relay again. */
	askAgain(): void;
}

const NOT_LOADED =
	'This part of the app is not here yet and could not be fetched. Go online and open this screen again.';

/** Loads the members and follows them for as long as the owner lives. */
export function createMembership(app: Pick<App, 'members'>): Membership {
	const [failure, setFailure] = createSignal<string>();
	const [devices, setDevices] = createSignal<readonly MemberDevice[]>([]);
	const [members, setMembers] = createSignal<Members>();
	// No resource: a relay that is slow to answer would hold up the whole screen.
	const [relay, setRelay] = createSignal<Result<RelayState, MembersError>>();
	const askAgain = () =>
		void members()
			?.relayState()
			.then((answer) => setRelay(() => answer));
	const held = new DisposableStack();
	let isGone = false;
	onCleanup(() => {
		isGone = true;
		held.dispose();
	});
	app.members().then(
		(loaded) => {
			if (isGone) return;
			const read = () => setDevices([...loaded.devices()]);
			held.use(loaded.subscribe(read));
			read();
			setMembers(() => loaded);
			askAgain();
		},
		() => setFailure(NOT_LOADED),
	);
	return { members, failure, devices, relay, askAgain };
}
