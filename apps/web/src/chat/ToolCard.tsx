import { createSignal, lazy, Show, Suspense } from 'solid-js';
import { Icon } from '../icons/Icon.tsx';
import type { ToolPart } from './articles.ts';
import { DecidedNote } from './DecidedNote.tsx';
import { describeOutcome, describeTool } from './tool-labels.ts';

const ToolDetails = lazy(() => import('./ToolDetails.tsx'));

/** One tool call on a line, with everything about it folded beneath. */
export function ToolCard(props: { part: ToolPart }) {
	const [isOpen, setIsOpen] = createSignal(false);
	const look = () => describeTool(props.part);
	const outcome = () => describeOutcome(props.part);
	return (
		<div class="tool-call">
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
					<Show when={props.part.untrusted}>
						<span class="from-outside">from outside</span>
					</Show>
					<Icon name="chevron-down" class="icon-s fold-arrow" />
				</summary>
				<Show when={isOpen()}>
					<Suspense>
						<ToolDetails part={props.part} />
					</Suspense>
				</Show>
			</details>
			<Show when={props.part.decided}>{(decided) => <DecidedNote decided={decided()} />}</Show>
		</div>
	);
}
