import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const seededFastCheck = fileURLToPath(new URL('tests/seeded-fast-check.ts', import.meta.url));

export default defineConfig({
	resolve: { alias: [{ find: /^fast-check$/, replacement: seededFastCheck }] },
	test: {
		include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'tests/**/*.test.ts'],
		restoreMocks: true,
		testTimeout: 20_000,
	},
});
