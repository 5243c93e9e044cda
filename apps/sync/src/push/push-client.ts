import { lookup } from 'node:dns';
import * as http from 'node:http';
import * as https from 'node:https';
import type { LookupFunction } from 'node:net';
import type { EndpointRules } from './endpoint-rules.ts';
import { isPrivateAddress } from './private-address.ts';

/** Carries one encrypted push to its service. */
export interface PushClient {
	/** Never rejects; follows no redirect. */
	post(request: PushRequest): Promise<PushAnswer>;
}
export interface PushClientDep {
	readonly pushClient: PushClient;
}

export interface PushRequest {
	readonly url: URL;
	readonly headers: Readonly<Record<string, string | number>>;
	readonly body: Uint8Array;
}

/** `status` is 0 when no answer came: no connection, a private address, a timeout. */
export interface PushAnswer {
	readonly status: number;
	/** The service's `Retry-After` header as it stands. */
	readonly retryAfter: string | undefined;
}

const TIMEOUT_MS = 20_000;

/**
 * Pushes over Node's own HTTP clients. They never follow a redirect, and, unlike `fetch`, take a look-up function, by
 * which a host name that resolves to a private address is refused at the moment of connecting.
 */
export function createPushClient(deps: { readonly rules: EndpointRules }): PushClient {
	const publicOnly: LookupFunction = (host, options, callback) => {
		lookup(host, { ...options, all: true }, (error, addresses) => {
			if (error) return callback(error, '', 0);
			const allowed = deps.rules.mayBePrivate(host) ? addresses : addresses.filter((a) => !isPrivateAddress(a.address));
			const [first] = allowed;
			if (!first) return callback(new Error('the host has private addresses only'), '', 0);
			if (options.all) callback(null, allowed);
			else callback(null, first.address, first.family);
		});
	};

	return {
		post({ url, headers, body }) {
			return new Promise((resolve) => {
				const send = url.protocol === 'https:' ? https.request : http.request;
				const request = send(url, { method: 'POST', headers, lookup: publicOnly, timeout: TIMEOUT_MS, agent: false });
				const fail = () => resolve({ status: 0, retryAfter: undefined });
				request.on('response', (response) => {
					// The body says nothing we act on; reading it frees the connection.
					response.on('error', fail);
					response.resume();
					resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] });
				});
				request.on('timeout', () => request.destroy(new Error('timeout')));
				request.on('error', fail);
				request.end(body);
			});
		},
	};
}
