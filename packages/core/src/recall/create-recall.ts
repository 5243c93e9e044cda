import MiniSearch from 'minisearch';
import type { FileId } from '../ids.ts';
import type { FileEntry, FilesDep } from '../space/space.ts';
import { type Passage, snippetOf, splitPassages } from './passages.ts';
import type { Recall, RecallHit } from './recall.ts';
import { fold, queryTermsOf, termsOf } from './terms.ts';

/** Longest snippet, in UTF-16 units. */
const SNIPPET_LENGTH = 400;
/** One long file must not fill the whole answer. */
const HITS_PER_FILE = 3;
/** Files read at a time. */
const BATCH = 50;

interface Indexed extends Passage {
	readonly id: string;
	readonly path: string;
	readonly file: FileId;
}

interface IndexedFile {
	readonly entry: FileEntry;
	readonly lines: readonly string[];
	readonly passages: readonly Indexed[];
}

/**
 * Makes a lexical search over the workspace. The index is built at the first search and brought up to date before
 * each, by the files' revisions; shipped defaults are left out until they are edited.
 */
export function createRecall(deps: FilesDep): Recall {
	const index = createIndex();
	const files = new Map<FileId, IndexedFile>();
	const passages = new Map<string, Indexed>();
	const unread = new Set<string>();
	let updating: Promise<void> = Promise.resolve();

	return {
		async search(query, limit) {
			const terms = queryTermsOf(query);
			if (terms.length === 0 || limit <= 0) return [];
			updating = updating.then(update, update);
			await updating;
			return best(terms, limit);
		},
		unread: () => [...unread].sort(),
	};

	async function update(): Promise<void> {
		const wanted = new Map(deps.files.list().flatMap((entry) => (entry.isDefault ? [] : [[entry.id, entry] as const])));
		for (const [id, { entry }] of files) {
			const present = wanted.get(id);
			if (!present || !isSame(present, entry)) forget(id);
		}
		unread.clear();
		const missing = [...wanted.values()].filter(({ id }) => !files.has(id));
		for (let from = 0; from < missing.length; from += BATCH) {
			await Promise.all(missing.slice(from, from + BATCH).map(learn));
		}
	}

	async function learn(entry: FileEntry): Promise<void> {
		const read = await deps.files.read(entry.path);
		// What cannot be read now is tried again at the next search.
		if (!read.ok) {
			unread.add(entry.path);
			return;
		}
		const { text } = read.value;
		const made = splitPassages(text).map((passage) => {
			return { ...passage, id: `${entry.id}/${passage.lineNumber}`, path: entry.path, file: entry.id };
		});
		files.set(entry.id, { entry, lines: text.split(/\r?\n/), passages: made });
		for (const passage of made) passages.set(passage.id, passage);
		index.addAll(made);
	}

	function forget(id: FileId): void {
		const known = files.get(id);
		if (!known) return;
		index.removeAll([...known.passages]);
		for (const passage of known.passages) passages.delete(passage.id);
		files.delete(id);
	}

	function best(terms: readonly string[], limit: number): readonly RecallHit[] {
		const hits: RecallHit[] = [];
		const said = new Set<string>();
		const perFile = new Map<FileId, number>();
		for (const { id, score } of index.search(terms.join(' '))) {
			const passage = passages.get(String(id));
			const file = passage && files.get(passage.file);
			if (!passage || !file) continue;
			const content = fold(passage.text)
				.replace(/[^\p{L}\p{N}]+/gu, ' ')
				.trim();
			const count = perFile.get(passage.file) ?? 0;
			if (said.has(content) || count >= HITS_PER_FILE) continue;
			said.add(content);
			perFile.set(passage.file, count + 1);
			hits.push({
				path: passage.path,
				lineNumber: passage.lineNumber,
				snippet: snippetOf(file.lines, passage, SNIPPET_LENGTH),
				score,
				touched: file.entry.touched,
			});
			if (hits.length >= limit) break;
		}
		return hits;
	}
}

function isSame(a: FileEntry, b: FileEntry): boolean {
	return a.revision === b.revision && a.arrivals === b.arrivals && a.path === b.path;
}

function createIndex(): MiniSearch<Indexed> {
	return new MiniSearch<Indexed>({
		fields: ['text', 'heading', 'path'],
		tokenize: (text) => [...termsOf(text)],
		processTerm: (term) => term,
		searchOptions: {
			// Terms come ready made; any of them may match, all of them together rank first.
			tokenize: (terms) => terms.split(' '),
			combineWith: 'OR',
			boost: { text: 1, heading: 1.3, path: 1.2 },
			// The last word may still be being typed.
			prefix: (term, position, terms) => position === terms.length - 1 && term.length >= 3,
			weights: { prefix: 0.2, fuzzy: 0 },
			// Short passages: PLATFORM.md, recall, tuned BM25.
			bm25: { k: 0.7, b: 0.2, d: 0.5 },
		},
	});
}
