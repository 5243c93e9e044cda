import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The real relay as a process of its own, serving the built app. */
export interface RelayProcess extends AsyncDisposable {
	/** Origin of app and relay; the same after a restart. */
	readonly url: string;
	readonly dataDir: string;
	/** The system's number of the process while it runs. */
	readonly pid: number | undefined;
	/** Everything the relay printed so far. */
	log(): string;
	/** One of the numbers it counts, by its name on `/metrics` without the prefix; 0 for one not counted yet. */
	metric(name: string): Promise<number>;
	/** Ends the process as `signal` does and resolves with its exit code. */
	stop(signal?: NodeJS.Signals): Promise<number | null>;
	/** Starts it again on the same port and data. */
	start(): Promise<void>;
}

/** As `npm start` and the systemd unit run it. */
const NODE_ARGS = ['--max-semi-space-size=8'];

/** Starts a relay with a data folder of its own on a free port. */
export async function startRelayProcess(env: Readonly<Record<string, string>> = {}): Promise<RelayProcess> {
	const dataDir = await mkdtemp(join(tmpdir(), 'pocketeer-e2e-'));
	const printed: string[] = [];
	let child: ChildProcess | undefined;
	let url = '';

	async function start(): Promise<void> {
		const started = spawn(process.execPath, [...NODE_ARGS, 'apps/sync/src/main.ts'], {
			env: { ...process.env, PORT: url ? new URL(url).port : '0', DATA_DIR: dataDir, ...env },
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		child = started;
		started.stderr.on('data', (chunk) => printed.push(String(chunk)));
		url = await new Promise((resolve, reject) => {
			started.once('exit', (code) => reject(new Error(`the relay ended with ${code}: ${printed.join('')}`)));
			createInterface({ input: started.stdout }).on('line', (line) => {
				printed.push(`${line}\n`);
				const address = /running at (http:\S+)/.exec(line)?.[1];
				if (address) resolve(address);
			});
		});
	}

	async function stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
		const stopping = child;
		child = undefined;
		if (!stopping || stopping.exitCode !== null) return stopping?.exitCode ?? null;
		const exited = new Promise<number | null>((resolve) => stopping.once('exit', resolve));
		stopping.kill(signal);
		return exited;
	}

	await start();
	return {
		get url() {
			return url;
		},
		dataDir,
		get pid() {
			return child?.pid;
		},
		log: () => printed.join(''),
		async metric(name) {
			const lines = (await (await fetch(`${url}/metrics`)).text()).split('\n');
			return Number(lines.find((line) => line.startsWith(`pocketeer_${name} `))?.split(' ')[1] ?? 0);
		},
		stop,
		start,
		async [Symbol.asyncDispose]() {
			await stop('SIGKILL');
			await rm(dataDir, { recursive: true, force: true });
		},
	};
}
