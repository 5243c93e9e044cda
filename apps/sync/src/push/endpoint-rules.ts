import { isIP } from 'node:net';
import { err, ok, type Result } from '@pocketeer/core/result';

/**
 * Where this relay pushes to. A subscription's endpoint is a URL from a stranger that the relay will call, so only
 * known push services are allowed, and what an operator lists.
 */
export interface EndpointRules {
	/** The endpoint as a URL, or the sentence that says why it is refused. */
	check(endpoint: string): Result<URL, string>;
	/** Whether the host may resolve to a private address: only what an operator listed may. */
	mayBePrivate(host: string): boolean;
}

/** Google, Mozilla, Apple, Microsoft: equal to one of these, or under it. */
const PUSH_SERVICES = ['fcm.googleapis.com', 'push.services.mozilla.com', 'push.apple.com', 'notify.windows.com'];

/** One entry of PUSH_HOSTS. */
type ListedHost =
	| { readonly type: 'host'; readonly host: string }
	/** A push service on this machine, for tests; `port` undefined means any. */
	| { readonly type: 'loopback'; readonly host: string; readonly port: string | undefined };

/**
 * Reads PUSH_HOSTS: host names and IP addresses separated by commas, and `http://127.0.0.1:*`, `http://localhost:*`
 * or the same with a port. Answers a sentence naming the entry that cannot be understood.
 */
export function readEndpointRules(pushHosts: string): Result<EndpointRules, string> {
	const listed: ListedHost[] = [];
	for (const entry of pushHosts.split(',').map((part) => part.trim().toLowerCase())) {
		if (entry === '') continue;
		const loopback = /^http:\/\/(127\.0\.0\.1|localhost):(\*|\d{1,5})$/.exec(entry);
		if (loopback?.[1]) {
			listed.push({ type: 'loopback', host: loopback[1], port: loopback[2] === '*' ? undefined : loopback[2] });
		} else if (isIP(entry) !== 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(entry)) {
			listed.push({ type: 'host', host: entry });
		} else {
			return err(`PUSH_HOSTS holds "${entry}", which is neither a host name nor http://127.0.0.1:* for tests.`);
		}
	}

	return ok({
		check: (endpoint) => checkEndpoint(endpoint, listed),
		mayBePrivate: (host) => listed.some((entry) => isUnder(host, entry.host)),
	});
}

function checkEndpoint(endpoint: string, listed: readonly ListedHost[]): Result<URL, string> {
	if (!URL.canParse(endpoint)) return err('The push address is not a URL.');
	const url = new URL(endpoint);
	const host = hostOf(url);
	if (url.username !== '' || url.password !== '') return err('The push address must not hold a password.');
	if (url.protocol === 'http:') {
		const isListed = listed.some(
			(entry) => entry.type === 'loopback' && entry.host === host && (entry.port ?? url.port) === url.port,
		);
		return isListed ? ok(url) : err('The push address must begin with https.');
	}
	if (url.protocol !== 'https:') return err('The push address must begin with https.');
	// The parser drops 443 when it is written out.
	if (url.port !== '') return err('The push address must use port 443.');
	const isKnown =
		PUSH_SERVICES.some((service) => isUnder(host, service)) ||
		listed.some((entry) => entry.type === 'host' && isUnder(host, entry.host));
	if (!isKnown)
		return err(
			'The push address belongs to no push service that this relay knows. Its operator can list it in PUSH_HOSTS.',
		);
	return ok(url);
}

/** IPv6 without its brackets, a trailing dot removed: `fcm.googleapis.com.` is the same host. */
function hostOf(url: URL): string {
	return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

function isUnder(host: string, service: string): boolean {
	return host === service || (isIP(service) === 0 && host.endsWith(`.${service}`));
}
