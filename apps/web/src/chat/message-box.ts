/**
 * Where one goes on from a button that goes away once it did its work; ask while it has the focus. undefined on a phone,
 * where going there would open the keyboard over what one came to read.
 */
export function messageBoxFrom(button: Element | null): HTMLTextAreaElement | undefined {
	if (!matchMedia('(pointer: fine)').matches) return undefined;
	return button?.closest('.conversation')?.querySelector<HTMLTextAreaElement>('.composer-text') ?? undefined;
}
