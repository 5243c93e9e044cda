import { describeFailure } from '@pocketeer/core/agent/failures';
import { createSignal, createUniqueId, For, Show } from 'solid-js';
import { type ModelSettings, useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { createSubscribed } from '../shell/reactive.ts';
import { describeStoreError } from '../shell/sentences.ts';
import { useModelDraft } from './model-draft.ts';
import { cleanModel, DEFAULT_BASE_URL, isSameModel, refuseModel } from './model-form.ts';
import { Section } from './Section.tsx';

interface Notice {
	readonly tone: 'good' | 'danger';
	readonly sentence: string;
	readonly hint?: string;
	/** The check failed, but the person may know better. */
	readonly canSave?: boolean;
}

const NO_MODEL: ModelSettings = { apiKey: '', baseUrl: '', model: '' };

/** Who answers: key, model, address. */
export function Assistant() {
	const { settings } = useApp();
	const saved = createSubscribed(settings, () => settings.current().model);
	const draft = useModelDraft();
	const typed = () => draft.current() ?? saved();
	const [models, setModels] = createSignal<readonly string[]>([]);
	const [notice, setNotice] = createSignal<Notice>();
	const [isBusy, setIsBusy] = createSignal(false);
	const change = (part: Partial<ModelSettings>) => {
		const model = { ...typed(), ...part };
		draft.set(isSameModel(model, saved()) ? undefined : model);
		setNotice(undefined);
	};
	const save = async (model: ModelSettings, sentence: string) => {
		const kept = await settings.update({ model });
		if (!kept.ok) return setNotice({ tone: 'danger', sentence: `Not saved. ${describeStoreError(kept.error)}` });
		draft.set(undefined);
		setNotice({ tone: 'good', sentence });
	};
	const checkAndSave = async () => {
		const model = cleanModel(typed());
		const refusal = refuseModel(model);
		if (refusal !== undefined) return setNotice({ tone: 'danger', sentence: refusal });
		setNotice(undefined);
		const checked = await settings.check(model);
		if (!checked.ok) {
			const { sentence, hint } = describeFailure(checked.error);
			return setNotice({ tone: 'danger', sentence, hint, canSave: true });
		}
		setModels(checked.value.models);
		await save(model, 'Saved. The key works; the model answers from now on.');
	};
	const whileBusy = async (work: () => Promise<unknown>) => {
		if (isBusy()) return;
		setIsBusy(true);
		await work();
		setIsBusy(false);
	};
	const submit = (event: SubmitEvent) => {
		event.preventDefault();
		void whileBusy(checkAndSave);
	};
	return (
		<Section
			title="Assistant"
			lead={
				<Show
					when={saved().apiKey === ''}
					fallback="A model answers, called straight from this browser with your own key."
				>
					Without a key the Clerk answers. It follows rules and is no AI. With a key of your own, a model answers.
				</Show>
			}
		>
			<form class="settings-form" onSubmit={submit} autocomplete="off">
				<KeyField value={typed().apiKey} onInput={(apiKey) => change({ apiKey })} />
				<ModelField value={typed().model} models={models()} onInput={(model) => change({ model })} />
				<AddressField value={typed().baseUrl} onInput={(baseUrl) => change({ baseUrl })} />
				<NoticeView
					notice={notice()}
					onSave={() => void whileBusy(() => save(cleanModel(typed()), 'Saved without a working check.'))}
				/>
				<div class="settings-buttons">
					<button type="submit" class="button button-primary" disabled={isBusy()}>
						<Show when={isBusy()}>
							<Icon name="loader-circle" class="icon-s spin" />
						</Show>
						Check and save
					</button>
					<Show when={saved().apiKey !== ''}>
						<button
							type="button"
							class="button button-quiet button-danger"
							disabled={isBusy()}
							onClick={() =>
								void whileBusy(() =>
									save(
										{ ...NO_MODEL, baseUrl: saved().baseUrl, model: saved().model },
										'The key is removed from this device. The Clerk answers again.',
									),
								)
							}
						>
							Remove key
						</button>
					</Show>
					<Show when={!isSameModel(typed(), saved()) && !notice()}>
						<span class="field-hint">Not saved yet</span>
					</Show>
				</div>
			</form>
		</Section>
	);
}

function KeyField(props: { value: string; onInput: (value: string) => void }) {
	const id = createUniqueId();
	const [isShown, setIsShown] = createSignal(false);
	return (
		<div class="field">
			<label for={id}>Anthropic API key</label>
			<div class="input-with-button">
				<input
					id={id}
					class="input input-code"
					type={isShown() ? 'text' : 'password'}
					placeholder="sk-ant-…"
					autocomplete="off"
					autocapitalize="none"
					spellcheck={false}
					aria-describedby={`${id}-hint`}
					value={props.value}
					onInput={(event) => props.onInput(event.currentTarget.value)}
				/>
				<button
					type="button"
					class="icon-button"
					aria-label={isShown() ? 'Hide the key' : 'Show the key'}
					onClick={() => setIsShown(!isShown())}
				>
					<Icon name={isShown() ? 'eye-off' : 'eye'} />
				</button>
			</div>
			<p id={`${id}-hint`} class="field-hint">
				This key stays in this browser’s database on this device, unencrypted by us; it is sent only to the base URL
				below; it is never synced, exported or put into a prompt.
			</p>
		</div>
	);
}

function ModelField(props: { value: string; models: readonly string[]; onInput: (value: string) => void }) {
	const id = createUniqueId();
	return (
		<div class="field">
			<label for={id}>Model</label>
			<input
				id={id}
				class="input"
				list={`${id}-models`}
				placeholder="Chosen for you"
				autocomplete="off"
				autocapitalize="none"
				spellcheck={false}
				aria-describedby={`${id}-hint`}
				value={props.value}
				onInput={(event) => props.onInput(event.currentTarget.value)}
			/>
			<datalist id={`${id}-models`}>
				<For each={props.models}>{(model) => <option value={model} />}</For>
			</datalist>
			<p id={`${id}-hint`} class="field-hint">
				<Show
					when={props.models.length > 0}
					fallback="Empty: one is chosen from those this address offers. Names are offered here after a check."
				>
					This address offers {props.models.length} models. Empty: one is chosen for you.
				</Show>
			</p>
		</div>
	);
}

function AddressField(props: { value: string; onInput: (value: string) => void }) {
	const id = createUniqueId();
	return (
		<div class="field">
			<label for={id}>API base URL</label>
			<input
				id={id}
				class="input"
				inputmode="url"
				placeholder={DEFAULT_BASE_URL}
				autocomplete="off"
				autocapitalize="none"
				spellcheck={false}
				aria-describedby={`${id}-hint`}
				value={props.value}
				onInput={(event) => props.onInput(event.currentTarget.value)}
			/>
			<p id={`${id}-hint`} class="field-hint">
				Any address that speaks Anthropic’s Messages API. Empty: {DEFAULT_BASE_URL}.
			</p>
		</div>
	);
}

function NoticeView(props: { notice: Notice | undefined; onSave: () => void }) {
	return (
		<div role="alert" class="settings-notice">
			<Show when={props.notice}>
				{(notice) => (
					<div class={`note note-${notice().tone}`}>
						<Icon name={notice().tone === 'good' ? 'circle-check' : 'triangle-alert'} />
						<div>
							<b>{notice().sentence}</b> {notice().hint}
							<Show when={notice().canSave}>
								<div class="outcome-buttons">
									<button type="button" class="button button-small" onClick={() => props.onSave()}>
										Save all the same
									</button>
								</div>
							</Show>
						</div>
					</div>
				)}
			</Show>
		</div>
	);
}
