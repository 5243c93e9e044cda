import { execFileSync, spawn } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findProgram, PROXY_PROGRAMS, type Program } from '../../scripts/programs.ts';

export type ProxyName = 'nginx' | 'caddy';

/** A name that no machine has; the browsers are told that it is this one. */
export const PROXY_HOST = 'pocketeer.test';

/** Where a proxy will listen and what it shows there; known before it runs, because the relay must be told. */
export interface ProxySite extends AsyncDisposable {
	/** Such as `https://pocketeer.test:41234`. */
	readonly origin: string;
	readonly httpsPort: number;
	readonly httpPort: number;
	/** PEM of its certificate, which is its own authority. */
	readonly certificate: string;
	/** base64 of the SHA-256 of its public key, by which Chromium can be told to trust it. */
	readonly keyHash: string;
	/** Runs the shipped configuration in front of the relay; resolves when it listens. */
	start(name: ProxyName, relayUrl: string): Promise<AsyncDisposable>;
}

/** What nginx or Caddy of an operator would take for idle, in seconds: shorter than any test, so that waiting proves something. */
export const PROXY_IDLE_SECONDS = 1;

/** Picks two free ports and makes a certificate. */
export async function createProxySite(): Promise<ProxySite> {
	const folder = await mkdtemp(join(tmpdir(), 'pocketeer-proxy-'));
	const [httpsPort, httpPort] = await freePorts();
	makeCertificate(folder);
	const certificate = await readFile(join(folder, 'cert.pem'), 'utf8');
	const publicKey = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });
	const ports = { httpsPort, httpPort };
	return {
		...ports,
		origin: `https://${PROXY_HOST}:${httpsPort}`,
		certificate,
		keyHash: createHash('sha256').update(publicKey).digest('base64'),
		async start(name, relayUrl) {
			const site = { ...ports, folder, relay: new URL(relayUrl).host };
			return name === 'nginx' ? startNginx(site) : startCaddy(site);
		},
		[Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
	};
}

interface Site {
	readonly folder: string;
	readonly httpsPort: number;
	readonly httpPort: number;
	/** Host and port. */
	readonly relay: string;
}

async function startNginx({ folder, httpsPort, httpPort, relay }: Site): Promise<AsyncDisposable> {
	const shipped = await readFile('deploy/nginx.conf', 'utf8');
	const site = replaceEach(shipped, [
		['/etc/letsencrypt/live/pocketeer.example/fullchain.pem', join(folder, 'cert.pem')],
		['/etc/letsencrypt/live/pocketeer.example/privkey.pem', join(folder, 'key.pem')],
		['pocketeer.example', PROXY_HOST],
		['127.0.0.1:8787', relay],
		['listen 80;', `listen 127.0.0.1:${httpPort};`],
		['listen [::]:80;', ''],
		['listen 443 ssl', `listen 127.0.0.1:${httpsPort} ssl`],
		['listen [::]:443 ssl http2;', ''],
	]);
	const idle = `${PROXY_IDLE_SECONDS}s`;
	const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
		.map((kind) => `${kind}_temp_path ${join(folder, kind)};`)
		.join('\n');
	const main = `daemon off; worker_processes 1; pid ${join(folder, 'nginx.pid')}; error_log stderr notice;
events {}
http { access_log off; ${temporary}
proxy_read_timeout ${idle}; proxy_send_timeout ${idle}; send_timeout ${idle}; client_body_timeout ${idle};
${site} }`;
	await writeFile(join(folder, 'nginx.conf'), main);
	const args = ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')];
	return run(PROXY_PROGRAMS.nginx, args, { folder, ready: /start worker process/ });
}

async function startCaddy({ folder, httpsPort, httpPort, relay }: Site): Promise<AsyncDisposable> {
	const shipped = await readFile('deploy/Caddyfile', 'utf8');
	const site = replaceEach(shipped, [
		['# tls /etc/pocketeer/cert.pem /etc/pocketeer/key.pem', 'tls {folder}/cert.pem {folder}/key.pem'],
		['{folder}', folder],
		['pocketeer.example', PROXY_HOST],
		['127.0.0.1:8787', relay],
	]);
	const idle = `${PROXY_IDLE_SECONDS}s`;
	const main = `{
	admin off
	http_port ${httpPort}
	https_port ${httpsPort}
	default_bind 127.0.0.1
	servers {
		timeouts {
			read_body ${idle}
			read_header ${idle}
			write ${idle}
			idle ${idle}
		}
	}
}
${site}`;
	await writeFile(join(folder, 'Caddyfile'), main);
	const args = ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'];
	return run(PROXY_PROGRAMS.caddy, args, { folder, ready: /serving initial configuration/ });
}

/** Replaces texts that must all be there: a shipped file that lost one is no longer the file that is described. */
function replaceEach(text: string, pairs: readonly (readonly [string, string])[]): string {
	let replaced = text;
	for (const [from, to] of pairs) {
		if (!replaced.includes(from)) throw new Error(`the shipped configuration has no "${from}" to replace`);
		replaced = replaced.replaceAll(from, to);
	}
	return replaced;
}

/** Runs a proxy until it is disposed of; resolves when it says that it listens. */
async function run(
	program: Program,
	args: readonly string[],
	options: { readonly folder: string; readonly ready: RegExp },
): Promise<AsyncDisposable> {
	const { folder, ready } = options;
	const child = spawn(pathOf(program), args, {
		env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
		stdio: ['ignore', 'ignore', 'pipe'],
	});
	const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
	const said: string[] = [];
	await new Promise<void>((resolve, reject) => {
		child.once('error', reject);
		child.once('exit', (code) => reject(new Error(`${program.name} ended with ${code}: ${said.join('\n')}`)));
		createInterface({ input: child.stderr }).on('line', (line) => {
			said.push(line);
			if (ready.test(line)) resolve();
		});
	});
	return {
		async [Symbol.asyncDispose]() {
			child.kill('SIGTERM');
			await exited;
		},
	};
}

function makeCertificate(folder: string): void {
	const subject = ['-subj', `/CN=${PROXY_HOST}`, '-addext', `subjectAltName=DNS:${PROXY_HOST}`];
	const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
	const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem'), '-days', '30'];
	execFileSync(pathOf(PROXY_PROGRAMS.openssl), ['req', '-x509', ...key, ...subject, ...files], { stdio: 'ignore' });
}

function pathOf(program: Program): string {
	const path = findProgram(program);
	if (!path) throw new Error(`no ${program.name}: run the tests through \`npm test\`, which installs or names it`);
	return path;
}

async function freePorts(): Promise<[number, number]> {
	const servers = [createServer(), createServer()];
	const ports = await Promise.all(
		servers.map(
			(server) =>
				new Promise<number>((resolve) => {
					server.listen(0, '127.0.0.1', () => {
						const address = server.address();
						resolve(typeof address === 'object' && address ? address.port : 0);
					});
				}),
		),
	);
	await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
	const [first = 0, second = 0] = ports;
	return [first, second];
}
