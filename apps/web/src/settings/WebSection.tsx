import { createMemo, createSignal, createUniqueId, Show } from 'solid-js';
import { useApp, type WebSettings } from '../app.ts';
import { PAGES, readSites } from '../boot/web-settings.ts';
import { createSubscribed } from '../shell/reactive.ts';
import { describeStoreError } from '../shell/sentences.ts';
import { Section } from './Section.tsx';
import { Toggle } from './Toggle.tsx';

/** What the model's service may look up on the web; each change holds from the next message on. */
export function WebSection() {
	const { settings } = useApp();
	const web = createSubscribed(settings, () => settings.current().web);
	const [problem, setProblem] = createSignal<string>();
	// One after the other: a change is laid over the one before, which may still be on its way to the disk.
	let changing = Promise.resolve();
	const change = (part: Partial<WebSettings>) => {
		changing = changing.then(() => keep(part));
	};
	const keep = async (part: Partial<WebSettings>) => {
		const kept = await settings.update({ web: { ...settings.current().web, ...part } });
		setProblem(kept.ok ? undefined : `Not kept. ${describeStoreError(kept.error)}`);
	};
	return (
		<Section
			title="Web"
			lead="The service of your model searches and reads, not this browser. What it finds is text from outside: afterwards, anything that is sent or changes standing instructions waits for your word."
		>
			<div class="web-settings">
				<Toggle
					label="Web search"
					hint="The model decides when to search, at most five times a call. The words it searches for leave with the search, and each search costs about a cent."
					isOn={web().search}
					onChange={(search) => change({ search })}
				/>
				<Toggle
					label="Reading web pages"
					hint="Off unless you need it. A page that was read may talk the model into opening an address that carries what it knows about you, and no single page can be asked about first. So it reads only the sites you allow; whoever runs them can still learn what was asked of them."
					isOn={web().fetch}
					onChange={(fetch) => change({ fetch })}
				/>
				<Show when={web().fetch}>
					<Sites sites={web().sites} onChange={(sites) => change({ sites })} />
					<Pages pages={web().pages} onChange={(pages) => change({ pages })} />
				</Show>
				<p class="field-hint problem" role="alert">
					{problem()}
				</p>
			</div>
		</Section>
	);
}

function Sites(props: { sites: readonly string[]; onChange: (sites: readonly string[]) => void }) {
	const id = createUniqueId();
	const [problem, setProblem] = createSignal<string>();
	// Another setting that is kept must not overwrite what is being typed.
	const kept = createMemo(() => props.sites.join('\n'));
	const read = (box: HTMLTextAreaElement) => {
		const { sites, wrong } = readSites(box.value);
		if (wrong.length > 0) return setProblem(`Not a site: ${wrong.join(', ')}. It looks like example.org.`);
		setProblem(undefined);
		props.onChange(sites);
	};
	return (
		<div class="field">
			<label for={id}>Allowed sites</label>
			<textarea
				id={id}
				class="input"
				rows={4}
				placeholder={'example.org\ndocs.example.com'}
				autocapitalize="none"
				spellcheck={false}
				aria-describedby={`${id}-hint`}
				aria-invalid={problem() !== undefined}
				value={kept()}
				onChange={(event) => read(event.currentTarget)}
			/>
			<p id={`${id}-hint`} class="field-hint">
				One a line; what is under a site is allowed too.
				<Show when={props.sites.length === 0}>
					{' '}
					<b>Without a site no page is read.</b>
				</Show>
			</p>
			<p class="field-hint problem" role="alert">
				{problem()}
			</p>
		</div>
	);
}

function Pages(props: { pages: number; onChange: (pages: number) => void }) {
	const id = createUniqueId();
	const kept = createMemo(() => props.pages);
	const read = (box: HTMLInputElement) => {
		const pages = Math.round(box.valueAsNumber);
		if (pages >= PAGES.from && pages <= PAGES.to) props.onChange(pages);
		box.value = String(props.pages);
	};
	return (
		<div class="field">
			<label for={id}>Pages per answer</label>
			<input
				id={id}
				class="input web-pages"
				type="number"
				inputmode="numeric"
				min={PAGES.from}
				max={PAGES.to}
				aria-describedby={`${id}-hint`}
				value={kept()}
				onChange={(event) => read(event.currentTarget)}
			/>
			<p id={`${id}-hint`} class="field-hint">
				{PAGES.from} to {PAGES.to}, counted in each call of the model. A page costs what its text costs to read.
			</p>
		</div>
	);
}
