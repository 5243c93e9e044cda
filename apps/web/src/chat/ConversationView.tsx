import type { LineId } from '@pocketeer/core/ids';
import { createEffect, createSignal, lazy, Show, Suspense } from 'solid-js';
import { useApp } from '../app.ts';
import { describeStoreError } from '../shell/sentences.ts';
import { useStoreTrouble } from '../shell/store-trouble.ts';
import { Composer, type ComposerHandle } from './Composer.tsx';
import { createConversation } from './create-conversation.ts';
import { EmptyChat } from './EmptyChat.tsx';
import { WaitingWords } from './later-parts.ts';
import { createScrollHold } from './scroll-hold.ts';
import { TranscriptView } from './TranscriptView.tsx';

const NotifyCard = lazy(() => import('./NotifyCard.tsx').then(({ NotifyCard }) => ({ default: NotifyCard })));
const WordsNote = lazy(() => import('./WordsNote.tsx'));

/** So many articles on a line are something to lose. */
const WORTH_KEEPING = 24;

/** One line: what was said on it, and where to say more. */
export function ConversationView(props: { line: LineId }) {
	const app = useApp();
	const trouble = useStoreTrouble();
	const conversation = createConversation(app, props.line);
	const hold = createScrollHold();
	const [composer, setComposer] = createSignal<ComposerHandle>();
	const failure = () => {
		const state = conversation.state();
		return typeof state === 'object' ? state : undefined;
	};
	createEffect(() => {
		const error = failure();
		if (error) trouble.report(error);
	});
	return (
		<div class="conversation">
			<div class="transcript-frame">
				<div class="transcript-scroll" ref={hold.attach}>
					<div class="transcript" ref={hold.attachContent}>
						<Show when={failure()}>
							{(error) => (
								<div class="empty">
									<h2>This line cannot be read</h2>
									<p>{describeStoreError(error())}</p>
								</div>
							)}
						</Show>
						<Show when={conversation.state() === 'open' && conversation.order().length === 0}>
							<EmptyChat onPick={(text) => composer()?.suggest(text)} />
						</Show>
						<TranscriptView conversation={conversation} hold={hold} />
						<p class="sr-only" role="status">
							<Show when={conversation.waitingCalls().find(({ isOwn }) => isOwn)}>
								{(call) => (
									<Suspense>
										<WaitingWords call={call()} />
									</Suspense>
								)}
							</Show>
						</p>
						<Show when={conversation.needsUpdate()}>
							<p class="note note-warning" role="status">
								This line was continued by a newer Pocketeer. Update this app to go on; what you write is kept.
							</p>
						</Show>
						<Suspense>
							<Show when={conversation.transcript().scheduled !== 'never'}>
								<NotifyCard transcript={conversation.transcript()} />
							</Show>
							<Show when={conversation.order().length >= WORTH_KEEPING}>
								<WordsNote />
							</Show>
						</Suspense>
					</div>
				</div>
			</div>
			<Composer
				conversation={conversation}
				isAtEnd={hold.isAtEnd()}
				onJump={() => hold.toEnd()}
				onSent={() => hold.toEnd()}
				ref={setComposer}
			/>
		</div>
	);
}
