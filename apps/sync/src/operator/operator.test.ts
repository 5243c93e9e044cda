import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { fromUtf8, toBase64Url, utf8 } from '@pocketeer/core/bytes';
import type { EntryId } from '@pocketeer/core/ids';
import { encodeDeletion } from '@pocketeer/core/protocol/deletion';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { approach, connect, join as joinSpace, newSpace, openAll, streamId, type TestClient } from '../test-client.ts';

/** The scripts as npm runs them, against relays as `npm start` runs them. */

const script = (name: string) => fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

let folder = '';
let dataDir = '';
const running: ChildProcess[] = [];
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'pocketeer-operator-'));
	dataDir = join(folder, 'data');
});
afterEach(async () => {
	for (const child of running.splice(0)) child.kill('SIGKILL');
	await rm(folder, { recursive: true, force: true });
});

function run(file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
	const child = spawn(process.execPath, [file, ...args], {
		env: { PATH: process.env.PATH ?? '', DATA_DIR: dataDir, PORT: '0', ...env },
	});
	running.push(child);
	const said = { out: '', error: '' };
	child.stdout.on('data', (chunk) => {
		said.out += String(chunk);
	});
	child.stderr.on('data', (chunk) => {
		said.error += String(chunk);
	});
	const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
	return { child, said, ended };
}

/** Runs a script to its end. */
async function command(name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
	const { said, ended } = run(script(name), args, env);
	const code = await ended;
	return { code, out: said.out.trim(), error: said.error.trim() };
}

/** Starts a relay; answers its WebSocket endpoint and how to end it politely. */
async function startRelay(env: Readonly<Record<string, string>> = {}) {
	const { child, said, ended } = run(MAIN, [], env);
	const httpUrl = await new Promise<string>((resolve, reject) => {
		child.stdout.on('data', () => {
			const url = /^Pocketeer is running at (http:\/\/localhost:\d+)$/m.exec(said.out)?.[1];
			if (url) resolve(url);
		});
		void ended.then(() => reject(new Error(`ended: ${said.error}`)));
	});
	return {
		httpUrl,
		url: `${httpUrl.replace('http', 'ws')}/v1/sync`,
		async stop() {
			child.kill('SIGTERM');
			await ended;
		},
	};
}

function wideId(number: number): EntryId {
	const bytes = new Uint8Array(16);
	new DataView(bytes.buffer).setUint32(0, number);
	return toBase64Url(bytes) as EntryId;
}

async function timelineOf(url: string): Promise<string> {
	const client = await connect(url);
	const { timeline } = await client.next('challenge');
	client.close();
	return timeline;
}

/** The texts of a stream's entries. */
async function readAll(reader: TestClient): Promise<readonly string[]> {
	const texts: string[] = [];
	openAll(reader, streamId(1));
	for (;;) {
		for (const message of await reader.drain()) {
			if (message.type === 'head') return texts;
			if (message.type === 'entries') texts.push(...message.entries.map((entry) => fromUtf8(entry).slice(0, 8)));
		}
	}
}

const entryText = (number: number) => String(number).padStart(8, '0');

