import { createSignal, For, Show } from 'solid-js';
import { linkTarget } from '../markdown/link-target.ts';
import type { ToolPart } from './articles.ts';
import { formatDuration, shortenText } from './format.ts';
import { formatInput } from './tool-labels.ts';
import { WholeResult } from './WholeResult.tsx';

/** Longest input or result shown; a whole file belongs on the Notes screen. */
const SHOWN_CHARACTERS = 4000;

/** Everything about one call, once somebody asks for it. */
export default function ToolDetails(props: { part: ToolPart }) {
	const [hasWhole, setHasWhole] = createSignal(false);
	return (
		<dl class="tool-details">
			<dt>Tool</dt>
			<dd>
				<code>{props.part.name}</code>
				<Show when={props.part.durationMs}>{(ms) => <span> · {formatDuration(ms())}</span>}</Show>
			</dd>
			<Show when={props.part.untrusted}>
				{(source) => (
					<>
						<dt>From</dt>
						<dd>{source()}, outside of this space</dd>
					</>
				)}
			</Show>
			<Show when={formatInput(props.part.input)}>
				{(input) => (
					<>
						<dt>Input</dt>
						<dd>
							<pre tabindex="0">{shortenText(input(), SHOWN_CHARACTERS)}</pre>
						</dd>
					</>
				)}
			</Show>
			<Show when={props.part.pages.length > 0}>
				<dt>Pages</dt>
				<dd>
					<Pages pages={props.part.pages} />
				</dd>
			</Show>
			<Show when={props.part.result}>
				{(result) => (
					<>
						<dt>Result</dt>
						<dd>
							<Show when={!hasWhole()}>
								<pre tabindex="0">{shortenText(result(), SHOWN_CHARACTERS)}</pre>
							</Show>
							<Show when={props.part.whole}>
								{(whole) => <WholeResult whole={whole()} onShown={() => setHasWhole(true)} />}
							</Show>
						</dd>
					</>
				)}
			</Show>
		</dl>
	);
}

/** Pages that were found, each led to only where that is safe. */
function Pages(props: { pages: ToolPart['pages'] }) {
	return (
		<ol class="pages">
			<For each={props.pages}>
				{({ title, url }) => (
					<li>
						<Show when={linkTarget(url)} fallback={<span>{title}</span>}>
							{(href) => (
								<a href={href()} target="_blank" rel="noopener noreferrer">
									{title}
								</a>
							)}
						</Show>
						<span class="page-host">{hostOf(url)}</span>
					</li>
				)}
			</For>
		</ol>
	);
}

function hostOf(url: string): string {
	return URL.canParse(url) ? new URL(url).host : '';
}
