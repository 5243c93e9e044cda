import type { Agent, Answerers, LineAttendant, Models } from '../agent/agent.ts';
import { type AgentOptions, createAgent } from '../agent/create-agent.ts';
import type { Spend } from '../agent/spend/spend.ts';
import type { Tool } from '../agent/tool.ts';
import type { Claims } from '../agent/turn/claims.ts';
import type { DeviceId, LineId, PersonId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Model } from '../ports/model.ts';
import type { Store } from '../ports/store.ts';
import { createSpace } from '../space/create-space.ts';
import type { LineRecord, RunRecord, TurnOutcome } from '../space/records.ts';
import type { Blobs, Files, Lines, OpenLine, Runs, Space } from '../space/space.ts';
import { type ClaimsConnection, createMemoryClaims, type MemoryClaims } from './memory-claims.ts';
import { createMemoryDocs, type MemoryDocs } from './memory-docs.ts';
import { createMemoryStore, type MemoryDisk, type MemoryStore } from './memory-store.ts';
import { createMemoryTabs, type MemoryTabs } from './memory-tabs.ts';
import { createSeededRandom, type SeededRandom } from './seeded-random.ts';
import { createTestClock, type TestClock } from './test-clock.ts';

/** One device with a real space in memory, on which tabs with agents are opened and killed. */
export interface AgentWorld extends Disposable {
	readonly clock: TestClock;
	readonly space: Space;
	readonly docs: MemoryDocs;
	readonly disk: MemoryDisk;
	readonly line: LineId;
	readonly random: SeededRandom;
	/** The device's connection to the relay, as far as claims go. */
	readonly claims: ClaimsConnection;
	/** Opens a tab; its agent shares the space with every other tab. */
	open(options: TabOptions): AgentTab;
	records(): readonly LineRecord[];
	/** Outcomes of the line's turns, in the order they ended. */
	outcomes(): readonly TurnOutcome[];
	runs(): Promise<readonly RunRecord[]>;
	/** Lets everything run that waits for no timer. */
	settle(): Promise<void>;
	/** Resolves when no blob is on its way to disk: their names are hashed beside the test clock. Whether one was. */
	hashed(): Promise<boolean>;
}

/** A tab: an agent that can be killed, or frozen by the browser, at any of its effects. */
export interface AgentTab {
	readonly agent: Agent & LineAttendant;
	readonly store: MemoryStore;
	/** Effects so far: records, blobs and values put, changes taken back, tools run, events of the model, words with the relay. */
	readonly effects: number;
	/** The process is gone: nothing it would still do happens. */
	kill(): void;
	readonly isDead: boolean;
	/** The browser stops the tab where it is; timers and news wait. */
	freeze(): void;
	/** It goes on from where it was stopped. */
	thaw(): void;
	readonly isFrozen: boolean;
}

export interface TabOptions extends Partial<Omit<AgentOptions, 'tools'>> {
	readonly model: Model | ((...asked: Parameters<Models['choose']>) => Model);
	readonly tools?: readonly Tool[];
	/** Counts what turns cost; nobody does when left out. */
	readonly spend?: Spend;
	/** Dies at this effect, counted from 1: before it happens, or after it happened and before anybody hears of it. */
	readonly dieAt?: Moment;
	/** The same, frozen instead of killed. */
	readonly freezeAt?: Moment;
	/** Says who answers what is sent; default: this device. */
	readonly answerers?: Answerers;
	/** From now on records cannot be stored. */
	readonly isDiskFull?: () => boolean;
}

/** One effect of a tab, counted from 1: before it happens, or after it happened and before anybody hears of it. */
export interface Moment {
	readonly effect: number;
	readonly when: 'before' | 'after';
}

export interface WorldOptions {
	readonly seed?: number;
	readonly docs?: MemoryDocs;
	readonly device?: string;
	readonly person?: string;
	readonly clock?: TestClock;
	readonly log?: Log;
	/** A relay shared with other devices; default: one of its own. */
	readonly relay?: MemoryClaims;
}

const SILENT: Log = { info() {}, warn() {} };

/** Opens a device with one line, "chat". */
export async function createAgentWorld(options: WorldOptions = {}): Promise<AgentWorld> {
	const clock = options.clock ?? createTestClock();
	const random = createSeededRandom(options.seed ?? 1);
	const log = options.log ?? SILENT;
	const docs = options.docs ?? createMemoryDocs();
	const self = {
		device: (options.device ?? 'device-a') as DeviceId,
		person: (options.person ?? 'anna') as PersonId,
	};
	const opened = await createSpace({ docs, clock, random, self, log });
	if (!opened.ok) throw new Error(opened.error.type);
	const space = opened.value;
	const made = await space.lines.ensure('chat');
	if (!made.ok) throw new Error(made.error.type);
	const line = made.value.id;
	const view = await openLine(space.lines, line);
	const store = createMemoryStore();
	const tabs = createMemoryTabs();
	const claims = (options.relay ?? createMemoryClaims(clock)).connect(self.device);
	const puts = new Set<Promise<unknown>>();
	const blobs: Blobs = {
		...space.blobs,
		put(bytes) {
			const put = space.blobs.put(bytes);
			puts.add(put);
			return put.finally(() => puts.delete(put));
		},
	};

	return {
		clock,
		space,
		docs,
		disk: store.disk,
		line,
		random,
		claims,
		open: (tab) => openTab({ clock, random, log, space: { ...space, blobs }, tabs, claims, disk: store.disk }, tab),
		records: () => view.records(),
		outcomes: () => view.records().flatMap((record) => (record.kind === 'turn-end' ? [record.outcome] : [])),
		async runs() {
			const read = await space.runs.recent(1000);
			if (!read.ok) throw new Error(read.error.type);
			return read.value;
		},
		settle: () => clock.advance(0),
		async hashed() {
			const wasOne = puts.size > 0;
			while (puts.size > 0) await Promise.all(puts);
			return wasOne;
		},
		[Symbol.dispose]() {
			view[Symbol.dispose]();
			space[Symbol.dispose]();
		},
	};
}

