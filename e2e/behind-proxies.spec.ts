import { get as getPlain } from 'node:http';
import { connect } from 'node:http2';
import { Agent } from 'node:https';
import { type Browser, chromium } from '@playwright/test';
import { WebSocket } from 'ws';
import { CHROMIUM_ARGS, findBrowser } from '../scripts/browsers.ts';
import { launchFirefox } from './support/firefox.ts';
import { test as base, expect, openChat, openOnAnotherDevice, recoveryWords, say } from './support/fixtures.ts';
import { startMozillaPushService } from './support/mozilla-push-service.ts';
import {
	createProxySite,
	PROXY_HOST,
	PROXY_IDLE_SECONDS,
	type ProxyName,
	type ProxySite,
} from './support/proxy-process.ts';
import { shownNotifications } from './support/push-fixtures.ts';
import { type RelayProcess, startRelayProcess } from './support/relay-process.ts';

/** As an operator has it: a relay that hears loopback only and asks for an invitation, the shipped proxy in front. */
const INVITE = 'an-invitation-for-the-test';

const test = base.extend<{ site: ProxySite; isolated: Browser }>({
	// biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the first argument
	site: async ({}, use) => {
		await using site = await createProxySite();
		await use(site);
	},
	relay: async ({ site }, use) => {
		await using relay = await startRelay(site);
		await use(relay);
	},
	baseURL: async ({ site }, use) => use(site.origin),
	/** A Chromium that takes the certificate for a good one; an error that is merely clicked away allows no service worker. */
	isolated: async ({ site }, use) => {
		const executablePath = findBrowser('chromium');
		const trust = `--ignore-certificate-errors-spki-list=${site.keyHash}`;
		const args = [...CHROMIUM_ARGS, `--host-resolver-rules=MAP ${PROXY_HOST} 127.0.0.1`, trust];
		const browser = await chromium.launch({ args, ...(executablePath ? { executablePath } : {}) });
		await use(browser);
		await browser.close();
	},
});

for (const name of ['nginx', 'caddy'] satisfies ProxyName[]) {
	test(`${name} serves the app over HTTP/2 with the relay’s own headers, and shows nobody the metrics`, async ({
		site,
		relay,
	}) => {
		await using _ = await site.start(name, relay.url);
		for (const path of ['/', '/notes', '/sw.js', '/manifest.webmanifest', '/healthz', await scriptOf(relay.url)]) {
			const direct = await getDirect(relay.url + path);
			const proxied = await get(site, path);
			expect([path, proxied.status]).toEqual([path, direct.status]);
			expect(proxied.text === direct.text, path).toBe(true);
			for (const [header, value] of Object.entries(direct.headers)) {
				if (!HOP_BY_HOP.includes(header))
					expect([path, header, proxied.headers[header]]).toEqual([path, header, value]);
			}
			expect(proxied.headers['strict-transport-security']).toBe('max-age=31536000');
		}
		const page = await get(site, '/');
		expect(page.headers['content-security-policy']).toContain("script-src 'self'");
		expect((await get(site, await scriptOf(relay.url))).headers['content-encoding']).toBe('gzip');
		expect((await get(site, '/v1/sync')).status).toBe(426);

		expect(await (await fetch(`${relay.url}/metrics`)).text()).toContain('pocketeer_');
		for (const path of ['/metrics', '/metrics?x=1', '/%6detrics', '//metrics', '/./metrics', '/metrics/']) {
			const answer = await get(site, path);
			expect([path, answer.status, answer.text.includes('pocketeer_')]).toEqual([path, 404, false]);
		}

		const plain = await fetch(`http://127.0.0.1:${site.httpPort}/notes?x=1`, {
			headers: { host: PROXY_HOST },
			redirect: 'manual',
		});
		expect(plain.status).toBe(308);
		expect(plain.headers.get('location')).toMatch(/^https:\/\/[^/]+\/notes\?x=1$/);
	});

	test(`behind ${name} two devices share what is typed, offline files are kept, and silence costs no connection`, async ({
		site,
		relay,
		isolated,
	}) => {
		await using _ = await site.start(name, relay.url);
		const silence = staysOpenInSilence(site);

		const context = await isolated.newContext({ baseURL: site.origin, locale: 'en-GB', timezoneId: 'Europe/Athens' });
		const page = await context.newPage();
		// Resolves only with the service worker at work.
		await openChat(page, `/#invite=${INVITE}`);
		await say(page, 'remember that the ferry leaves at six');
		const laptop = await openOnAnotherDevice(isolated, site.origin, await recoveryWords(page));
		await expect(laptop.getByRole('log')).toContainText('the ferry leaves at six');
		await say(laptop, 'remember that the tickets are in the drawer');
		await page.getByRole('link', { name: 'Chat' }).click();
		await expect(page.getByRole('log')).toContainText('the tickets are in the drawer');

		expect(await silence).toBe('answered');
	});

	test(`behind ${name} a real push is subscribed to and arrives`, async ({ site }) => {
		await using push = await startMozillaPushService();
		await using relay = await startRelay(site, { PUSH_HOSTS: push.origin });
		await using _ = await site.start(name, relay.url);
		await using firefox = await launchFirefox(push, { trustedHost: PROXY_HOST });
		const page = await firefox.context.newPage();
		await openChat(page, `${site.origin}/#invite=${INVITE}`);
		await page.getByRole('link', { name: 'Settings' }).click();
		await page.getByRole('button', { name: 'Turn on notifications' }).click();
		await page.getByRole('button', { name: 'Send a test notification' }).click();
		await expect.poll(() => shownNotifications(page)).toEqual([expect.stringContaining('Notifications work.')]);
		expect(push.pushes).toHaveLength(1);
	});
}

