import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** A program the tests run that npm does not bring. */
export interface Program {
	readonly name: string;
	/** Environment variable that may hold its path. */
	readonly variable: string;
	/** Where it may be, best first. */
	readonly paths: readonly string[];
	/** The Debian package that brings it. */
	readonly package: string;
	/** What Debian starts at once with the package, and the tests do not want. */
	readonly service?: string;
}

/** What stands in front of a relay in docs/deploy.md, and what makes it a certificate. */
export const PROXY_PROGRAMS = {
	nginx: {
		name: 'nginx',
		variable: 'NGINX_PATH',
		paths: ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/sbin/nginx'],
		package: 'nginx',
		service: 'nginx',
	},
	caddy: {
		name: 'caddy',
		variable: 'CADDY_PATH',
		paths: ['/usr/bin/caddy', '/usr/local/bin/caddy'],
		package: 'caddy',
		service: 'caddy',
	},
	openssl: {
		name: 'openssl',
		variable: 'OPENSSL_PATH',
		paths: ['/usr/bin/openssl', '/usr/local/bin/openssl'],
		package: 'openssl',
	},
} as const satisfies Readonly<Record<string, Program>>;

/** Path of a program: an environment variable's, or the system's; else undefined. */
export function findProgram({ variable, paths }: Program): string | undefined {
	return process.env[variable] || paths.find((path) => path && existsSync(path));
}

/** Finds a program, installing Debian's package when run by root on Debian; otherwise throws a sentence that says what to do. */
export function ensureProgram(program: Program): string {
	const present = findProgram(program);
	if (present) return present;
	if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
		install(program);
		const installed = findProgram(program);
		if (installed) return installed;
	}
	throw new Error(
		`The browser tests need ${program.name}: install it (Debian: apt-get install ${program.package}) or set ${program.variable} to its path.`,
	);
}

function install(program: Program): void {
	console.log(`Installing ${program.package} for the browser tests …`);
	const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
	spawnSync('apt-get', ['update', '-q'], { stdio: 'ignore', env });
	execFileSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', program.package], {
		stdio: ['ignore', 'ignore', 'inherit'],
		env,
	});
	// We run it ourselves, with a configuration of the test: nothing is to stay behind on ports 80 and 443.
	if (program.service && existsSync('/run/systemd/system')) {
		spawnSync('systemctl', ['disable', '--now', program.service], { stdio: 'ignore' });
	}
}