async function openLine(lines: Lines, id: LineId): Promise<OpenLine> {
	const opened = await lines.open(id);
	if (!opened.ok) throw new Error(opened.error.type);
	return opened.value;
}

interface Device {
	readonly clock: TestClock;
	readonly random: SeededRandom;
	readonly log: Log;
	readonly space: Space;
	readonly tabs: MemoryTabs;
	readonly claims: Claims;
	readonly disk: MemoryDisk;
}

function openTab(device: Device, options: TabOptions): AgentTab {
	const { random, log, space, tabs, claims, disk } = device;
	const { model, tools = [], dieAt, freezeAt, isDiskFull, answerers, spend, ...limits } = options;
	const store = createMemoryStore(disk);
	const memoryTab = tabs.open();
	let effects = 0;
	let isDead = false;
	/** What waits for the tab to run again. */
	let frozen: PromiseWithResolvers<void> | undefined;

	const agent = createAgent(
		{
			clock: {
				...device.clock,
				setTimer: (delayMs, fire) => device.clock.setTimer(delayMs, () => awake(fire)),
			} satisfies Clock,
			random,
			log,
			self: space.self,
			directory: space.directory,
			files: { ...space.files, undo: (...asked) => effect(() => space.files.undo(...asked)) } satisfies Files,
			blobs: { ...space.blobs, put: (bytes) => effect(() => space.blobs.put(bytes)) } satisfies Blobs,
			lines: { ...space.lines, open: openGated },
			runs: { ...space.runs, append: (run) => effect(() => space.runs.append(run)) } satisfies Runs,
			store: { ...store, putValues: (entries) => effect(() => store.putValues(entries)) } satisfies Store,
			tabs: memoryTab,
			claims: {
				claim: (name) => effect(() => claims.claim(name)),
				release: (name) => effect(() => claims.release(name)),
				finish: (name, fence) => effect(() => claims.finish(name, fence)),
			} satisfies Claims,
			models: { choose: async (...asked) => gatedModel(typeof model === 'function' ? model(...asked) : model) },
			...(answerers && { answerers }),
			...(spend && { spend }),
		},
		{ ...limits, tools: tools.map((tool) => ({ ...tool, run: (...call) => effect(() => tool.run(...call)) })) },
	);

	return {
		agent,
		store,
		get effects() {
			return effects;
		},
		kill,
		get isDead() {
			return isDead;
		},
		freeze,
		thaw() {
			memoryTab.thaw();
			frozen?.resolve();
			frozen = undefined;
		},
		get isFrozen() {
			return frozen !== undefined;
		},
	};

	function kill(): void {
		isDead = true;
		store.kill();
		// The browser frees its locks.
		memoryTab.kill();
	}

	function freeze(): void {
		frozen ??= Promise.withResolvers();
		memoryTab.freeze();
	}

	async function effect<T>(run: () => Promise<T>): Promise<T> {
		await pass(undefined);
		effects++;
		const number = effects;
		await pass({ effect: number, when: 'before' });
		const result = await run();
		await pass({ effect: number, when: 'after' });
		return result;
	}

	/** Resolves when the tab runs on; never when it is dead. */
	async function pass(moment: Moment | undefined): Promise<void> {
		if (moment && isAt(dieAt, moment)) kill();
		if (moment && isAt(freezeAt, moment)) freeze();
		while (frozen && !isDead) await frozen.promise;
		if (isDead) await new Promise(() => {});
	}

	function isAt(moment: Moment | undefined, now: Moment): boolean {
		return moment?.effect === now.effect && moment.when === now.when;
	}

	function awake(then: () => void): void {
		if (isDead) return;
		if (frozen) void frozen.promise.then(() => awake(then));
		else then();
	}

	function gatedModel({ kind, id, stream }: Model): Model {
		return {
			kind,
			id,
			async *stream(...asked) {
				await effect(async () => {});
				for await (const event of stream(...asked)) {
					// That an event came is one more moment at which it may all end.
					await effect(async () => {});
					yield event;
				}
			},
		};
	}

	async function openGated(id: LineId): ReturnType<Lines['open']> {
		const opened = await space.lines.open(id);
		if (!opened.ok) return opened;
		const line = opened.value;
		const gated: OpenLine = {
			id: line.id,
			records: () => line.records(),
			append: (records) =>
				effect(async () => (isDiskFull?.() ? { ok: false, error: { type: 'QuotaExceeded' } } : line.append(records))),
			subscribe: (listener) => line.subscribe(() => awake(listener)),
			get needsUpdate() {
				return line.needsUpdate;
			},
			get hasOlder() {
				return line.hasOlder;
			},
			older: () => line.older(),
			[Symbol.dispose]: () => line[Symbol.dispose](),
		};
		return { ok: true, value: gated };
	}
}
