import { createContext, For, Show, useContext } from 'solid-js';
import { Icon } from '../icons/Icon.tsx';
import type { Toasts } from './toast-list.ts';

const ToastsContext = createContext<Toasts>();
export const ToastsProvider = ToastsContext.Provider;

/** The toasts of the surrounding provider; throws outside of one. */
export function useToasts(): Toasts {
	const toasts = useContext(ToastsContext);
	if (!toasts) throw new Error('useToasts outside of ToastsProvider');
	return toasts;
}

/** Where toasts appear. */
export function ToastArea() {
	const toasts = useToasts();
	return (
		<div class="toasts" role="status" aria-live="polite">
			<For each={toasts.list()}>
				{(toast) => (
					<div class="toast" classList={{ 'toast-danger': toast.tone === 'danger' }}>
						<span>{toast.text}</span>
						<Show when={toast.action}>
							{(action) => (
								<button
									type="button"
									class="toast-action"
									onClick={() => {
										action().run();
										toasts.dismiss(toast.id);
									}}
								>
									{action().label}
								</button>
							)}
						</Show>
						<button type="button" class="icon-button" aria-label="Dismiss" onClick={() => toasts.dismiss(toast.id)}>
							<Icon name="x" class="icon-s" />
						</button>
					</div>
				)}
			</For>
		</div>
	);
}