describe('backup and restore', () => {
	test('a backup made while others write holds everything that was echoed before it began, whole and in order', async () => {
		const relay = await startRelay();
		const space = await newSpace();
		const writer = await joinSpace(relay.url, space);
		let sent = 0;
		let echoed = 0;
		let isWriting = true;
		const send = () => {
			sent++;
			const entry = utf8(`${entryText(sent)}${'x'.repeat(2_000)}`);
			writer.send({ type: 'append', stream: streamId(1), id: wideId(sent), entry });
		};
		for (let count = 0; count < 200; count++) send();
		const writing = (async () => {
			while (echoed < sent) {
				await writer.next('echo');
				echoed++;
				if (isWriting) send();
			}
		})();
		while (echoed < 2_000) await new Promise((resolve) => setImmediate(resolve));
		const before = echoed;
		const { code, out, error } = await command('relay-backup', ['--to', join(folder, 'backups')]);
		expect([code, error]).toEqual([0, '']);
		const during = echoed - before;
		isWriting = false;
		await writing;
		expect(during).toBeGreaterThan(0);
		const timeline = await timelineOf(relay.url);

		expect(readdirSync(out).sort()).toEqual(['relay.sqlite', 'vapid.json']);
		for (const name of ['', 'relay.sqlite', 'vapid.json']) expect(statSync(join(out, name)).mode & 0o077).toBe(0);
		expect(readdirSync(join(folder, 'backups'))).toHaveLength(1);
		const elsewhere = { DATA_DIR: join(folder, 'elsewhere') };
		expect(await command('relay-restore', ['--from', out], elsewhere)).toMatchObject({ code: 0, error: '' });
		const restored = await startRelay(elsewhere);
		const texts = await readAll(await joinSpace(restored.url, space, { withList: false }));
		expect(texts.length).toBeGreaterThanOrEqual(before);
		expect(texts.length).toBeLessThanOrEqual(echoed);
		expect(texts).toEqual(texts.map((_, index) => entryText(index + 1)));
		expect(await timelineOf(restored.url)).not.toBe(timeline);
		expect(await readFile(join(folder, 'elsewhere/vapid.json'))).toEqual(await readFile(join(dataDir, 'vapid.json')));
		await restored.stop();
		// The name it got stays.
		const again = await startRelay(elsewhere);
		expect(await timelineOf(again.url)).not.toBe(timeline);
	}, 60_000);

	test('nothing is restored over a relay that runs, idle as it may be, nor over data without being told', async () => {
		const relay = await startRelay();
		const space = await newSpace();
		await joinSpace(relay.url, space);
		const { out: backup } = await command('relay-backup', ['--to', join(folder, 'backups')]);
		const timeline = await timelineOf(relay.url);
		const restore = (...more: string[]) => command('relay-restore', ['--from', backup, ...more]);
		expect(await restore('--overwrite')).toMatchObject({ code: 1, error: 'The relay is running. Stop it first.' });
		await relay.stop();
		expect(await restore()).toMatchObject({ code: 1, error: expect.stringContaining('--overwrite') });
		const same = await startRelay();
		expect(await timelineOf(same.url)).toBe(timeline);
		const later = await newSpace();
		await joinSpace(same.url, later);
		await same.stop();

		const { code, out } = await restore('--overwrite');
		expect([code, out]).toEqual([0, expect.stringMatching(/kept as .*relay\.sqlite\.before-/)]);
		const restored = await startRelay();
		expect(await timelineOf(restored.url)).not.toBe(timeline);
		await joinSpace(restored.url, space, { withList: false });
		const unknown = await approach(restored.url, later, { withList: false });
		expect(await unknown.next('error')).toMatchObject({ code: 'unknown-space' });
		const aside = readdirSync(dataDir).filter((name) => name.startsWith('relay.sqlite.before-'));
		const kept = new DatabaseSync(join(dataDir, aside[0] ?? ''), { readOnly: true });
		expect(kept.prepare('SELECT count(*) AS n FROM lists').get()).toEqual({ n: 2 });
		kept.close();
	}, 30_000);

	test('a relay whose database is damaged is restored, unless one answers where it listens', async () => {
		const relay = await startRelay();
		const space = await newSpace();
		await joinSpace(relay.url, space);
		const { out: backup } = await command('relay-backup', ['--to', join(folder, 'backups')]);
		await relay.stop();
		await writeFile(join(dataDir, 'relay.sqlite'), 'x'.repeat(10_000));
		const other = await startRelay({ DATA_DIR: join(folder, 'other') });
		const restore = (env = {}) => command('relay-restore', ['--from', backup, '--overwrite'], env);
		const busy = await restore({ PORT: new URL(other.httpUrl).port });
		expect(busy).toMatchObject({ code: 1, error: 'The relay is running. Stop it first.' });
		await other.stop();
		expect(await restore({ PORT: new URL(other.httpUrl).port })).toMatchObject({ code: 0 });
		const restored = await startRelay();
		await joinSpace(restored.url, space, { withList: false });
	}, 30_000);

	test('what is no backup, or a damaged one, changes nothing', async () => {
		const relay = await startRelay();
		const { out: backup } = await command('relay-backup', ['--to', join(folder, 'backups')]);
		await relay.stop();
		const before = await readFile(join(dataDir, 'relay.sqlite'));
		const bytes = await readFile(join(backup, 'relay.sqlite'));
		for (const damaged of [Buffer.from('no database'), bytes.subarray(0, 9_000), Buffer.alloc(0)]) {
			await writeFile(join(backup, 'relay.sqlite'), damaged);
			const { code, error } = await command('relay-restore', ['--from', backup, '--overwrite']);
			expect([code, error]).toEqual([1, expect.stringContaining('cannot be used')]);
		}
		const nowhere = await command('relay-restore', ['--from', join(folder, 'nowhere')]);
		expect(nowhere).toMatchObject({ code: 1, error: expect.stringContaining('There is no') });
		expect(await readFile(join(dataDir, 'relay.sqlite'))).toEqual(before);
		expect(readdirSync(dataDir).sort()).toEqual(['relay.sqlite', 'starts.json', 'vapid.json']);
	}, 30_000);

	test('what was deleted, and the invitations that were used since the backup, stay so', async () => {
		const first = await startRelay();
		const [gone, stays] = [await newSpace(), await newSpace()];
		for (const space of [gone, stays]) await joinSpace(first.url, space);
		const token = (await command('relay-invite', [])).out.split('\n')[1] ?? '';
		const { out: backup } = await command('relay-backup', ['--to', join(folder, 'backups')]);
		await first.stop();
		const second = await startRelay({ INVITE_TOKEN: 'another' });
		await joinSpace(second.url, await newSpace(), { invite: token });
		const client = await joinSpace(second.url, gone);
		const root = gone.root.sign;
		const statement = await encodeDeletion({ v: 1, space: gone.id, at: 0, by: null }, root);
		client.send({ type: 'space-delete', statement });
		await client.next('space-deleted');
		await second.stop();
		expect(await command('relay-restore', ['--from', backup, '--overwrite'])).toMatchObject({ code: 0 });

		const third = await startRelay({ INVITE_TOKEN: 'another' });
		await joinSpace(third.url, stays, { withList: false });
		expect(await (await approach(third.url, gone)).next('space-deleted')).toMatchObject({ statement });
		const refused = await approach(third.url, await newSpace(), { invite: token });
		expect(await refused.next('error')).toMatchObject({ code: 'invite-required' });
	}, 30_000);

	test('a backup of nothing, and one without a place, are answered by a sentence', async () => {
		const nothing = await command('relay-backup', ['--to', join(folder, 'backups')]);
		expect(nothing).toMatchObject({ code: 1, error: expect.stringContaining('Set DATA_DIR') });
		expect(existsSync(dataDir)).toBe(false);
		expect(await command('relay-backup', [])).toMatchObject({ code: 1, error: expect.stringContaining('--to') });
		for (const name of ['relay-backup', 'relay-restore', 'relay-invite']) {
			const help = await command(name, ['--help']);
			expect(help).toMatchObject({ code: 0, out: expect.stringContaining(`npm run ${name.replace('-', ':')}`) });
		}
		const relay = run(MAIN, ['--help']);
		expect(await relay.ended).toBe(0);
		for (const name of ['INVITE_TOKEN', 'PUBLIC_URL', 'relay:invite', 'relay:backup']) {
			expect(relay.said.out).toContain(name);
		}
	});
});

