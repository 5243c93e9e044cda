import { createSignal, Show } from 'solid-js';
import { Icon } from '../icons/Icon.tsx';
import type { ToolPart } from './articles.ts';
import { formatCount, formatDuration } from './format.ts';
import { describeOutcome, describeTool, formatInput } from './tool-labels.ts';

/** Longest input or result shown; a whole file belongs on the Notes screen. */
const SHOWN_CHARACTERS = 4000;

/** One tool call on a line, with everything about it folded beneath. */
export function ToolCard(props: { part: ToolPart }) {
	const [isOpen, setIsOpen] = createSignal(false);
	const look = () => describeTool(props.part);
	const outcome = () => describeOutcome(props.part.outcome);
	return (
		<details class="fold tool" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
			<summary>
				<Show when={props.part.outcome === 'waiting'} fallback={<Icon name={look().icon} class="icon-s" />}>
					<Icon name="loader-circle" class="icon-s spin" />
				</Show>
				<span class="tool-line">
					{look().text}
					<Show when={look().about}>
						{' '}
						<span class="tool-about">{look().about}</span>
					</Show>
				</span>
				<Show when={outcome()}>
					<span class="tool-outcome" classList={{ 'tool-failed': props.part.outcome === 'failed' }}>
						{outcome()}
					</span>
				</Show>
				<Icon name="chevron-down" class="icon-s fold-arrow" />
			</summary>
			<Show when={isOpen()}>
				<dl class="tool-details">
					<dt>Tool</dt>
					<dd>
						<code>{props.part.name}</code>
						<Show when={props.part.durationMs}>{(ms) => <span> · {formatDuration(ms())}</span>}</Show>
					</dd>
					<Show when={formatInput(props.part.input)}>
						{(input) => (
							<>
								<dt>Input</dt>
								<dd>
									<pre tabindex="0">{shortened(input())}</pre>
								</dd>
							</>
						)}
					</Show>
					<Show when={props.part.result}>
						{(result) => (
							<>
								<dt>Result</dt>
								<dd>
									<pre tabindex="0">{shortened(result())}</pre>
								</dd>
							</>
						)}
					</Show>
				</dl>
			</Show>
		</details>
	);
}

function shortened(text: string): string {
	if (text.length <= SHOWN_CHARACTERS) return text;
	return `${text.slice(0, SHOWN_CHARACTERS)}\n… ${formatCount(text.length - SHOWN_CHARACTERS)} more characters`;
}
