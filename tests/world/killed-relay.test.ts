import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type RelayProcess, startRelayProcess } from '../../e2e/support/relay-process.ts';
import { createProcessWorld, pause } from './process-world.ts';

// The second tier of the world: what a store in memory only claims to do is done by SQLite on a disk, in a process that
// is killed. Which faults come is drawn; when they come is the machine's.

const SPACES = 20;
/** Fewer would mean that nobody got to type. */
const LEAST_EDITS = 15;

it('twenty spaces lose nothing to a relay that is killed again and again, and twice set back to an older copy', async () => {
	process.setMaxListeners(0);
	const away = await mkdtemp(join(tmpdir(), 'pocketeer-copy-'));
	await using relay = await startRelayProcess({ LOG_LEVEL: 'silent' });
	const spaces = await Promise.all(
		Array.from({ length: SPACES }, (_, index) => createProcessWorld(index + 1, relay.url)),
	);

	let isOver = false;
	const playing = Promise.all(spaces.map((space) => space.play(() => isOver)));
	await operate(relay, away);
	isOver = true;
	await playing;

	await Promise.all(spaces.map((space) => space.heal()));
	expect(Math.min(...spaces.map(({ edits }) => edits))).toBeGreaterThan(LEAST_EDITS);
	expect(spaces.filter(({ isRepublished }) => isRepublished).length).toBeGreaterThan(SPACES / 2);
	const verdicts = await Promise.all(spaces.map((space) => space.judge()));
	expect(verdicts.flatMap((wrong, index) => wrong.map((line) => `space ${index + 1}: ${line}`))).toEqual([]);
	await rm(away, { recursive: true });
}, 120_000);

/** Kills it in the middle of its work; between death and rebirth the operator may touch its files. */
async function operate(relay: RelayProcess, away: string): Promise<void> {
	const database = ['relay.sqlite', 'relay.sqlite-wal', 'relay.sqlite-shm'];
	await killed(relay, []);
	await killed(relay, [{ from: relay.dataDir, to: away }]);
	await killed(relay, []);
	// All of the folder: nothing in it tells the relay that it is older than what its devices saw.
	await killed(relay, [{ from: away, to: relay.dataDir }]);
	await killed(relay, [{ from: relay.dataDir, to: away }]);
	await killed(relay, []);
	// The database only: the count of starts beside it tells.
	await killed(relay, [{ from: away, to: relay.dataDir, only: database }]);
	await pause(1_500);
}

interface Copy {
	readonly from: string;
	readonly to: string;
	readonly only?: readonly string[];
}

async function killed(relay: RelayProcess, copies: readonly Copy[]): Promise<void> {
	await pause(1_500);
	await relay.stop('SIGKILL');
	for (const { from, to, only } of copies) {
		const names = only ?? [...new Set([...(await readdir(from)), ...(await readdir(to))])];
		for (const name of names) {
			await rm(join(to, name), { force: true });
			await cp(join(from, name), join(to, name)).catch(() => {});
		}
	}
	await relay.start();
}
