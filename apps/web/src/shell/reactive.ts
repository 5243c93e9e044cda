import type { Clock } from '@pocketeer/core/ports/clock';
import { type Accessor, createSignal, onCleanup } from 'solid-js';

/** A value read anew each time its source says that it changed. */
export function createSubscribed<T>(
	source: { subscribe(listener: () => void): Disposable },
	read: () => T,
): Accessor<T> {
	// The source may answer with the same, changed object: never compare.
	const [value, setValue] = createSignal(read(), { equals: false });
	const subscription = source.subscribe(() => setValue(() => read()));
	onCleanup(() => subscription[Symbol.dispose]());
	return value;
}

/** What a promise resolves to; undefined before. */
export function createAwaited<T>(promise: Promise<T>): Accessor<T | undefined> {
	const [value, setValue] = createSignal<T>();
	void promise.then((resolved) => setValue(() => resolved));
	return value;
}

/** The wall clock, read every `everyMs` milliseconds. */
export function createNow(clock: Clock, everyMs: number): Accessor<number> {
	const [now, setNow] = createSignal(clock.now());
	let timer = clock.setTimer(everyMs, tick);
	function tick() {
		setNow(clock.now());
		timer = clock.setTimer(everyMs, tick);
	}
	onCleanup(() => timer[Symbol.dispose]());
	return now;
}

/** Whether a media query holds. */
export function createMediaQuery(query: string): Accessor<boolean> {
	const list = matchMedia(query);
	const [matches, setMatches] = createSignal(list.matches);
	const listener = () => setMatches(list.matches);
	list.addEventListener('change', listener);
	onCleanup(() => list.removeEventListener('change', listener));
	return matches;
}
