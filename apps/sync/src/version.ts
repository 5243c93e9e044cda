import manifest from '../package.json' with { type: 'json' };

/** This relay's version, as health checks and logs name it. */
export const VERSION: string = manifest.version;
