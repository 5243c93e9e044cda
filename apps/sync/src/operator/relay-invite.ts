import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@pocketeer/core/ports/random';
import { err, ok, type Result } from '@pocketeer/core/result';
import { createSystemClock, createSystemRandom } from '@pocketeer/core/system';
import type { Config } from '../config.ts';
import { httpUrlOf } from '../loopback.ts';
import { openDatabase } from '../store/database.ts';
import { createSqliteInviteStore, type InviteStore } from '../store/invite-store.ts';
import { type Arguments, runCommand } from './command.ts';

/** Invites somebody to found one space on this relay, running or not. */

const HELP = `npm run relay:invite                      prints a fresh invitation: a token, and the link that holds it
npm run relay:invite -- --list            lists the invitations
npm run relay:invite -- --revoke NAME     takes one back that nobody used yet, by its name or its token

Each founds one space. DATA_DIR is the relay's folder; the link is on PUBLIC_URL, else on HOST and PORT.`;

await runCommand({
	help: HELP,
	texts: ['revoke'],
	flags: ['list'],
	async run(typed, config) {
		mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
		const path = join(config.dataDir, 'relay.sqlite');
		const database = openDatabase(path);
		if (!database.ok) return err(`The database ${path} cannot be opened: ${database.error.reason}.`);
		using opened = database.value;
		return answer(createSqliteInviteStore({ database: opened }), typed, config);
	},
});

async function answer(invites: InviteStore, typed: Arguments, config: Config): Promise<Result<string, string>> {
	const revoked = typed.text('revoke');
	if (revoked !== undefined) {
		const count = await invites.revoke(revoked);
		return count > 0 ? ok(`Taken back: ${revoked}`) : err(`No invitation that is not used yet is called ${revoked}.`);
	}
	if (typed.has('list')) {
		const lines = (await invites.list()).map(
			({ name, made, isUsed }) => `${name}  ${new Date(made).toISOString().slice(0, 10)}  ${isUsed ? 'used' : 'open'}`,
		);
		return ok(lines.length > 0 ? lines.join('\n') : 'There are no invitations.');
	}
	const token = newId<string>({ random: createSystemRandom() });
	const name = await invites.add(token, createSystemClock().now());
	const origin = config.publicUrl ?? httpUrlOf(config.host, config.port);
	return ok(`Invitation ${name}, for one new space:\n${token}\n${origin}/#invite=${token}`);
}
