/** Address of a file on the Notes screen. */
export function noteHref(path: string): string {
	return `/notes/${path.split('/').map(encodeURIComponent).join('/')}`;
}

/** The file an address names, from the route's `path` parameter; '' when it names none. */
export function pathOfRoute(parameter: string | undefined): string {
	return (parameter ?? '').split('/').map(decodeSegment).join('/');
}

function decodeSegment(segment: string): string {
	try {
		return decodeURIComponent(segment);
	} catch {
		// A hand-typed % that encodes nothing means itself.
		return segment;
	}
}
