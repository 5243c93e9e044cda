import { createSystemClock } from '@pocketeer/core/system';
import { httpUrlOf } from '../loopback.ts';
import { required, runCommand } from './command.ts';
import { restoreBackup } from './restore.ts';

/** Puts a backup in place of a relay's data, while the relay is stopped. */

const HELP = `npm run relay:restore -- --from FOLDER [--overwrite]     puts the backup in FOLDER into DATA_DIR

The relay must be stopped. Data that is there is not touched without --overwrite, and then kept aside. Devices publish
again what the backup lacks; what no device has any more stays lost.`;

await runCommand({
	help: HELP,
	texts: ['from'],
	flags: ['overwrite'],
	async run(typed, { dataDir, host, port }) {
		const from = required(typed, 'from', 'which backup');
		if (!from.ok) return from;
		return restoreBackup({
			dataDir,
			from: from.value,
			overwrite: typed.has('overwrite'),
			now: createSystemClock().now(),
			isAnswering: () =>
				fetch(`${httpUrlOf(host, port)}/healthz`).then(
					() => true,
					() => false,
				),
		});
	},
});
