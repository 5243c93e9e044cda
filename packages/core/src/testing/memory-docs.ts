import * as Y from 'yjs';
import { createEmitter } from '../emitter.ts';
import type { StreamName } from '../ids.ts';
import type { StoreError } from '../ports/store.ts';
import { err, ok } from '../result.ts';
import type { Docs, OpenDoc } from '../space/space.ts';

/** Documents of one imaginary device, in memory, for tests. Nothing travels until `linkDocs(…).flush()`. */
export interface MemoryDocs extends Docs {
	/** Streams that hold anything or are open. */
	streams(): readonly StreamName[];
	/** How many handles of a stream are open now; tests prove with it that nothing leaks. */
	handles(stream: StreamName): number;
	/** From now on `saved()` and, when said so, `open()` answer with this error; undefined heals the disk. */
	failWith(error: StoreError | undefined, where?: 'saves' | 'opens and saves'): void;
	/** Everything a stream holds, as one update. */
	encode(stream: StreamName, since?: Uint8Array): Uint8Array;
	/** What this device knows of a stream, as a state vector. */
	stateVector(stream: StreamName): Uint8Array;
	/** Lets an update in as if it came from another device. */
	receive(stream: StreamName, update: Uint8Array): void;
}

/** Two devices that exchange documents when told to. */
export interface DocsLink {
	/** Exchanges everything both ways, `home` last so that a file is never named before its text is there. */
	flush(): void;
	/** Exchanges one stream only: the way to test what arrives in an unlucky order. */
	flushStream(stream: StreamName): void;
}

/** Makes documents that behave like the sync client's, without disk, keys or relay. */
export function createMemoryDocs(): MemoryDocs {
	const kept = new Map<StreamName, Uint8Array>();
	const live = new Map<StreamName, { readonly doc: Y.Doc; handles: number }>();
	const arrivals = createEmitter<StreamName>();
	let failure: { readonly error: StoreError; readonly where: 'saves' | 'opens and saves' } | undefined;

	return {
		async open(stream) {
			if (failure?.where === 'opens and saves') return err(failure.error);
			return ok(openHandle(stream));
		},
		follow() {},
		async caughtUp() {},
		onArrival: (listener) => arrivals.subscribe(listener),
		streams: () => [...new Set([...kept.keys(), ...live.keys()])].sort(),
		handles: (stream) => live.get(stream)?.handles ?? 0,
		failWith(error, where = 'saves') {
			failure = error && { error, where };
		},
		encode: (stream, since) => withDoc(stream, (doc) => Y.encodeStateAsUpdate(doc, since)),
		stateVector: (stream) => withDoc(stream, (doc) => Y.encodeStateVector(doc)),
		receive(stream, update) {
			withDoc(stream, (doc) => Y.applyUpdate(doc, update, 'remote'));
			arrivals.emit(stream);
		},
	};

	function openHandle(stream: StreamName): OpenDoc {
		const entry = live.get(stream) ?? { doc: load(stream), handles: 0 };
		entry.handles++;
		live.set(stream, entry);
		let isOpen = true;
		return {
			doc: entry.doc,
			async saved() {
				return failure ? err(failure.error) : ok();
			},
			[Symbol.dispose]() {
				if (!isOpen) return;
				isOpen = false;
				entry.handles--;
				if (entry.handles > 0) return;
				// Unloading at once, as no real client would, finds those who use a document after disposing of it.
				kept.set(stream, Y.encodeStateAsUpdate(entry.doc));
				live.delete(stream);
				entry.doc.destroy();
			},
		};
	}

	function load(stream: StreamName): Y.Doc {
		const doc = new Y.Doc();
		const update = kept.get(stream);
		if (update) Y.applyUpdate(doc, update, 'store');
		return doc;
	}

	function withDoc<T>(stream: StreamName, use: (doc: Y.Doc) => T): T {
		using handle = openHandle(stream);
		return use(handle.doc);
	}
}

/** Connects two devices' documents; nothing moves until flushed, so a test decides what was concurrent. */
export function linkDocs(a: MemoryDocs, b: MemoryDocs): DocsLink {
	return {
		flush() {
			const streams = new Set([...a.streams(), ...b.streams()]);
			const homeLast = [...streams].sort((x, y) => Number(x === 'home') - Number(y === 'home'));
			for (const stream of homeLast) exchange(stream);
		},
		flushStream: exchange,
	};

	function exchange(stream: StreamName): void {
		const toB = a.encode(stream, b.stateVector(stream));
		const toA = b.encode(stream, a.stateVector(stream));
		b.receive(stream, toB);
		a.receive(stream, toA);
	}
}
