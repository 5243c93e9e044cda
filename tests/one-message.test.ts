import { fromBase64Url } from '@pocketeer/core/bytes';
import { openWake } from '@pocketeer/core/crypto/wake-payload';
import type { PushEnvelope } from '@pocketeer/core/protocol/messages';
import { createTestClock } from '@pocketeer/core/testing/test-clock';
import { startRelay } from '@pocketeer/sync/testing';
import { expect, test } from 'vitest';
import { createPushReceiver } from '../apps/sync/src/push/open-push.ts';
import type { PushRequest } from '../apps/sync/src/push/push-client.ts';
import { expectOk, openDevice, say, until } from './support.ts';

/**
 * The journey of one message: typed → the line → the clerk → a tool → a file → a sealed wake at the relay → due → a push
 * to a phone on which no app is open, and the reminder on the line where one is.
 */
test('a reminder asked for in a sentence arrives twenty minutes later', async () => {
	// Friday, 20 November 2026, 11:00 in Athens, and time passes only when we say so.
	const clock = createTestClock();
	const pushes: PushRequest[] = [];
	await using relay = await startRelay({
		clock,
		pushClient: {
			async post(request) {
				pushes.push(request);
				return { status: 201, retryAfter: undefined };
			},
		},
	});
	await using laptop = await openDevice({ relay: relay.httpUrl, clock });
	await until(laptop.sync, () => laptop.sync.status.connection.type === 'online');

	// The browser made keys for pushes, and the relay knows where to send them.
	const browser = createPushReceiver();
	const { p256dh, auth } = browser;
	const endpoint = 'https://updates.push.services.mozilla.com/wpush/v2/laptop';
	expectOk(await laptop.sync.registerPush({ endpoint, p256dh, auth, appUrl: relay.httpUrl }));

	// Anna types. The message is on disk before anything else happens; then a turn of the agent loop begins.
	const turn = await say(laptop, 'remind me in 20 minutes to take the pasta off');
	expect(turn.map(({ kind }) => kind)).toEqual([
		'message',
		'epoch',
		'turn',
		'model-step', // the clerk, a model made of rules, asks for the tool `remind` …
		'tool-step', // … which did it, and left a receipt …
		'model-step', // … from which the clerk tells what happened
		'turn-end',
	]);
	const receipt = turn.flatMap((record) => (record.kind === 'tool-step' ? record.receipts : [])).at(0);
	const due = Date.parse('2026-11-20T11:20:00+02:00');
	expect(receipt).toMatchObject({ type: 'scheduled', path: 'tasks/take-the-pasta-off.md', due, zone: 'Europe/Athens' });

	// What the tool did was to write a file, which Anna may edit like any other.
	const task = expectOk(await laptop.space.files.read('tasks/take-the-pasta-off.md'));
	expect(task.text).toMatch(/^---\nwhen: 2026-11-20T11:20.*\n(.*\n)*---\ntake the pasta off\n?$/i);

	// From the file follows a wake at the relay. It knows when, and nothing else.
	await laptop.wakes.reconcile();
	const wake = await laptop.sync.wakes.list();
	expect([...expectOk(wake).values()].map(({ next }) => next)).toEqual([due]);

	// Twenty minutes pass. The relay looks at its clock every few seconds.
	clock.jump(20 * 60_000);
	await clock.advance(5_000);
	await relay.settled();

	// The laptop is told, and shows the reminder on the line it was asked for on.
	await until(laptop.chat, () => laptop.chat.records().some(({ kind }) => kind === 'reminder'));
	expect(laptop.chat.records().at(-1)).toMatchObject({ kind: 'reminder', due, text: expect.stringMatching(/pasta/) });

	// Where no app is open the push arrives: encrypted for that browser, and within, sealed for the space.
	expect(pushes).toHaveLength(1);
	const envelope: PushEnvelope = JSON.parse(browser.open(pushes[0]?.body ?? new Uint8Array()));
	expect(JSON.stringify(envelope)).not.toContain('pasta');
	const { space, wake: id, sealed } = envelope.notification.data;
	if (id === null) throw new Error('a wake, not a test push');
	const opened = await openWake(fromBase64Url(sealed), { place: { space, wake: id }, ring: laptop.identity.keyRing });
	expect(opened).toMatchObject({ title: expect.stringMatching(/take the pasta off/i), kind: 'reminder' });
});
