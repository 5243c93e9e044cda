import { type Caps, DEFAULT_CAPS, dayCapOn } from '@pocketeer/core/agent/spend/caps';
import { createMemo, createSignal, createUniqueId, Show } from 'solid-js';
import { useApp } from '../app.ts';
import { makeDayOf } from '../chat/format.ts';
import { Icon } from '../icons/Icon.tsx';
import { formatUsd } from '../shell/money.ts';
import { createSubscribed } from '../shell/reactive.ts';
import { describeStoreError } from '../shell/sentences.ts';
import { Section } from './Section.tsx';
import { parseUsd } from './usd.ts';
import './limits.css';

type Limit = Caps['dayUsd'];

/** How much a day and a turn may cost; asked before each call. */
export function SpendingLimits() {
	const { settings, clock } = useApp();
	const caps = createSubscribed(settings, () => settings.current().caps);
	const [notice, setNotice] = createSignal<{ readonly isOk: boolean; readonly sentence: string }>();
	const raised = () => {
		const today = makeDayOf(clock.zone())(clock.now());
		const usd = dayCapOn(caps(), today);
		return usd !== undefined && caps().raised?.day === today && usd !== caps().dayUsd ? usd : undefined;
	};
	let saving = Promise.resolve();
	// One after the other, each on what the one before left: both fields may change at one blink.
	const save = (change: (caps: Caps) => Caps, sentence: string) => {
		saving = saving.then(async () => {
			const kept = await settings.update({ caps: change(settings.current().caps) });
			setNotice(
				kept.ok ? { isOk: true, sentence } : { isOk: false, sentence: `Not kept. ${describeStoreError(kept.error)}` },
			);
		});
	};
	const complain = (sentence: string) => setNotice({ isOk: false, sentence });
	return (
		<Section
			title="Spending limits"
			lead="Asked before each call of a model. A call that could go over is not sent, and the chat says so."
		>
			<LimitField
				name="Limit per day"
				hint="What you spend on all your devices counts, as far as they have synced. You can raise it for a day when it is reached."
				value={caps().dayUsd}
				fallback={DEFAULT_CAPS.dayUsd}
				onChange={(dayUsd) => save((present) => ({ ...present, dayUsd }), saved('A day', dayUsd))}
				onProblem={complain}
			/>
			<Show when={caps().dayUsd === 'off'}>
				<div class="note note-warning" role="note">
					<Icon name="triangle-alert" />
					<p>
						<b>Nothing holds a day’s spending back.</b> A nudge that goes wrong at night can spend all your account
						allows. Set a limit there as well, in the Anthropic Console.
					</p>
				</div>
			</Show>
			<Show when={raised()}>
				{(usd) => (
					<div class="settings-row limit-raised">
						<p>Raised to {formatUsd(usd())} for today.</p>
						<button
							type="button"
							class="button button-small"
							onClick={() =>
								save(({ dayUsd, turnUsd }) => ({ dayUsd, turnUsd }), 'Today’s limit is the usual one again.')
							}
						>
							Take back
						</button>
					</div>
				)}
			</Show>
			<LimitField
				name="Limit per answer"
				hint="One answer is everything done for one message or nudge, with all its steps."
				value={caps().turnUsd}
				fallback={DEFAULT_CAPS.turnUsd}
				onChange={(turnUsd) => save((present) => ({ ...present, turnUsd }), saved('An answer', turnUsd))}
				onProblem={complain}
			/>
			<p class="field-hint">
				These limits hold on this device; set them on your others, too. A model whose price this app does not know
				counts at the dearest price it knows. Past a limit can go the answer of one call, whose length nobody knows
				before.
			</p>
			<p class="field-hint" classList={{ problem: notice()?.isOk === false }} role="alert">
				{notice()?.sentence}
			</p>
		</Section>
	);
}

function saved(what: string, limit: Limit): string {
	return limit === 'off' ? `Saved. ${what} has no limit.` : `Saved. ${what} may cost ${formatUsd(limit)}.`;
}

function LimitField(props: {
	name: string;
	hint: string;
	value: Limit;
	/** What is put there when the limit is switched on. */
	fallback: Limit;
	onChange: (value: Limit) => void;
	onProblem: (sentence: string) => void;
}) {
	const id = createUniqueId();
	// The same amount again must not overwrite what is being typed.
	const amount = createMemo(() => (props.value === 'off' ? '' : String(props.value)));
	const change = (input: HTMLInputElement) => {
		const usd = parseUsd(input.value);
		if (usd !== undefined) return props.onChange(usd);
		props.onProblem(`“${input.value}” is no amount of dollars. Type a number such as 2 or 0.50.`);
		input.value = amount();
	};
	return (
		<div class="field">
			<label class="limit-switch">
				{props.name}
				<input
					type="checkbox"
					class="switch"
					checked={props.value !== 'off'}
					onChange={(event) => props.onChange(event.currentTarget.checked ? props.fallback : 'off')}
				/>
			</label>
			<Show when={props.value !== 'off'}>
				<div class="limit-amount">
					<span aria-hidden="true">$</span>
					<input
						class="input"
						inputmode="decimal"
						autocomplete="off"
						aria-label={`${props.name}, in US dollars`}
						aria-describedby={`${id}-hint`}
						value={amount()}
						onChange={(event) => change(event.currentTarget)}
					/>
				</div>
			</Show>
			<p id={`${id}-hint`} class="field-hint">
				{props.hint}
			</p>
		</div>
	);
}
