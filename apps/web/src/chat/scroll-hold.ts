import { type Accessor, createSignal, onCleanup } from 'solid-js';

/** Keeps a scrolled list at its end for as long as the person is there, and where they are otherwise. */
export interface ScrollHold {
	readonly isAtEnd: Accessor<boolean>;
	attach(scroller: HTMLElement): void;
	attachContent(content: HTMLElement): void;
	toEnd(): void;
	/** Runs a change that adds above what is seen, and leaves what is seen in its place. */
	keepPlace(change: () => void): void;
	readonly scroller: Accessor<HTMLElement | undefined>;
}

/** Nearer to the end than this counts as there: less than two lines of text. */
const NEAR_PX = 40;

/** Makes one, for one scroller with one content element. */
export function createScrollHold(): ScrollHold {
	const [scroller, setScroller] = createSignal<HTMLElement>();
	const [isAtEnd, setIsAtEnd] = createSignal(true);
	let lastTop = 0;
	const settle = () => {
		const element = scroller();
		if (element && isAtEnd()) element.scrollTop = element.scrollHeight;
	};
	const observer = new ResizeObserver(settle);
	onCleanup(() => observer.disconnect());
	const onScroll = () => {
		const element = scroller();
		if (!element) return;
		const distance = element.scrollHeight - element.clientHeight - element.scrollTop;
		// Only a move upward leaves the end: content that grew is not the person scrolling.
		if (distance < NEAR_PX) setIsAtEnd(true);
		else if (element.scrollTop < lastTop - 1) setIsAtEnd(false);
		lastTop = element.scrollTop;
	};
	return {
		isAtEnd,
		scroller,
		attach(element) {
			setScroller(element);
			element.addEventListener('scroll', onScroll, { passive: true });
			observer.observe(element);
		},
		attachContent: (content) => observer.observe(content),
		toEnd() {
			setIsAtEnd(true);
			settle();
		},
		keepPlace(change) {
			const element = scroller();
			// Browsers with scroll anchoring do it themselves, except at the very top.
			if (element && CSS.supports('overflow-anchor', 'auto')) {
				if (element.scrollTop < 1) element.scrollTop = 1;
				return change();
			}
			const fromEnd = element ? element.scrollHeight - element.scrollTop : 0;
			change();
			if (element) element.scrollTop = element.scrollHeight - fromEnd;
		},
	};
}
