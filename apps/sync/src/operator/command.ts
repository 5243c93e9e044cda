import { parseArgs } from 'node:util';
import { err, ok, type Result } from '@pocketeer/core/result';
import { type Config, readConfig } from '../config.ts';

/** What an operator typed behind a script's name. */
export interface Arguments {
	text(name: string): string | undefined;
	has(name: string): boolean;
}

/** Reads `--name value` and `--flag`; anything else is answered by the script's help. */
function readArguments(
	typed: readonly string[],
	known: { readonly texts: readonly string[]; readonly flags: readonly string[] },
): Arguments | undefined {
	const options = Object.fromEntries([
		...known.texts.map((name) => [name, { type: 'string' }] as const),
		...known.flags.map((name) => [name, { type: 'boolean' }] as const),
	]);
	try {
		const values = new Map<string, unknown>(
			Object.entries(parseArgs({ args: joined(typed, known.texts), options }).values),
		);
		return {
			text(name) {
				const value = values.get(name);
				return typeof value === 'string' ? value : undefined;
			},
			has: (name) => values.get(name) === true,
		};
	} catch {
		return undefined;
	}
}

/** `--name value` as `--name=value`: a token may begin with a dash. */
function joined(typed: readonly string[], texts: readonly string[]): string[] {
	const args: string[] = [];
	for (let at = 0; at < typed.length; at++) {
		const arg = typed[at] ?? '';
		const value = typed[at + 1];
		const takesValue = value !== undefined && texts.some((name) => arg === `--${name}`);
		args.push(takesValue ? `${arg}=${value}` : arg);
		if (takesValue) at++;
	}
	return args;
}

/**
 * Runs a script: prints what it answers, or the sentence that says why not and ends with 1. `--help` prints `help`.
 */
export async function runCommand(command: {
	readonly help: string;
	readonly texts: readonly string[];
	readonly flags: readonly string[];
	readonly run: (typed: Arguments, config: Config) => Promise<Result<string, string>>;
}): Promise<void> {
	const typed = readArguments(process.argv.slice(2), { ...command, flags: [...command.flags, 'help'] });
	if (!typed) return quit(command.help);
	if (typed.has('help')) return console.log(command.help);
	const config = readConfig(process.env);
	if (!config.ok) return quit(config.error);
	const end = await command.run(typed, config.value).catch((error: unknown) => {
		return err(`It did not work: ${error instanceof Error ? error.message : String(error)}.`);
	});
	if (!end.ok) return quit(end.error);
	console.log(end.value);
}

/** The value of an option that must be there. */
export function required(typed: Arguments, name: string, meaning: string): Result<string, string> {
	const value = typed.text(name);
	return value ? ok(value) : err(`Say ${meaning}: --${name} … (behind "--", when npm runs this).`);
}

/** A moment as part of a file's name, UTC: `2026-11-20T16-30-00-000Z`. */
export function stampOf(now: number): string {
	return new Date(now).toISOString().replace(/[:.]/g, '-');
}

function quit(sentence: string): void {
	console.error(sentence);
	process.exitCode = 1;
}
