/** Six digits that two screens show, large enough to compare across a table. */
export function ShortCode(props: { code: string }) {
	return (
		<output class="short-code" aria-label={`Short code ${[...props.code.replaceAll(/\D/g, '')].join(' ')}`}>
			{props.code}
		</output>
	);
}
