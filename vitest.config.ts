import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';

const seededFastCheck = fileURLToPath(new URL('tests/seeded-fast-check.ts', import.meta.url));

const ALL = ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'tests/**/*.test.ts'];

/**
 * What takes seconds, apart from the rest: whatever is called `.long.test.ts`, and these. Processes that are killed,
 * seeded worlds, a crash at every moment, every byte of a stream, long random histories, megabytes, thousands of files.
 */
const LONG = [
	'**/*.long.test.ts',
	'tests/world/*.test.ts',
	'tests/{attachments,canary,economy}.test.ts',
	'apps/sync/src/main.test.ts',
	'apps/sync/src/operator/operator.test.ts',
	'apps/sync/src/relay.{auth,log}.test.ts',
	'apps/web/src/backup/backup.test.ts',
	'apps/web/src/markdown/tree.test.ts',
	'packages/core/src/agent/model/{outcomes,stream-bytes,streams}.test.ts',
	'packages/core/src/agent/request/{compaction,request.property}.test.ts',
	'packages/core/src/agent/turn/crash.test.ts',
	'packages/core/src/backup/backup.test.ts',
	'packages/core/src/members/pairing.test.ts',
	'packages/core/src/sync/{lossless,many-streams,snapshots,stream-link}.test.ts',
];

export default defineConfig({
	resolve: { alias: [{ find: /^fast-check$/, replacement: seededFastCheck }] },
	test: {
		restoreMocks: true,
		testTimeout: 20_000,
		projects: [
			{
				extends: true,
				// Most of a short test's time is loading what it needs, so files share a process; their own modules they load anew.
				test: { name: 'unit', include: ALL, exclude: [...configDefaults.exclude, ...LONG], isolate: false },
			},
			{ extends: true, test: { name: 'long', include: LONG } },
		],
	},
});
