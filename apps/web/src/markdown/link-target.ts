/** What may be opened by a click; everything else is shown as text. */
const SAFE_SCHEMES = new Set(['http:', 'https:', 'mailto:']);

/** The address a link may lead to, or undefined when it must not be one. */
export function linkTarget(written: string): string | undefined {
	const candidate = completed(written.trim());
	// Relative addresses would point into the app itself.
	if (!URL.canParse(candidate)) return undefined;
	const url = new URL(candidate);
	return SAFE_SCHEMES.has(url.protocol) ? url.href : undefined;
}

/** GFM autolinks `www.…` and bare mail addresses without a scheme. */
function completed(written: string): string {
	if (/^www\./i.test(written)) return `https://${written}`;
	if (/^[^\s@:/]+@[^\s@:/]+\.[^\s@:/]+$/.test(written)) return `mailto:${written}`;
	return written;
}
