import { useLocation } from '@solidjs/router';
import { createEffect, createSignal, For } from 'solid-js';
import { Icon } from '../icons/Icon.tsx';
import type { IconName } from '../icons/names.ts';

const PLACES: readonly { readonly name: string; readonly root: string; readonly icon: IconName }[] = [
	{ name: 'Chat', root: '/chat', icon: 'message-circle' },
	{ name: 'Notes', root: '/notes', icon: 'book-open' },
	{ name: 'Schedule', root: '/schedule', icon: 'calendar-clock' },
	{ name: 'Activity', root: '/activity', icon: 'activity' },
	{ name: 'Settings', root: '/settings', icon: 'settings' },
];

/** The five places of the app: along the bottom of a phone, at the side of a desktop. */
export function Navigation() {
	const location = useLocation();
	const [lastLine, setLastLine] = createSignal('/');
	const isAt = (root: string) =>
		location.pathname === root ||
		location.pathname.startsWith(`${root}/`) ||
		(root === '/chat' && location.pathname === '/');
	createEffect(() => {
		if (isAt('/chat')) setLastLine(location.pathname);
		const place = PLACES.find(({ root }) => isAt(root));
		document.title = place && place.root !== '/chat' ? `${place.name} · Pocketeer` : 'Pocketeer';
	});
	// Coming back to the chat means coming back to the line one was on.
	const hrefOf = (root: string) => (root === '/chat' && !isAt('/chat') ? lastLine() : root === '/chat' ? '/' : root);
	return (
		<nav class="places" aria-label="Main">
			<For each={PLACES}>
				{(place) => (
					<a class="place" href={hrefOf(place.root)} aria-current={isAt(place.root) ? 'page' : undefined}>
						<span class="place-icon">
							<Icon name={place.icon} />
						</span>
						<span class="place-name">{place.name}</span>
					</a>
				)}
			</For>
		</nav>
	);
}
