/** The mark and the name. */
export function Brand() {
	return (
		<div class="brand">
			<Mark />
			<span>Pocketeer</span>
		</div>
	);
}

/** The mark alone: the icon of the installed app, drawn small. */
export function Mark(props: { class?: string }) {
	return (
		<svg class={`mark ${props.class ?? ''}`} viewBox="0 0 512 512" aria-hidden="true">
			<rect class="mark-ground" width="512" height="512" rx="116" />
			<g transform="translate(-14 -9)">
				<path class="mark-letter" d="M166 420V216a106 106 0 1 1 106 106h-30" />
				<path class="mark-spark" d="M322 166 296 240 222 266 248 192Z" />
			</g>
		</svg>
	);
}
