import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { ShardOrder, ShardWord } from './shard.ts';

// Schedules in which something went wrong once, played as `npm run test:world` plays its thousands: in a process of their
// own, since a test runner that loads modules in its own way changes who comes first.

it.each([
	[229, 'an entry was sealed with one epoch and named the next, which had come meanwhile; nobody could open it'],
	[10, 'a device got new keys while it opened entries under them, and waited for them for ever'],
])('[SY15] the schedule of seed %i ends well; once %s', async (seed) => {
	expect(await play([seed])).toMatchObject([{ seed, wrong: [] }]);
});

it.each([[18, 'what was left of the answer to an earlier opening was taken for one that leaves changes out']])(
	'[SY7] the schedule of seed %i ends well; once %s',
	async (seed) => {
		expect(await play([seed])).toMatchObject([{ seed, wrong: [] }]);
	},
);

it.each([[807, 'the relay still wrote an entry when it was dead, into the older copy that was put in its place']])(
	'the schedule of seed %i ends well; once %s',
	async (seed) => {
		expect(await play([seed])).toMatchObject([{ seed, wrong: [] }]);
	},
);

it('a schedule depends on its seed alone: once more, or in another process, every frame is the same', async () => {
	const seeds = Array.from({ length: 20 }, (_, index) => index + 1);
	const [twice, once] = await Promise.all([play([...seeds, ...seeds]), play(seeds)]);
	const digests = once.map(({ digest }) => digest);
	expect(new Set(digests).size).toBe(seeds.length);
	expect(twice.map(({ digest }) => digest)).toEqual([...digests, ...digests]);
}, 60_000);

type Played = ShardWord & { readonly type: 'played' };

function play(seeds: readonly number[]): Promise<readonly Played[]> {
	const shard = fork(fileURLToPath(new URL('./shard.ts', import.meta.url)), {
		execArgv: ['--disable-warning=DEP0204'],
	});
	const played: Played[] = [];
	return new Promise((resolve) => {
		shard.on('message', (word: ShardWord) => {
			if (word.type === 'played') played.push(word);
			if (word.type === 'over') shard.disconnect();
		});
		shard.once('exit', () => resolve(played));
		shard.send({ seeds } satisfies ShardOrder);
	});
}
