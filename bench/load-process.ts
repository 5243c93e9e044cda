import { randomBytes } from 'node:crypto';
import type { EntryId } from '@pocketeer/core/ids';
import { encodeClientMessage } from '@pocketeer/core/protocol/codec';
import {
	createLoadDevice,
	ENTRY_BYTES,
	forEachEntry,
	type Kept,
	type LoadDevice,
	type LoadEvents,
	markOf,
} from './load-device.ts';
import { type LoadAnswers, type LoadRequest, type LoadSpan, newLatencies, noteLatency } from './load-protocol.ts';
import { joinedRaw, makeRawSpace, openFromStart, type RawSpace, randomId, readMessage } from './raw-device.ts';
import { elapse } from './wait.ts';

/** A process full of devices, started by `fleet.ts`: so that neither the benchmark nor the relay pays for them. */

/** Founded at a time: none of them is cut off as one stranger too many. */
const FOUNDING_AT_ONCE = 32;
/** How often a paced load looks what is due. */
const TICK_MS = 2;
/** After the last append, what is under way comes back. */
const DRAIN_MS = 15_000;

interface SpaceInUse {
	readonly space: RawSpace;
	readonly devices: readonly LoadDevice[];
	/** Acknowledged entries, by number. */
	readonly kept: Map<number, string>;
}

let origin = '';
let spaces: readonly SpaceInUse[] = [];
/** What the devices do with what comes in; another for each request. */
let events: LoadEvents = silent();
/** Whether acknowledged entries are remembered, for `check`. */
let isKeeping = false;

process.on('message', (request: LoadRequest) => {
	answer(request).then(
		(value) => process.send?.({ value }),
		(error: unknown) => process.send?.({ error: String(error) }),
	);
});

function answer(request: LoadRequest): Promise<LoadAnswers[LoadRequest['type']]> {
	switch (request.type) {
		case 'found':
			return found(request);
		case 'connect':
			return connect(request.spreadMs);
		case 'append':
			return append(request);
		case 'append-until-cut':
			return appendUntilCut(request.window);
		case 'check':
			return check();
		case 'hang-up':
			return hangUp();
	}
}

function allDevices(): readonly LoadDevice[] {
	return spaces.flatMap(({ devices }) => devices);
}

async function found(request: Extract<LoadRequest, { type: 'found' }>): Promise<undefined> {
	origin = request.origin;
	const made: SpaceInUse[] = [];
	let begun = 0;
	const lanes = Array.from({ length: FOUNDING_AT_ONCE }, async () => {
		while (begun < request.spaces) {
			begun++;
			const space = await makeRawSpace(request.devices);
			await foundOne(space, request.entries);
			made.push(inUse(space));
		}
	});
	await Promise.all(lanes);
	spaces = made;
}

function inUse(space: RawSpace): SpaceInUse {
	const kept = new Map<number, string>();
	const forwarded: LoadEvents = {
		echoed(device, latencyMs, entry) {
			if (isKeeping) kept.set(entry.seq, entry.mark);
			events.echoed(device, latencyMs, entry);
		},
		arrived: (latencyMs) => events.arrived(latencyMs),
		cut: (device) => events.cut(device),
	};
	const devices = space.devices.map((_, index) => createLoadDevice({ origin, space, index }, forwarded));
	return { space, devices, kept };
}

async function foundOne(space: RawSpace, entries: number): Promise<void> {
	let pong: () => void = () => undefined;
	const socket = await joinedRaw(origin, { space, index: 0, isFounding: true }, (message) => {
		if (readMessage(message).type === 'pong') pong();
	});
	for (let count = 0; count < entries; count++) {
		const entry = new Uint8Array(randomBytes(ENTRY_BYTES));
		socket.send(encodeClientMessage({ type: 'append', stream: space.home, id: randomId<EntryId>(), entry }));
	}
	await new Promise<void>((resolve) => {
		pong = resolve;
		socket.send(encodeClientMessage({ type: 'ping' }));
	});
	socket.close();
}

async function connect(spreadMs: number): Promise<LoadAnswers['connect']> {
	const devices = allDevices();
	const redialsBefore = sum(devices, ({ redials }) => redials);
	const bytesBefore = sum(devices, ({ receivedBytes }) => receivedBytes);
	const started = performance.now();
	const moments: number[] = [];
	const arrive = async (device: LoadDevice) => {
		if (spreadMs > 0) await elapse(Math.random() * spreadMs);
		await device.arrive();
		moments.push(performance.now() - started);
	};
	await Promise.all(devices.map(arrive));
	return {
		halfMs: moments[Math.floor(moments.length / 2)] ?? 0,
		allMs: moments.at(-1) ?? 0,
		redials: sum(devices, ({ redials }) => redials) - redialsBefore,
		bytes: sum(devices, ({ receivedBytes }) => receivedBytes) - bytesBefore,
	};
}

