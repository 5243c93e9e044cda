import { createEffect, createMemo, createSignal, For, on, onCleanup, Show } from 'solid-js';
import { ArticleView } from './ArticleView.tsx';
import type { Conversation } from './create-conversation.ts';
import type { ScrollHold } from './scroll-hold.ts';
import { type DrawnWindow, drawnIds, grown, hasMoreAbove, held, trimmed } from './window.ts';

/** The newest articles of a line, and more as the person scrolls up. */
export function TranscriptView(props: { conversation: Conversation; hold: ScrollHold }) {
	const { conversation, hold } = props;
	const [drawn, setDrawn] = createSignal<DrawnWindow>({ first: undefined });
	const ids = createMemo(() => drawnIds(conversation.order(), drawn()));
	createEffect(
		on(hold.isAtEnd, (isAtEnd) => {
			const fit = isAtEnd ? trimmed : held;
			setDrawn((window) => fit(conversation.order(), window));
		}),
	);
	const addAbove = async (): Promise<boolean> => {
		const hasMore = () => hasMoreAbove(conversation.order(), drawn());
		if (!hasMore()) {
			setDrawn((window) => held(conversation.order(), window));
			if (!(await conversation.older()) || !hasMore()) return false;
		}
		hold.keepPlace(() => setDrawn((window) => grown(conversation.order(), window)));
		return true;
	};
	return (
		<div role="log" aria-label="Conversation" class="log">
			<h2 class="sr-only">Conversation</h2>
			<Show when={conversation.state() === 'open' && ids().length > 0}>
				<TopSentinel hold={hold} onReached={addAbove} />
			</Show>
			{/* Ids are strings: a row is kept for as long as its id is drawn, and follows its article by itself. */}
			<For each={ids()}>{(id) => <ArticleView id={id} conversation={conversation} />}</For>
		</div>
	);
}

/** Calls when the top of the list comes near the screen, again and again while it answers that there was more. */
function TopSentinel(props: { hold: ScrollHold; onReached: () => Promise<boolean> }) {
	let sentinel: HTMLDivElement | undefined;
	createEffect(() => {
		const root = props.hold.scroller();
		if (!root || !sentinel) return;
		const element = sentinel;
		let isBusy = false;
		const observer = new IntersectionObserver(
			async ([entry]) => {
				if (!entry?.isIntersecting || isBusy) return;
				isBusy = true;
				const hadMore = await props.onReached();
				isBusy = false;
				if (!hadMore) return;
				// An observer speaks on changes only, and the sentinel may still be in sight.
				observer.unobserve(element);
				observer.observe(element);
			},
			{ root, rootMargin: '900px 0px 0px 0px' },
		);
		observer.observe(element);
		onCleanup(() => observer.disconnect());
	});
	return <div ref={sentinel} class="top-sentinel" />;
}