test('invitations are made, listed and taken back while the relay runs, and lead to its address', async () => {
	const env = { HOST: '0.0.0.0', PUBLIC_URL: 'https://relay.example' };
	const relay = await startRelay(env);
	const invite = (...args: string[]) => command('relay-invite', args, env);
	const [title, token = '', link] = (await invite()).out.split('\n');
	const name = /^Invitation (\w+), for one new space:$/.exec(title ?? '')?.[1] ?? '';
	expect(token).toMatch(/^[\w-]{22}$/);
	expect(link).toBe(`https://relay.example/#invite=${token}`);
	const calls = 'https://relay.example';
	await joinSpace(relay.url, await newSpace(), { invite: token, calls });
	const [, unused = ''] = (await invite()).out.split('\n');
	const listed = (await invite('--list')).out.split('\n');
	expect(listed.map((line) => line.split(/\s+/).at(-1)).sort()).toEqual(['open', 'used']);
	expect(listed.join('\n')).not.toContain(token);
	for (const nothing of [name, '-dash-in-front']) {
		expect(await invite('--revoke', nothing)).toMatchObject({ code: 1, error: expect.stringContaining(nothing) });
	}
	expect(await invite('--revoke', unused)).toMatchObject({ code: 0 });
	const refused = await approach(relay.url, await newSpace(), { invite: unused, calls });
	expect(await refused.next('error')).toMatchObject({ code: 'invite-required' });
	// Not even who reads the database could use one.
	await relay.stop();
	expect((await readFile(join(dataDir, 'relay.sqlite'))).includes(token)).toBe(false);
}, 30_000);
