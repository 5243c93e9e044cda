import { createAnswering } from '@pocketeer/core/agent/line/answering';
import { indexLine, paidSteps } from '@pocketeer/core/agent/line/line-index';
import type { Dialer } from '@pocketeer/core/ports/socket';
import { createSystemClock } from '@pocketeer/core/system';
import { createScriptedModel } from '@pocketeer/core/testing/scripted-model';
import { startRelay } from '@pocketeer/sync/testing';
import { expect, test } from 'vitest';
import { createBrowserDialer } from '../apps/web/src/platform/dialer.ts';
import { type Device, expectOk, openDevice, until } from './support.ts';

const DOG = 'The dog is called Rex';
const LEASE_OVER_MS = 4 * 60_000;
const SILENT = { info() {}, warn() {} };

/**
 * A turn that two devices run without knowing of each other. The phone goes out of reach in the middle of an answer, the
 * laptop goes on after the lease, and the phone, which never stopped, brings back what it did.
 */
test('a turn that two devices ran is one turn, its file is written once, and what both paid is counted', () =>
	runOnBoth({ endsAway: false }));

test('so it is when the device that was away had ended the turn before it came back', () =>
	runOnBoth({ endsAway: true }));

async function runOnBoth({ endsAway }: { readonly endsAway: boolean }): Promise<void> {
	const time = createSystemClock();
	let ahead = 0;
	const clock = { ...time, now: () => time.now() + ahead };
	await using relay = await startRelay({ clock });
	const road = createRoad();
	const remember = (text: string, id: string) => ({ tools: [{ name: 'remember', input: { text }, id }] });
	const phoneModel = createScriptedModel([
		remember('The cat is called Miso', 'toolu_cat'),
		{ text: 'And the dog.', ...remember(DOG, 'toolu_dog_phone'), holdAfter: 3 },
		{ text: 'The phone noted both.', ...(endsAway ? {} : { holdAfter: 3 }) },
	]);
	const laptopModel = createScriptedModel([remember(DOG, 'toolu_dog_laptop'), { text: 'The laptop noted both.' }]);
	await using phone = await openDevice({ relay: relay.httpUrl, clock, model: phoneModel, dialer: road.dialer });
	await until(phone.sync, () => phone.sync.status.connection.type === 'online');
	await using laptop = await openDevice({ relay: relay.httpUrl, clock, model: laptopModel, words: phone.words });

	expectOk(await phone.agent.send({ line: phone.chat.id, text: 'We have a cat and a dog now' }));
	await phoneModel.held();
	await until(laptop.chat, () => laptop.chat.records().some((record) => record.kind === 'tool-step'));
	await memorySays(laptop, (text) => text.includes('Miso'));
	road.close();

	// The laptop waits for the lease, and no longer.
	expect(await laptop.agent.attend(laptop.chat.id)).toBeGreaterThan(clock.now());
	expect(laptopModel.requests).toHaveLength(0);
	ahead += LEASE_OVER_MS;
	await laptop.agent.attend(laptop.chat.id);
	expect(outcomes(laptop)).toEqual(['answered']);
	expect(await memory(laptop)).toContain(DOG);

	// The phone has heard of nothing, and does the same once more.
	phoneModel.release();
	if (endsAway) await until(phone.chat, () => outcomes(phone).length === 1);
	else await phoneModel.held();
	expect(await memory(phone)).toContain(DOG);

	const { lines } = phone.space;
	const { sync, agent } = phone;
	using _answering = createAnswering({ lines, clock, log: SILENT, sync, attendant: agent, hasModel: () => true });
	road.open();
	sync.wake();
	for (const device of [phone, laptop]) {
		await until(device.chat, () => device.chat.records().some(({ kind }) => kind === 'takeover'));
		await memorySays(device, (text) => text.split(DOG).length === 2);
		await until(device.chat, () => outcomes(device).length === 1 && paid(device) >= 4);
		expect((await memory(device)).match(/Miso/g)).toHaveLength(1);
		expect(answer(device)).toBe('The laptop noted both.');
	}
	await until(phone.sync, () => phone.sync.status.pendingStreams === 0);
	expect(await memory(phone)).toBe(await memory(laptop));
	await until(laptop.space.runs, async () => expectOk(await laptop.space.runs.recent(10)).length === 1);
	const [run] = expectOk(await laptop.space.runs.recent(10));
	expect(run?.outcome).toEqual({ type: 'answered' });
}

/** A way to the relay that can be closed and opened. */
function createRoad() {
	const open = new Set<() => void>();
	let isOpen = true;
	const dialer: Dialer = {
		dial(url, events) {
			if (!isOpen) {
				queueMicrotask(() => events.closed({ code: 1006, reason: '' }));
				return { send() {}, bufferedBytes: 0, [Symbol.dispose]() {} };
			}
			const socket = createBrowserDialer().dial(url, events);
			open.add(() => {
				socket[Symbol.dispose]();
				events.closed({ code: 1006, reason: '' });
			});
			return socket;
		},
	};
	return {
		dialer,
		open() {
			isOpen = true;
		},
		close() {
			isOpen = false;
			for (const close of open) close();
			open.clear();
		},
	};
}

function turnOf({ chat }: Device) {
	const [turn, ...others] = indexLine(chat.records()).turns.values();
	if (!turn || others.length > 0) throw new Error('not one turn');
	return turn;
}

function outcomes({ chat }: Device) {
	return [...indexLine(chat.records()).turns.values()].flatMap(({ end }) => (end ? [end.outcome.type] : []));
}

function paid(device: Device): number {
	return paidSteps(turnOf(device)).length;
}

function answer(device: Device): string {
	const content = turnOf(device).modelSteps.at(-1)?.content ?? [];
	return content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

async function memory({ space }: Device): Promise<string> {
	const read = await space.files.read('notes/memory.md');
	return read.ok ? read.value.text : '';
}

/** Resolves once the note says so; like an editor, it has the file open while it waits. */
async function memorySays({ space }: Device, is: (text: string) => boolean): Promise<void> {
	await until(space.files, () => space.files.find('notes/memory.md') !== undefined);
	using file = expectOk(await space.files.open('notes/memory.md'));
	const changed = {
		subscribe(listener: () => void) {
			file.text.observe(listener);
			return { [Symbol.dispose]: () => file.text.unobserve(listener) };
		},
	};
	await until(changed, () => is(file.text.toString()));
}
