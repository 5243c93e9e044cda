import { createSystemClock } from '@pocketeer/core/system';
import { makeBackup } from './backup.ts';
import { required, runCommand } from './command.ts';

/** Copies the relay's data while it runs. */

const HELP = `npm run relay:backup -- --to FOLDER     copies the relay's data into a new folder in FOLDER, and prints its path

The relay may run. DATA_DIR is its folder. Whoever has the copy has what the relay has: keep it to yourself.
Put it back with: npm run relay:restore -- --from …`;

await runCommand({
	help: HELP,
	texts: ['to'],
	flags: [],
	async run(typed, { dataDir }) {
		const to = required(typed, 'to', 'where the backup is to be put');
		if (!to.ok) return to;
		return makeBackup({ dataDir, to: to.value, now: createSystemClock().now() });
	},
});
