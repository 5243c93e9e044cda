import { createRequire } from 'node:module';
import type fastCheck from 'fast-check';

/**
 * What tests get as `fast-check` (see `vitest.config.ts`): properties draw from one seed, so that a run is the same
 * everywhere. Others are played with `SEED=<number> npm run test:unit`, or `test:long`.
 */
const fc: typeof fastCheck = createRequire(import.meta.url)('fast-check');
fc.configureGlobal({ seed: Number(process.env.SEED ?? 20_261_120) });

export default fc;
