import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '@pocketeer/core/ports/clock';
import { createSystemClock } from '@pocketeer/core/system';
import { expect, test } from 'vitest';
import { createPushReceiver } from '../apps/sync/src/push/open-push.ts';
import { startRelayProcess } from '../e2e/support/relay-process.ts';
import { expectOk, openDevice, say, until } from './support.ts';

/** No word of any language; each stands in one place only, so that a leak says where it came from. */
const CANARIES = {
	message: 'zvqxmessage',
	fileText: 'zvqxtext',
	filePath: 'zvqxpath',
	person: 'zvqxperson',
	device: 'zvqxdevice',
	space: 'zvqxspace',
	task: 'zvqxtask',
};

test('nothing a person types is in the relay’s files, log or metrics, or in what it pushes', async () => {
	await using service = await startPushService();
	await using relay = await startRelayProcess({ PUSH_HOSTS: service.origin, LOG_LEVEL: 'info' });
	// Twenty minutes behind but for a moment: what is asked for in twenty minutes comes now.
	await using laptop = await openDevice({ relay: relay.url, clock: behind(20 * 60_000 - 3_000) });
	await until(laptop.sync, () => laptop.sync.status.connection.type === 'online');
	const browser = createPushReceiver();
	const { p256dh, auth } = browser;
	expectOk(await laptop.sync.registerPush({ endpoint: `${service.origin}/push`, p256dh, auth, appUrl: relay.url }));

	const { files, directory, self } = laptop.space;
	expectOk(await directory.namePerson(self.person, CANARIES.person));
	expectOk(await directory.nameDevice(self.device, CANARIES.device));
	expectOk(await directory.nameSpace(CANARIES.space));
	const by = { type: 'person', person: self.person, device: self.device } as const;
	const file = { path: `notes/${CANARIES.filePath}.md`, text: `# A note\n\n${CANARIES.fileText}\n` };
	expectOk(await files.write(file, by));
	await say(laptop, `note that ${CANARIES.message}`);
	await say(laptop, `remind me in 20 minutes to ${CANARIES.task}`);
	await laptop.wakes.reconcile();
	await until(laptop.sync, () => laptop.sync.status.pendingStreams === 0);
	const pushed = await service.first;

	// All of it went through the relay: another device has it.
	await using phone = await openDevice({ relay: relay.url, words: laptop.words });
	await until(phone.space.files, async () => (await phone.space.files.read(file.path)).ok);
	expect(phone.space.directory.spaceName()).toBe(CANARIES.space);

	const metrics = await (await fetch(`${relay.url}/metrics`)).text();
	const places = new Map([
		['its log', Buffer.from(relay.log())],
		['/metrics', Buffer.from(metrics)],
		['the push as it travels', pushed],
		['the push as the browser opens it', Buffer.from(browser.open(pushed))],
	]);
	for (const name of await readdir(relay.dataDir)) places.set(name, await readFile(join(relay.dataDir, name)));
	expect([...places.keys()]).toContain('relay.sqlite-wal');
	// What is there in plain is found where it is looked for: the address that pushes go to.
	expect(found(`${service.origin}/push`, places)).not.toEqual([]);
	for (const canary of Object.values(CANARIES)) expect(found(canary, places)).toEqual([]);
}, 60_000);

/** Places that hold a text, in whatever case, as UTF-8, UTF-16 or base64. */
function found(text: string, places: ReadonlyMap<string, Buffer>): string[] {
	const forms = [Buffer.from(text), Buffer.from(text, 'utf16le')].flatMap((bytes) => [bytes, ...base64FormsOf(bytes)]);
	return [...places].filter(([, bytes]) => forms.some((form) => holds(bytes, form))).map(([name]) => name);
}

function holds(bytes: Buffer, form: Buffer): boolean {
	return bytes.includes(form) || bytes.toString('latin1').toLowerCase().includes(form.toString('latin1'));
}

/** What base64 makes of it in the middle of something else, without the characters that depend on what is around it. */
function base64FormsOf(bytes: Buffer): Buffer[] {
	return [0, 1, 2].map((before) => {
		const text = Buffer.concat([Buffer.alloc(before), bytes])
			.toString('base64url')
			.replace(/=+$/, '');
		return Buffer.from(text.slice(before === 0 ? 0 : before + 1, -2));
	});
}

function behind(ms: number): Clock {
	const system = createSystemClock();
	return { ...system, now: () => system.now() - ms };
}

/** Takes pushes; the body of the first one is `first`. */
async function startPushService() {
	const arrived = Promise.withResolvers<Buffer>();
	const server = createServer(async (request, response) => {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk);
		response.writeHead(201).end();
		arrived.resolve(Buffer.concat(chunks));
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	return {
		origin: `http://127.0.0.1:${port}`,
		first: arrived.promise,
		async [Symbol.asyncDispose]() {
			server.close();
		},
	};
}