function startRelay(site: ProxySite, env: Readonly<Record<string, string>> = {}): Promise<RelayProcess> {
	return startRelayProcess({ PUBLIC_URL: site.origin, INVITE_TOKEN: INVITE, ...env });
}

const ASKED = { 'accept-encoding': 'gzip', accept: 'text/html,*/*', 'sec-fetch-mode': 'navigate' };
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'date'];

interface Answer {
	readonly status: number;
	/** A header that comes twice is both values, by comma. */
	readonly headers: Readonly<Record<string, unknown>>;
	readonly text: string;
}

/** One request to the relay itself. */
function getDirect(url: string): Promise<Answer> {
	return new Promise((resolve, reject) => {
		const request = getPlain(url, { headers: ASKED }, (response) => {
			const chunks: Buffer[] = [];
			response.on('data', (chunk: Buffer) => chunks.push(chunk));
			response.once('end', () => {
				const { statusCode: status = 0, headers } = response;
				resolve({ status, headers, text: Buffer.concat(chunks).toString('latin1') });
			});
		});
		request.once('error', reject);
	});
}

/** One request over HTTP/2, the certificate checked, the path sent as it is written. */
async function get(site: ProxySite, path: string): Promise<Answer> {
	const session = connect(`https://127.0.0.1:${site.httpsPort}`, { ca: site.certificate, servername: PROXY_HOST });
	try {
		return await new Promise((resolve, reject) => {
			session.once('error', reject);
			const request = session.request({ ':path': path, ':authority': new URL(site.origin).host, ...ASKED });
			let headers: Answer['headers'] = {};
			const chunks: Buffer[] = [];
			request.once('error', reject);
			request.once('response', (answered) => {
				headers = answered;
			});
			request.on('data', (chunk: Buffer) => chunks.push(chunk));
			request.once('end', () =>
				resolve({ status: Number(headers[':status']), headers, text: Buffer.concat(chunks).toString('latin1') }),
			);
		});
	} finally {
		session.close();
	}
}

/** Path of the app's first script, whose name changes with its content. */
async function scriptOf(relayUrl: string): Promise<string> {
	const page = await (await fetch(`${relayUrl}/`, { headers: { accept: 'text/html' } })).text();
	return /<script[^>]* src="([^"]+)"/.exec(page)?.[1] ?? '';
}

/** Says nothing on a connection for longer than the proxy's own patience, then something wrong, which the relay answers. */
async function staysOpenInSilence(site: ProxySite): Promise<string> {
	const socket = new WebSocket(`wss://127.0.0.1:${site.httpsPort}/v1/sync`, {
		agent: new Agent({ ca: site.certificate, servername: PROXY_HOST }),
		headers: { host: new URL(site.origin).host },
	});
	return new Promise((resolve, reject) => {
		socket.once('error', reject);
		let isSpoken = false;
		// The challenge: from here on nobody has anything to say.
		socket.once('message', () => {
			setTimeout(() => {
				isSpoken = true;
				socket.send(new Uint8Array([0]));
			}, 3_000 * PROXY_IDLE_SECONDS);
		});
		socket.once('close', (code) => resolve(isSpoken && code === 4400 ? 'answered' : `closed with ${code}`));
	});
}
