import type { RouteSectionProps } from '@solidjs/router';
import { ErrorBoundary, onMount, Show, Suspense } from 'solid-js';
import { LineList } from '../chat/LineList.tsx';
import { Brand } from './Brand.tsx';
import { Navigation } from './Navigation.tsx';
import { createMediaQuery } from './reactive.ts';
import { StatusLine, TroubleArea } from './StatusArea.tsx';
import { ToastArea } from './toasts.tsx';
import { DESKTOP } from './widths.ts';

/** What is around every screen. */
export function Shell(props: RouteSectionProps) {
	const isDesktop = createMediaQuery(DESKTOP);
	onMount(() => document.getElementById('boot')?.remove());
	return (
		<div class="shell">
			{/* With a target the router leaves it to the browser, which moves the focus. */}
			<a class="skip-link" href="#screen" target="_self">
				Skip to content
			</a>
			<header class="shell-side">
				<Brand />
				<Navigation />
				<Show when={isDesktop()}>
					<LineList />
				</Show>
				<StatusLine />
			</header>
			<div class="shell-main">
				<TroubleArea />
				<main id="screen" class="shell-screen" tabindex="-1">
					<ErrorBoundary fallback={(error, reset) => <Broken error={error} retry={reset} />}>
						<Suspense fallback={<div class="loading" role="status" aria-label="Loading" />}>{props.children}</Suspense>
					</ErrorBoundary>
				</main>
			</div>
			<ToastArea />
		</div>
	);
}

function Broken(props: { error: unknown; retry: () => void }) {
	return (
		<div class="empty" role="alert">
			<h2>This screen could not be shown</h2>
			<p>
				Nothing of what you wrote is lost. {props.error instanceof Error ? props.error.message : String(props.error)}
			</p>
			<button type="button" class="button" onClick={() => props.retry()}>
				Try again
			</button>
		</div>
	);
}
