import { createUniqueId, type JSX, onCleanup, onMount, Suspense } from 'solid-js';

/** A modal dialog with a title; on the screen for as long as it is in the page. */
export function Dialog(props: {
	title: string;
	/** Escape, or `close` of what is inside. */
	onClose: () => void;
	/** Something is under way whose end has to be seen: Escape does nothing. */
	isBusy?: boolean;
	children: JSX.Element;
}) {
	const id = createUniqueId();
	let dialog: HTMLDialogElement | undefined;
	let isGone = false;
	onMount(show);
	onCleanup(() => {
		isGone = true;
		// Taken off the page without it, the browser would not put the focus back where it was.
		dialog?.close();
	});
	/** A part of the screen that still loads keeps what is in it out of the page. */
	function show(): void {
		if (isGone) return;
		if (dialog?.isConnected) dialog.showModal();
		else requestAnimationFrame(show);
	}
	return (
		<dialog
			class="dialog"
			ref={dialog}
			aria-labelledby={id}
			onKeyDown={(event) => event.key === 'Escape' && props.isBusy && event.preventDefault()}
			onCancel={(event) => props.isBusy && event.preventDefault()}
			onClose={() => isGone || props.onClose()}
		>
			<h2 id={id}>{props.title}</h2>
			{/* Of its own: one around the dialog would take it off the page while it waits, and it would come back not modal. */}
			<Suspense>{props.children}</Suspense>
		</dialog>
	);
}
