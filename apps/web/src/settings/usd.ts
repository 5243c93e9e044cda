/** The most a limit can be; more than that is a slip of the finger. */
const MOST_USD = 10_000;

/** An amount as people type it, `2`, `$2.50` or `0,5`, in US dollars to the cent; undefined when it is none. */
export function parseUsd(text: string): number | undefined {
	const plain = text
		.trim()
		.replace(/^\$\s*/, '')
		.replace(',', '.');
	if (!/^(\d+\.?\d*|\.\d+)$/.test(plain)) return undefined;
	const usd = Math.round(Number(plain) * 100) / 100;
	return usd > MOST_USD ? undefined : usd;
}
