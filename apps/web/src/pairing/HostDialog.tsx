import type { PersonId } from '@pocketeer/core/ids';
import type { HostState, Members, PairingHost } from '@pocketeer/core/members/members';
import { createSignal, type JSX, Match, onCleanup, Show, Switch } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { Busy } from '../shell/Busy.tsx';
import { Dialog } from '../shell/Dialog.tsx';
import { describeLeft } from '../shell/last-seen.ts';
import { Problem } from '../shell/Problem.tsx';
import { createNow, createSubscribed } from '../shell/reactive.ts';
import { useToasts } from '../shell/toasts.tsx';
import { pairingLink } from './invitation.ts';
import './pairing.css';
import { QrImage } from './QrImage.tsx';
import { ShortCode } from './ShortCode.tsx';

/** Brings one more device into the space: one's own, or the first of another person. */
export function HostDialog(props: {
	members: Members;
	person: PersonId;
	/** What the other person is called here; undefined for a device of one's own. */
	otherName?: string | undefined;
	onClose: () => void;
}) {
	const { space } = useApp();
	// Another round is another invitation: the one before is used up.
	const [round, setRound] = createSignal(1);
	const isOther = () => props.otherName !== undefined;
	return (
		<Dialog title={isOther() ? `Invite ${props.otherName}` : 'Add a device'} onClose={() => props.onClose()}>
			<Show when={round()} keyed>
				{(_) => {
					const host = props.members.invite({
						person: props.person,
						isOtherPerson: isOther(),
						spaceName: space.directory.spaceName(),
					});
					onCleanup(() => host[Symbol.dispose]());
					return (
						<HostSteps
							host={host}
							person={props.person}
							otherName={props.otherName}
							onAgain={() => setRound((last) => last + 1)}
							onClose={() => props.onClose()}
						/>
					);
				}}
			</Show>
		</Dialog>
	);
}

interface StepsProps {
	readonly host: PairingHost;
	readonly person: PersonId;
	readonly otherName: string | undefined;
	readonly onAgain: () => void;
	readonly onClose: () => void;
}

function HostSteps(props: StepsProps) {
	const { directory } = useApp().space;
	const { host } = props;
	const state = createSubscribed(host, () => host.state);
	const only = <T extends HostState['type']>(type: T) => {
		const now = state();
		return now.type === type ? (now as Extract<HostState, { type: T }>) : undefined;
	};
	const remember = host.subscribe(() => {
		if (host.state.type !== 'added') return;
		const { device, deviceName, personName } = host.state;
		// The new device says so itself once it is open; until then it should not be a number in the list.
		if (deviceName !== '') void directory.nameDevice(device, deviceName);
		const name = personName || props.otherName;
		if (props.otherName !== undefined && name) void directory.namePerson(props.person, name);
	});
	onCleanup(() => remember[Symbol.dispose]());
	return (
		<div class="pairing">
			<Switch>
				<Match when={only('opening')}>
					<Busy text="Asking the relay for a place to meet…" />
					<Buttons>
						<CloseButton label="Cancel" onClose={props.onClose} />
					</Buttons>
				</Match>
				<Match when={only('waiting')}>{(waiting) => <Waiting state={waiting()} steps={props} />}</Match>
				<Match when={only('compare')}>{(compare) => <Compare state={compare()} steps={props} />}</Match>
				<Match when={only('adding')}>
					<Busy text="Adding it, and sealing the keys to it…" />
				</Match>
				<Match when={only('added')}>
					{(added) => (
						<>
							<p class="pairing-done" role="status">
								<Icon name="circle-check" />
								<span>
									<b>{added().deviceName || 'The device'}</b> is in. It now fetches what the space holds.
								</span>
							</p>
							<Buttons>
								<button type="button" class="button button-primary" onClick={() => props.onClose()}>
									Done
								</button>
							</Buttons>
						</>
					)}
				</Match>
				<Match when={only('failed')}>
					{(failed) => (
						<>
							<Problem
								text={`${failed().reason}${failed().device === undefined ? ' Nothing was added.' : ' Look at the list of devices: where it stands there and nobody uses it, remove it.'}`}
							/>
							<Buttons>
								<button type="button" class="button button-primary" onClick={() => props.onAgain()}>
									Try again
								</button>
								<CloseButton label="Close" onClose={props.onClose} />
							</Buttons>
						</>
					)}
				</Match>
			</Switch>
		</div>
	);
}

function Waiting(props: { state: Extract<HostState, { type: 'waiting' }>; steps: StepsProps }) {
	const { clock } = useApp();
	const toasts = useToasts();
	const now = createNow(clock, 1000);
	const link = () => pairingLink(location.origin, props.state.fragment);
	const copy = () =>
		navigator.clipboard.writeText(link()).then(
			() => toasts.show({ text: 'Copied. The link works once, and not for long.' }),
			() => toasts.show({ text: 'The browser did not allow copying. Use the code instead.', tone: 'danger' }),
		);
	return (
		<>
			<p class="pairing-lead">
				<Show
					when={props.steps.otherName}
					fallback="Scan this with your other device, or open Pocketeer there, choose “I already use Pocketeer”, and type the code."
				>
					{(name) =>
						`Let ${name()} scan this, or send the link. Everything in this space will be theirs to read and change.`
					}
				</Show>
			</p>
			<QrImage text={link()} label="QR code with the link that adds the device" />
			<div class="pairing-code">
				<span class="field-hint">Or type this code</span>
				<output class="typed-code" aria-label="Code to type">
					{props.state.code}
				</output>
			</div>
			<p class="pairing-left" role="timer" aria-label="Time left">
				<Icon name="clock" class="icon-s" /> {describeLeft(props.state.until, now())} left
			</p>
			<p class="field-hint">
				On an iPhone, add Pocketeer to the home screen first and scan from inside of it: the installed app keeps its own
				data.
			</p>
			<Buttons>
				<button type="button" class="button" onClick={() => void copy()}>
					<Icon name="link" class="icon-s" />
					Copy link
				</button>
				<CloseButton label="Cancel" onClose={props.steps.onClose} />
			</Buttons>
		</>
	);
}

function Compare(props: { state: Extract<HostState, { type: 'compare' }>; steps: StepsProps }) {
	const who = () => {
		const device = props.state.deviceName || 'A device';
		const person = props.steps.otherName !== undefined && props.state.personName;
		return person ? `${person}, on ${device},` : device;
	};
	return (
		<>
			<p class="pairing-lead">
				<b>{who()}</b> wants to come in. Does it show the same code?
			</p>
			<ShortCode code={props.state.shortCode} />
			<p class="field-hint">
				{props.steps.otherName === undefined
					? 'Look at the other screen.'
					: 'Look at the other screen, or have it read out in a call; do not ask over a message.'}{' '}
				If the codes differ, somebody else is trying: cancel.
			</p>
			<Buttons>
				<button type="button" class="button button-primary" onClick={() => props.steps.host.confirm()}>
					They match, add it
				</button>
				<button type="button" class="button button-quiet" onClick={() => props.steps.host.refuse()}>
					Cancel
				</button>
			</Buttons>
		</>
	);
}

function CloseButton(props: { label: string; onClose: () => void }) {
	return (
		<button type="button" class="button button-quiet" onClick={() => props.onClose()}>
			{props.label}
		</button>
	);
}

function Buttons(props: { children: JSX.Element }) {
	return <div class="pairing-buttons">{props.children}</div>;
}
