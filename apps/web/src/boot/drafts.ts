import type { ClockDep } from '@pocketeer/core/ports/clock';
import type { StoreDep } from '@pocketeer/core/ports/store';
import type { Attachment } from '@pocketeer/core/space/records';
import type { Drafts } from '../app.ts';

/** Where a draft rests when the page may be gone before a database write ends: written at once, or not at all. */
export interface LastChance {
	read(key: string): string | null;
	/** May fail silently when the text is larger than what the browser keeps there. */
	write(key: string, text: string): void;
	remove(key: string): void;
}

/** A pause this short is not noticed and spares the disk a write per key; half a second is the promise. */
const QUIET_MS = 300;

/** Keeps what was typed and not sent; `flush` must be called when the page hides. */
export function createDrafts(
	deps: ClockDep & StoreDep & { readonly lastChance: LastChance },
): Drafts & { flush(): void } {
	const unsaved = new Map<string, string>();
	let timer: Disposable | undefined;

	const save = async () => {
		timer = undefined;
		const writing = new Map(unsaved);
		const entries = Object.fromEntries(
			[...writing].map(([line, text]) => [keyOf(line), text === '' ? undefined : text]),
		);
		const kept = await deps.store.putValues(entries);
		for (const [line, text] of writing) {
			if (!kept.ok) {
				// The database is full or gone: the small store may still have room for a draft.
				deps.lastChance.write(keyOf(line), text);
				continue;
			}
			if (unsaved.get(line) === text) {
				unsaved.delete(line);
				deps.lastChance.remove(keyOf(line));
			}
		}
	};

	return {
		async read(line) {
			const typed = unsaved.get(line);
			if (typed !== undefined) return typed;
			const rescued = deps.lastChance.read(keyOf(line));
			if (rescued !== null) return rescued;
			const kept = await deps.store.value(keyOf(line));
			return kept.ok && typeof kept.value === 'string' ? kept.value : '';
		},
		write(line, text) {
			unsaved.set(line, text);
			// Not restarted by each key: someone who types on and on would never be saved.
			timer ??= deps.clock.setTimer(QUIET_MS, () => void save());
		},
		async readFiles(line) {
			const kept = await deps.store.value(filesKeyOf(line));
			// Written by `writeFiles` and by nobody else.
			return kept.ok && Array.isArray(kept.value) ? (kept.value as readonly Attachment[]) : [];
		},
		writeFiles(line, files) {
			// At once: their bytes are on disk already, and each stands for more work than a few words.
			void deps.store.putValues({ [filesKeyOf(line)]: files.length === 0 ? undefined : files });
		},
		flush() {
			for (const [line, text] of unsaved) deps.lastChance.write(keyOf(line), text);
			timer?.[Symbol.dispose]();
			if (unsaved.size > 0) void save();
		},
	};
}

function keyOf(line: string): string {
	return `draft/${line}`;
}

/** The id of a line has no slash: nothing a draft of text is kept under. */
function filesKeyOf(line: string): string {
	return `${keyOf(line)}/files`;
}

/** The last chance in this browser: localStorage, which is written before `setItem` returns. */
export function localStorageLastChance(space: string): LastChance {
	const full = (key: string) => `pocketeer/${space}/${key}`;
	const attempt = <T>(use: () => T, otherwise: T): T => {
		try {
			return use();
		} catch {
			// Storage may be forbidden or full; the database copy is then the only one.
			return otherwise;
		}
	};
	return {
		read: (key) => attempt(() => localStorage.getItem(full(key)), null),
		write: (key, text) => attempt(() => localStorage.setItem(full(key), text), undefined),
		remove: (key) => attempt(() => localStorage.removeItem(full(key)), undefined),
	};
}
