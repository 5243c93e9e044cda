import type { Agent, Models } from '../agent/agent.ts';
import { type AgentOptions, createAgent } from '../agent/create-agent.ts';
import type { Tool } from '../agent/tool.ts';
import type { DeviceId, LineId, PersonId } from '../ids.ts';
import type { Log } from '../ports/log.ts';
import type { Model } from '../ports/model.ts';
import type { Store } from '../ports/store.ts';
import { createSpace } from '../space/create-space.ts';
import type { LineRecord, RunRecord, TurnOutcome } from '../space/records.ts';
import type { Lines, OpenLine, Runs, Space } from '../space/space.ts';
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
	/** Opens a tab; its agent shares the space with every other tab. */
	open(options: TabOptions): AgentTab;
	records(): readonly LineRecord[];
	/** Outcomes of the line's turns, in the order they ended. */
	outcomes(): readonly TurnOutcome[];
	runs(): Promise<readonly RunRecord[]>;
	/** Lets everything run that waits for no timer. */
	settle(): Promise<void>;
}

/** A tab: an agent that can be killed at any of its effects. */
export interface AgentTab {
	readonly agent: Agent;
	readonly store: MemoryStore;
	/** Effects so far: records appended, values put, tools run. */
	readonly effects: number;
	/** The process is gone: nothing it would still do happens. */
	kill(): void;
	readonly isDead: boolean;
}

export interface TabOptions extends Partial<Omit<AgentOptions, 'tools'>> {
	readonly model: Model | ((...asked: Parameters<Models['choose']>) => Model);
	readonly tools?: readonly Tool[];
	/** Dies at this effect, counted from 1: before it happens, or after it happened and before anybody hears of it. */
	readonly dieAt?: { readonly effect: number; readonly when: 'before' | 'after' };
	/** From now on records cannot be stored. */
	readonly isDiskFull?: () => boolean;
}

export interface WorldOptions {
	readonly seed?: number;
	readonly docs?: MemoryDocs;
	readonly device?: string;
	readonly person?: string;
	readonly clock?: TestClock;
	readonly log?: Log;
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

	return {
		clock,
		space,
		docs,
		disk: store.disk,
		line,
		random,
		open: (tab) => openTab({ clock, random, log, space, tabs, disk: store.disk }, tab),
		records: () => view.records(),
		outcomes: () => view.records().flatMap((record) => (record.kind === 'turn-end' ? [record.outcome] : [])),
		async runs() {
			const read = await space.runs.recent(1000);
			if (!read.ok) throw new Error(read.error.type);
			return read.value;
		},
		settle: () => clock.advance(0),
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
	readonly disk: MemoryDisk;
}

function openTab({ clock, random, log, space, tabs, disk }: Device, options: TabOptions): AgentTab {
	const { model, tools = [], dieAt, isDiskFull, ...limits } = options;
	const store = createMemoryStore(disk);
	const memoryTab = tabs.open();
	const releases = new Set<() => void>();
	let effects = 0;
	let isDead = false;

	const agent = createAgent(
		{
			clock,
			random,
			log,
			self: space.self,
			directory: space.directory,
			files: space.files,
			lines: { ...space.lines, open: openGated },
			runs: { ...space.runs, append: (run) => effect(() => space.runs.append(run)) } satisfies Runs,
			store: { ...store, putValues: (entries) => effect(() => store.putValues(entries)) } satisfies Store,
			// The browser frees a dead tab's locks; the memory tabs would hold them for a promise that never ends.
			tabs: { ...memoryTab, whileHolding: holdWhileAlive },
			models: { choose: async (...asked) => (typeof model === 'function' ? model(...asked) : model) },
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
	};

	function kill(): void {
		isDead = true;
		store.kill();
		for (const release of releases) release();
	}

	async function effect<T>(run: () => Promise<T>): Promise<T> {
		if (isDead) return new Promise(() => {});
		effects++;
		const dies = effects === dieAt?.effect ? dieAt.when : undefined;
		if (dies === 'before') kill();
		if (isDead) return new Promise(() => {});
		const result = await run();
		if (dies === 'after') kill();
		return isDead ? new Promise(() => {}) : result;
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
			subscribe: (listener) => line.subscribe(listener),
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

	async function holdWhileAlive<T>(name: string, work: () => Promise<T>): Promise<T | undefined> {
		if (isDead) return new Promise(() => {});
		const died = new Promise<undefined>((resolve) => releases.add(() => resolve(undefined)));
		return memoryTab.whileHolding(name, () => Promise.race([work(), died]));
	}
}
