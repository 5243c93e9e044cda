import { describe, expect, test } from 'vitest';
import { readConfig } from './config.ts';

describe('configuration', () => {
	test('everything has a default', () => {
		expect(readConfig({})).toMatchObject({
			ok: true,
			value: {
				port: 8787,
				host: '127.0.0.1',
				dataDir: './data',
				inviteToken: undefined,
				publicUrl: undefined,
				logLevel: 'warn',
			},
		});
	});

	test('an empty variable counts as unset', () => {
		expect(readConfig({ PORT: '', INVITE_TOKEN: ' ', DATABASE_URL: '' })).toMatchObject({
			ok: true,
			value: { port: 8787, inviteToken: undefined },
		});
	});

	test('PUBLIC_URL is an origin, however it is written', () => {
		expect(readConfig({ PUBLIC_URL: 'https://Relay.example:443/' })).toMatchObject({
			value: { publicUrl: 'https://relay.example' },
		});
	});

	test.each([
		[{ PUBLIC_URL: 'relay.example' }, 'PUBLIC_URL'],
		[{ PUBLIC_URL: 'https://relay.example/app' }, 'PUBLIC_URL'],
		[{ PUBLIC_URL: 'wss://relay.example' }, 'PUBLIC_URL'],
		[{ PORT: 'http' }, 'PORT is "http"'],
		[{ PORT: '-1' }, 'PORT'],
		[{ PORT: '65536' }, 'PORT'],
		[{ PORT: '80.5' }, 'PORT'],
		[{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL'],
		[{ VAPID_SUBJECT: 'me' }, 'VAPID_SUBJECT'],
		[{ VAPID_SUBJECT: 'http://example.com' }, 'VAPID_SUBJECT'],
		[{ PUSH_HOSTS: 'http://example.com' }, 'PUSH_HOSTS'],
		[{ DATABASE_URL: 'postgres://localhost/x' }, 'PostgreSQL is not built yet'],
	])('%j is answered with a sentence', (env, word) => {
		expect(readConfig(env)).toMatchObject({ ok: false, error: expect.stringContaining(word) });
	});
});
