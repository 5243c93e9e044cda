/** Marks a pairing in the part of an address that browsers send to nobody. */
const MARK = 'pair=';

/** The pairing's part of an address's fragment, such as `location.hash`; undefined when there is none. */
export function fragmentOf(hash: string): string | undefined {
	const part = hash
		.replace(/^#/, '')
		.split('&')
		.find((one) => one.startsWith(MARK));
	return part === MARK ? undefined : part;
}

/** The link that a QR code holds and that may be sent: the app's address with the fragment behind it. */
export function pairingLink(origin: string, fragment: string): string {
	return `${origin}/#${fragment}`;
}
