import { NEWER_FORM } from '../forms/forms.ts';
import type { StreamName } from '../ids.ts';
import type { StoreError } from '../ports/store.ts';
import { err, ok, type Result } from '../result.ts';
import type { OpenDoc } from '../space/space.ts';
import { openStreamDoc, type StreamDoc, type StreamDocDeps } from './stream-doc.ts';

/** The documents this tab has open, each once however many use it. */
export interface OpenDocs extends AsyncDisposable {
	open(stream: StreamName): Promise<Result<OpenDoc, StoreError>>;
	/** Shows updates that entered the store elsewhere; nothing to do where the document is not open. */
	deliver(stream: StreamName, updates: readonly Uint8Array[]): void;
	/** Catches up with the store after this tab was frozen. */
	refresh(): Promise<void>;
	has(stream: StreamName): boolean;
	streams(): readonly StreamName[];
	/** Resolves when no document is being loaded. */
	idle(): Promise<void>;
}

interface Slot {
	users: number;
	loading: Promise<Result<StreamDoc, StoreError>>;
	loaded: StreamDoc | undefined;
	/** What came in while the document was being read. */
	early: Uint8Array[];
}

/** Makes the registry of a tab; `closed` hears of each document that nobody uses any more. */
export function createOpenDocs(deps: StreamDocDeps & { closed?(): void }): OpenDocs {
	const slots = new Map<StreamName, Slot>();

	return {
		async open(stream) {
			const slot = slots.get(stream) ?? start(stream);
			slot.users++;
			const loaded = await slot.loading;
			if (loaded.ok) return ok(handle(stream, slot, loaded.value));
			slot.users--;
			return loaded;
		},
		deliver(stream, updates) {
			const slot = slots.get(stream);
			if (slot?.loaded) slot.loaded.deliver(updates);
			else slot?.early.push(...updates);
		},
		async refresh() {
			await Promise.all([...slots.values()].map((slot) => slot.loaded?.refresh()));
		},
		has: (stream) => slots.has(stream),
		streams: () => [...slots.keys()],
		async idle() {
			for (;;) {
				const loading = [...slots.values()].filter(({ loaded }) => !loaded);
				if (loading.length === 0) return;
				await Promise.all(loading.map((slot) => slot.loading));
			}
		},
		async [Symbol.asyncDispose]() {
			await deps.recorder.settled();
			for (const slot of slots.values()) slot.loaded?.[Symbol.dispose]();
			slots.clear();
		},
	};

	function start(stream: StreamName): Slot {
		const slot: Slot = { users: 0, loading: load(), loaded: undefined, early: [] };
		slots.set(stream, slot);
		return slot;

		async function load(): Promise<Result<StreamDoc, StoreError>> {
			const opened = await openStreamDoc(deps, stream);
			if (!opened.ok) {
				slots.delete(stream);
				return opened;
			}
			slot.loaded = opened.value;
			opened.value.deliver(slot.early.splice(0));
			return opened;
		}
	}

	function handle(stream: StreamName, slot: Slot, loaded: StreamDoc): OpenDoc {
		let isOpen = true;
		return {
			doc: loaded.doc,
			saved: () => (loaded.isReadOnly ? NOT_KEPT : deps.recorder.settled()),
			[Symbol.dispose]() {
				if (!isOpen) return;
				isOpen = false;
				slot.users--;
				if (slot.users === 0) void unload(stream, slot);
			},
		};
	}

	/** Once everything is on disk; until then the document stays, so that opening it again shows all of it. */
	async function unload(stream: StreamName, slot: Slot): Promise<void> {
		await deps.recorder.settled();
		if (slot.users > 0 || slots.get(stream) !== slot || deps.recorder.isHolding(stream)) return;
		slots.delete(stream);
		slot.loaded?.[Symbol.dispose]();
		deps.closed?.();
	}
}

/** The answer to changes of a document that only a newer build may change. */
const NOT_KEPT = Promise.resolve(err({ type: 'StoreUnavailable', reason: NEWER_FORM }));
