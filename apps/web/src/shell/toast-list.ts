import type { ClockDep } from '@pocketeer/core/ports/clock';
import { type Accessor, createSignal, onCleanup } from 'solid-js';

/** Short messages over the screen, for what just happened and can be undone. */
export interface Toasts {
	readonly list: Accessor<readonly Toast[]>;
	/** Shows a message; one with an action stays longer. */
	show(toast: ToastRequest): void;
	dismiss(id: number): void;
}
interface ToastRequest {
	readonly text: string;
	/** What it is about, as an id: a newer toast about the same replaces this one, which is stale by then. */
	readonly about?: string;
	readonly tone?: 'plain' | 'danger';
	/** Offered as a button, usually "Undo"; the toast goes when it is pressed. */
	readonly action?: { readonly label: string; readonly run: () => void };
}
interface Toast extends ToastRequest {
	readonly id: number;
}

/** Long enough to read a sentence. */
const SHORT_MS = 5000;
/** Long enough to read it, think again and reach the button. */
const LONG_MS = 10_000;
/** More would cover the screen. */
const MOST = 3;

/** Makes the toasts of one app; gone with their owner. */
export function createToasts(deps: ClockDep): Toasts {
	const [list, setList] = createSignal<readonly Toast[]>([]);
	const timers = new Map<number, Disposable>();
	let last = 0;
	const dismiss = (id: number) => {
		timers.get(id)?.[Symbol.dispose]();
		timers.delete(id);
		setList((toasts) => toasts.filter((toast) => toast.id !== id));
	};
	onCleanup(() => {
		for (const timer of timers.values()) timer[Symbol.dispose]();
	});
	return {
		list,
		show(request) {
			last += 1;
			const id = last;
			for (const stale of list()) {
				if (request.about !== undefined && stale.about === request.about) dismiss(stale.id);
			}
			setList((toasts) => [...toasts, { ...request, id }].slice(-MOST));
			timers.set(
				id,
				deps.clock.setTimer(request.action || request.tone === 'danger' ? LONG_MS : SHORT_MS, () => dismiss(id)),
			);
		},
		dismiss,
	};
}
