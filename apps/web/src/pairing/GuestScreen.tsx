import type { GuestState, PairingGuest } from '@pocketeer/core/members/members';
import { createSignal, createUniqueId, Match, onCleanup, onMount, Show, Switch } from 'solid-js';
import type { GuestStart } from '../boot/join.ts';
import { Icon } from '../icons/Icon.tsx';
import { Mark } from '../shell/Brand.tsx';
import { Busy } from '../shell/Busy.tsx';
import { Problem } from '../shell/Problem.tsx';
import { createSubscribed } from '../shell/reactive.ts';
import './pairing.css';
import { ScanPanel } from './ScanPanel.tsx';
import { ShortCode } from './ShortCode.tsx';

/** In place of the app: brings this browser into a space that another device is in. */
export default function GuestScreen(props: { start: GuestStart }) {
	const { start } = props;
	const [attempt, setAttempt] = createSignal<PairingGuest>();
	// What was typed outlives an attempt that failed.
	const form = createJoinForm(start);
	const stop = () => {
		attempt()?.[Symbol.dispose]();
		setAttempt(undefined);
	};
	onMount(() => document.getElementById('boot')?.remove());
	onCleanup(stop);
	return (
		<main class="join">
			<div class="card join-card">
				<header>
					<Mark />
					<h1>{start.present === undefined ? 'Open your space here' : 'Add a space to this browser'}</h1>
					<Show
						when={start.present}
						fallback={<p>A device of the space shows a code. With it, this browser gets its own keys to the space.</p>}
					>
						{(present) => (
							<p>
								The space <b>{present()}</b> stays on this device, untouched. In Settings you change between them.
							</p>
						)}
					</Show>
				</header>
				<Show
					when={attempt()}
					fallback={<JoinForm form={form} start={start} onBegin={() => setAttempt(start.join(form.request()))} />}
				>
					{(it) => <GuestSteps attempt={it()} start={start} onStop={stop} />}
				</Show>
			</div>
		</main>
	);
}

function createJoinForm(start: GuestStart) {
	const [invitation, setInvitation] = createSignal(start.fragment ?? '');
	const [isByLink, setIsByLink] = createSignal(start.fragment !== undefined);
	const [deviceName, setDeviceName] = createSignal(start.deviceName);
	const [personName, setPersonName] = createSignal('');
	return {
		isByLink,
		invitation,
		deviceName,
		personName,
		setDeviceName,
		setPersonName,
		type: (code: string) => setInvitation(code),
		scan(link: string) {
			setInvitation(link);
			setIsByLink(true);
		},
		forgetLink() {
			setInvitation('');
			setIsByLink(false);
		},
		request: () => ({
			invitation: invitation(),
			deviceName: deviceName().trim() || start.deviceName,
			personName: personName().trim(),
		}),
	};
}
type JoinFormState = ReturnType<typeof createJoinForm>;

function JoinForm(props: { form: JoinFormState; start: GuestStart; onBegin: () => void }) {
	const { form } = props;
	const id = createUniqueId();
	const [isScanning, setIsScanning] = createSignal(false);
	const begin = (event: SubmitEvent) => {
		event.preventDefault();
		if (form.invitation().trim() !== '') props.onBegin();
	};
	return (
		<Show
			when={!isScanning()}
			fallback={
				<ScanPanel
					onClose={() => setIsScanning(false)}
					onFound={(link) => {
						form.scan(link);
						setIsScanning(false);
					}}
				/>
			}
		>
			<form class="join-form" onSubmit={begin}>
				<Show
					when={!form.isByLink()}
					fallback={
						<div class="note note-good">
							<Icon name="link" />
							<div>
								The link from the other device is here. It works once.{' '}
								<button type="button" class="link-button" onClick={() => form.forgetLink()}>
									Type a code instead
								</button>
							</div>
						</div>
					}
				>
					<CodeField form={form} onScan={() => setIsScanning(true)} />
				</Show>
				<div class="field">
					<label for={`${id}-device`}>Name of this device</label>
					<input
						id={`${id}-device`}
						class="input"
						maxlength={60}
						autocomplete="off"
						value={form.deviceName()}
						onInput={(event) => form.setDeviceName(event.currentTarget.value)}
					/>
				</div>
				<div class="field">
					<label for={`${id}-person`}>Your name</label>
					<input
						id={`${id}-person`}
						class="input"
						maxlength={60}
						autocomplete="name"
						value={form.personName()}
						aria-describedby={`${id}-person-hint`}
						onInput={(event) => form.setPersonName(event.currentTarget.value)}
					/>
					<p id={`${id}-person-hint`} class="field-hint">
						Only if somebody invited you into their space: its people see it beside what you write.
					</p>
				</div>
				<button type="submit" class="button button-primary" disabled={form.invitation().trim() === ''}>
					Connect
				</button>
			</form>
			<OtherWays start={props.start} />
		</Show>
	);
}

