import type { Line } from '@pocketeer/core/space/space';
import { A, useParams } from '@solidjs/router';
import { createMemo, createSignal, onMount, Show } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { createMediaQuery, createSubscribed } from '../shell/reactive.ts';
import { describeStoreError } from '../shell/sentences.ts';
import { useStoreTrouble } from '../shell/store-trouble.ts';
import { DESKTOP } from '../shell/widths.ts';
import { ConversationView } from './ConversationView.tsx';
import { LineDrawer } from './LineList.tsx';
import { lineTitle, MAIN_LINE } from './lines.ts';

/** The chat: one line at a time, the default one at `/`. */
export function ChatScreen() {
	const app = useApp();
	const params = useParams<{ line?: string }>();
	const trouble = useStoreTrouble();
	const lines = createSubscribed(app.space.lines, () => app.space.lines.list());
	const [failure, setFailure] = createSignal<string>();
	const line = createMemo<Line | undefined>(() =>
		lines().find(params.line === undefined ? isMain : (candidate) => candidate.id === params.line),
	);
	onMount(async () => {
		if (lines().some(isMain)) return;
		const made = await app.space.lines.ensure(MAIN_LINE);
		if (made.ok) return;
		trouble.report(made.error);
		setFailure(describeStoreError(made.error));
	});
	return (
		<div class="screen chat">
			<ChatBar line={line()} />
			<Show when={line()?.id} keyed fallback={<NoLine isNamed={params.line !== undefined} failure={failure()} />}>
				{(id) => <ConversationView line={id} />}
			</Show>
		</div>
	);
}

function isMain(line: Line): boolean {
	return line.name === MAIN_LINE;
}

function ChatBar(props: { line: Line | undefined }) {
	const app = useApp();
	const settings = createSubscribed(app.settings, () => app.settings.current());
	const isDesktop = createMediaQuery(DESKTOP);
	return (
		<header class="screen-bar">
			<Show when={!isDesktop()}>
				<LineDrawer />
			</Show>
			<h1>{lineTitle(props.line ?? { name: MAIN_LINE })}</h1>
			<A class="who push-end" href="/settings">
				<Show
					when={settings().model.apiKey === ''}
					fallback={<span>{settings().model.model || 'Model chosen for you'}</span>}
				>
					<span>Clerk, no model key</span>
				</Show>
				<Icon name="chevron-right" class="icon-s" />
			</A>
		</header>
	);
}

function NoLine(props: { isNamed: boolean; failure: string | undefined }) {
	return (
		<Show when={props.isNamed || props.failure} fallback={<div class="loading" role="status" aria-label="Opening" />}>
			<div class="empty">
				<h2>{props.failure ? 'The chat cannot be opened' : 'There is no such line here'}</h2>
				<p>
					{props.failure ?? 'It may not have arrived from your other device yet; it will appear in the list of lines.'}
				</p>
				<a class="button" href="/">
					Go to Chat
				</a>
			</div>
		</Show>
	);
}
