import type { IconName } from './names.ts';
import spriteUrl from './sprite.svg?url&no-inline';

/** Draws one icon of the sprite; it is decoration, the name is said by what holds it. */
export function Icon(props: { name: IconName; class?: string }) {
	return (
		<svg class={`icon ${props.class ?? ''}`} viewBox="0 0 24 24" aria-hidden="true">
			<use href={`${spriteUrl}#${props.name}`} />
		</svg>
	);
}