function CodeField(props: { form: JoinFormState; onScan: () => void }) {
	const id = createUniqueId();
	return (
		<div class="field">
			<label for={id}>Code</label>
			<input
				id={id}
				class="input join-code"
				placeholder="K7QM-2XPD"
				autocomplete="off"
				autocapitalize="characters"
				spellcheck={false}
				value={props.form.invitation()}
				aria-describedby={`${id}-hint`}
				onInput={(event) => props.form.type(event.currentTarget.value)}
			/>
			<p id={`${id}-hint`} class="field-hint">
				On the device that has your space: Settings, Devices, “Add a device”. A link works here too.
			</p>
			<button type="button" class="button" onClick={() => props.onScan()}>
				<Icon name="qr-code" class="icon-s" />
				Scan a code
			</button>
		</div>
	);
}

/** The words, for whom no device is left; and back. */
function OtherWays(props: { start: GuestStart }) {
	const id = createUniqueId();
	const [words, setWords] = createSignal('');
	const [problem, setProblem] = createSignal<string>();
	const [isBusy, setIsBusy] = createSignal(false);
	const open = async (event: SubmitEvent) => {
		event.preventDefault();
		setProblem(undefined);
		setIsBusy(true);
		const refusal = await props.start.openWords(words());
		if (refusal === undefined) return props.start.goOn();
		setIsBusy(false);
		setProblem(refusal);
	};
	return (
		<div class="join-other">
			<details>
				<summary>
					<Icon name="key-round" class="icon-s" />
					Use the recovery words
				</summary>
				<form onSubmit={open}>
					<div class="field">
						<label for={id}>Recovery words</label>
						<textarea
							id={id}
							class="input"
							rows={3}
							autocomplete="off"
							autocapitalize="none"
							spellcheck={false}
							placeholder="24 words, separated by spaces"
							value={words()}
							onInput={(event) => setWords(event.currentTarget.value)}
						/>
					</div>
					<Problem text={problem()} />
					<button type="submit" class="button" disabled={isBusy() || words().trim() === ''}>
						<Show when={isBusy()}>
							<Icon name="loader-circle" class="icon-s spin" />
						</Show>
						Open with these words
					</button>
				</form>
			</details>
			<button type="button" class="button button-quiet" onClick={() => props.start.goOn()}>
				{props.start.present === undefined ? 'Start a new space instead' : 'Back to the space that is here'}
			</button>
		</div>
	);
}

/** What is to be done while both screens show the six digits. */
function compareText(isToConfirm: boolean, hasConfirmed: boolean): string {
	if (hasConfirmed) return 'You said that they match. Now say so on the other device, too.';
	const where = isToConfirm ? 'it is confirmed on both' : 'it is confirmed there';
	return `Compare it with the other device; ${where}. If the two differ, cancel: somebody else may be trying.`;
}

function GuestSteps(props: { attempt: PairingGuest; start: GuestStart; onStop: () => void }) {
	const { attempt } = props;
	const state = createSubscribed(attempt, () => {
		if (attempt.state.type === 'joined') props.start.goOn();
		return attempt.state;
	});
	const [hasConfirmed, setHasConfirmed] = createSignal(false);
	const confirm = () => {
		setHasConfirmed(true);
		attempt.confirm();
	};
	const only = <T extends GuestState['type']>(type: T) => {
		const now = state();
		return now.type === type ? (now as Extract<GuestState, { type: T }>) : undefined;
	};
	return (
		<div class="pairing">
			<Switch>
				<Match when={only('connecting')}>
					<Busy text="Looking for the other device…" />
					<CancelButton onStop={props.onStop} />
				</Match>
				<Match when={only('compare')}>
					{(compare) => (
						<>
							<ShortCode code={compare().shortCode} />
							<p class="pairing-lead" role="status">
								{compareText(compare().isToConfirm, hasConfirmed())}
							</p>
							<Show when={hasConfirmed()}>
								<Busy text="Waiting for the other device…" />
							</Show>
							<Show when={compare().isToConfirm}>
								<div class="pairing-buttons">
									<button type="button" class="button button-primary" onClick={confirm}>
										They match, join
									</button>
								</div>
							</Show>
							<CancelButton onStop={props.onStop} />
						</>
					)}
				</Match>
				<Match when={only('joining')}>
					<Busy text="Joining: the keys come sealed for this device…" />
				</Match>
				<Match when={only('joined')}>
					<Busy text="Opening the space…" />
				</Match>
				<Match when={only('failed')}>
					{(failed) => (
						<>
							<Problem text={failed().reason} />
							<div class="pairing-buttons">
								<button type="button" class="button button-primary" onClick={() => props.onStop()}>
									Try again
								</button>
								<button type="button" class="button button-quiet" onClick={() => props.start.goOn()}>
									{props.start.present === undefined ? 'Start a new space instead' : 'Back to the space that is here'}
								</button>
							</div>
						</>
					)}
				</Match>
			</Switch>
		</div>
	);
}

function CancelButton(props: { onStop: () => void }) {
	return (
		<div class="pairing-buttons">
			<button type="button" class="button button-quiet" onClick={() => props.onStop()}>
				Cancel
			</button>
		</div>
	);
}