async function append(request: Extract<LoadRequest, { type: 'append' }>): Promise<LoadAnswers['append']> {
	const devices = allDevices();
	const total = { appends: 0, echoes: 0 };
	let isOver = false;
	let span = newSpan();
	const send = (device: LoadDevice, at: number) => {
		total.appends++;
		device.append(at);
	};
	events = {
		echoed(device, latencyMs) {
			total.echoes++;
			span.echoes++;
			noteLatency(span.echo, latencyMs);
			if ('window' in request && !isOver) send(device, performance.now());
		},
		arrived: (latencyMs) => noteLatency(span.fanOut, latencyMs),
		cut() {
			throw new Error('the relay hung up');
		},
	};
	if ('window' in request) {
		for (const device of devices) for (let count = 0; count < request.window; count++) send(device, performance.now());
	}
	const pacer = 'perSecond' in request ? pace(devices, request.perSecond, send) : undefined;
	await elapse(request.warmUpMs);
	const spans: LoadSpan[] = [];
	while (spans.length < request.runs) {
		span = newSpan();
		const started = performance.now();
		await elapse(request.spanMs);
		const { echoes, echo, fanOut } = span;
		spans.push({ rate: (echoes * 1000) / (performance.now() - started), echo, fanOut });
	}
	isOver = true;
	clearInterval(pacer);
	const deadline = performance.now() + DRAIN_MS;
	while (total.echoes < total.appends) {
		if (performance.now() > deadline) throw new Error(`${total.appends - total.echoes} appends were not echoed`);
		await elapse(10);
	}
	events = silent();
	return { spans, appends: total.appends };
}

/** Sends what is due, of one device after the other; late or not, each counts from the moment it was due. */
function pace(
	devices: readonly LoadDevice[],
	perSecond: number,
	send: (device: LoadDevice, at: number) => void,
): NodeJS.Timeout {
	const started = performance.now();
	let sent = 0;
	return setInterval(() => {
		const due = ((performance.now() - started) * perSecond) / 1000;
		for (; sent < due; sent++) {
			const device = devices[sent % devices.length];
			if (device) send(device, started + (sent * 1000) / perSecond);
		}
	}, TICK_MS);
}

async function appendUntilCut(window: number): Promise<LoadAnswers['append-until-cut']> {
	const devices = allDevices();
	isKeeping = true;
	let acknowledged = 0;
	let open = devices.length;
	await new Promise<void>((resolve) => {
		events = {
			echoed(device) {
				acknowledged++;
				device.append(performance.now());
			},
			arrived: () => undefined,
			cut: () => --open === 0 && resolve(),
		};
		for (const device of devices) for (let count = 0; count < window; count++) device.append(performance.now());
	});
	events = silent();
	return { acknowledged };
}

async function check(): Promise<LoadAnswers['check']> {
	const result = { acknowledged: 0, missing: 0, present: 0 };
	for (const { space, kept } of spaces) {
		const found = await readHome(space);
		result.acknowledged += kept.size;
		result.present += found.size;
		for (const [seq, mark] of kept) if (found.get(seq) !== mark) result.missing++;
	}
	return result;
}

/** The marks of all entries of a space's home stream, by number. */
async function readHome(space: RawSpace): Promise<ReadonlyMap<number, Kept['mark']>> {
	const marks = new Map<number, string>();
	let end: () => void = () => undefined;
	const isThere = new Promise<void>((resolve) => {
		end = resolve;
	});
	const socket = await joinedRaw(origin, { space, index: 0 }, (bytes) => {
		const { type } = readMessage(bytes);
		if (type === 'entries') forEachEntry(bytes, (entry, seq) => marks.set(seq, markOf(entry)));
		if (type === 'head') end();
	});
	openFromStart(socket, space.home);
	await isThere;
	socket.close();
	return marks;
}

async function hangUp(): Promise<undefined> {
	for (const device of allDevices()) device.hangUp();
}

function newSpan() {
	return { echoes: 0, echo: newLatencies(), fanOut: newLatencies() };
}

function silent(): LoadEvents {
	return { echoed: () => undefined, arrived: () => undefined, cut: () => undefined };
}

function sum(devices: readonly LoadDevice[], of: (device: LoadDevice) => number): number {
	return devices.reduce((total, device) => total + of(device), 0);
}
