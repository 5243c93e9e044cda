import '../styles/waiting.css';
import { costOf } from '@pocketeer/core/agent/spend/prices';
import { createSignal, Show } from 'solid-js';
import { Icon } from '../icons/Icon.tsx';
import { Markdown } from '../markdown/Markdown.tsx';
import type { CompactionArticle } from './articles.ts';
import type { Conversation } from './create-conversation.ts';
import { messageBoxFrom } from './message-box.ts';
import { describeSendError } from './send-error.ts';

/** Where earlier messages were summed up for the model: what it reads instead, what that cost, and a way back. */
export default function CompactionView(props: { compaction: CompactionArticle; conversation: Conversation }) {
	const [problem, setProblem] = createSignal<string>();
	const [isBusy, setIsBusy] = createSignal(false);
	const undo = async () => {
		const box = messageBoxFrom(document.activeElement);
		setIsBusy(true);
		const undone = await props.conversation.undoCompaction(props.compaction.id);
		setIsBusy(false);
		setProblem(undone.ok ? undefined : describeSendError(undone.error));
		if (undone.ok) box?.focus({ preventScroll: true });
	};
	const isNewest = () => props.conversation.transcript().lastCompaction === props.compaction.id;
	return (
		<article class="compaction" aria-label="Summary">
			<div class="compaction-line">
				<Icon name="fold-vertical" class="icon-s" />
				<span>
					<Show when={props.compaction.undone} fallback="Earlier messages were summed up for the assistant">
						{(undone) =>
							`The summary of earlier messages was taken back by ${undone().by === 'You' ? 'you' : undone().by}`
						}
					</Show>
					<span class="compaction-cost"> · {describeCost(props.compaction)}</span>
				</span>
				<Show when={!props.compaction.undone && isNewest()}>
					<button
						type="button"
						class="button button-quiet button-small"
						aria-label="Undo the summary"
						disabled={isBusy()}
						onClick={undo}
					>
						<Icon name="undo-2" class="icon-s" />
						Undo
					</button>
				</Show>
			</div>
			<p class="waiting-problem" role="alert">
				{problem()}
			</p>
			<details class="fold">
				<summary>
					<span>Read the summary</span>
					<Icon name="chevron-down" class="icon-s fold-arrow" />
				</summary>
				<div class="compaction-text">
					<Show when={props.compaction.record.untrusted}>
						{(untrusted) => <p class="from-outside">Made from text that came partly from {untrusted().source}</p>}
					</Show>
					<Markdown text={props.compaction.record.summary} />
				</div>
			</details>
		</article>
	);
}

function describeCost({ record, at }: CompactionArticle): string {
	const usd = costOf({ model: record.model, usage: record.usage, at });
	if (usd === undefined) return 'cost unknown';
	if (usd === 0) return 'no cost';
	return usd < 0.01 ? 'less than a cent' : `$${usd.toFixed(2)}`;
}
