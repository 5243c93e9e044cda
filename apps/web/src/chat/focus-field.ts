/** For a disclosure that holds one field: whoever opens it wants to write. */
export function focusField({ currentTarget }: { readonly currentTarget: HTMLDetailsElement }): void {
	if (currentTarget.open) currentTarget.querySelector('input')?.focus();
}
