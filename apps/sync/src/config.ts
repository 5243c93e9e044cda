import { err, ok, type Result } from '@pocketeer/core/result';
import type { LogLevel } from './json-log.ts';
import { type EndpointRules, readEndpointRules } from './push/endpoint-rules.ts';

/** What an operator sets by environment variables; README lists them. */
export interface Config {
	readonly port: number;
	readonly host: string;
	readonly dataDir: string;
	readonly inviteToken: string | undefined;
	/** Origin at which people reach the relay, such as `https://relay.example`. */
	readonly publicUrl: string | undefined;
	readonly vapidSubject: string;
	readonly rules: EndpointRules;
	readonly logLevel: LogLevel;
}

const LOG_LEVELS: readonly LogLevel[] = ['info', 'warn', 'silent'];
/** Push services want an address to complain to; Apple refuses one on localhost. */
const NO_SUBJECT = 'mailto:pocketeer@example.com';

/** Reads the environment; the error is a sentence that says what to change. An empty variable counts as unset. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Result<Config, string> {
	const value = (name: string, fallback: string) => env[name]?.trim() || fallback;

	if (value('DATABASE_URL', '') !== '') {
		return err('DATABASE_URL is set, but PostgreSQL is not built yet. Unset it to use SQLite in DATA_DIR.');
	}
	const port = value('PORT', '8787');
	if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
		return err(`PORT is "${port}"; it must be a number from 0 to 65535 (0 picks a free one).`);
	}
	const logLevel = value('LOG_LEVEL', 'warn');
	if (!isLogLevel(logLevel)) return err(`LOG_LEVEL is "${logLevel}"; it must be info, warn or silent.`);
	const vapidSubject = value('VAPID_SUBJECT', NO_SUBJECT);
	if (!/^mailto:[^@\s]+@[^@\s]+$/.test(vapidSubject) && !isHttps(vapidSubject)) {
		return err(`VAPID_SUBJECT is "${vapidSubject}"; it must be a mailto: or https: address of yours.`);
	}
	const publicUrl = value('PUBLIC_URL', '');
	if (publicUrl !== '' && !isOrigin(publicUrl)) {
		return err(`PUBLIC_URL is "${publicUrl}"; it must be an address without a path, such as https://relay.example.`);
	}
	const rules = readEndpointRules(value('PUSH_HOSTS', ''));
	if (!rules.ok) return rules;

	return ok({
		port: Number(port),
		host: value('HOST', '127.0.0.1'),
		dataDir: value('DATA_DIR', './data'),
		inviteToken: value('INVITE_TOKEN', '') || undefined,
		publicUrl: publicUrl === '' ? undefined : new URL(publicUrl).origin,
		vapidSubject,
		rules: rules.value,
		logLevel,
	});
}

function isLogLevel(text: string): text is LogLevel {
	return LOG_LEVELS.some((level) => level === text);
}

function isHttps(text: string): boolean {
	return URL.canParse(text) && new URL(text).protocol === 'https:';
}

function isOrigin(text: string): boolean {
	if (!URL.canParse(text)) return false;
	const { protocol, href, origin } = new URL(text);
	return (protocol === 'https:' || protocol === 'http:') && href === `${origin}/`;
}
