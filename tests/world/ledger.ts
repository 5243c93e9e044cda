import * as Y from 'yjs';

/**
 * What was typed, kept apart from everything under test: each edit as the update it made, and whether it must be there in
 * the end. The end of a schedule is compared with a fold of these edits that knows nothing of logs, cursors or snapshots.
 */
export interface Ledger {
	/** Notes an edit; `saved` resolves true once the device said that it is on disk. */
	typed(stream: string, update: Uint8Array, saved: Promise<boolean>): void;
	/**
	 * Something that held edits was destroyed. What nobody holds any more, `holders` being all that is left, is lost by
	 * nobody's fault.
	 */
	destroyed(holders: readonly Holder[]): void;
	/** What must be there and is not, in words; the text that the edits in `doc` make when nothing but Yjs is asked. */
	compare(stream: string, doc: Y.Doc): { readonly lost: readonly string[]; readonly expected: DocContent };
	readonly size: number;
}

/** Documents somebody has: a disk or the relay, by stream. */
export type Holder = ReadonlyMap<string, Y.Doc>;

/** All that a document says, as plain values. */
export interface DocContent {
	readonly text: string;
	readonly records: readonly unknown[];
	readonly map: Readonly<Record<string, unknown>>;
}

interface Edit {
	readonly stream: string;
	readonly update: Uint8Array;
	readonly client: number;
	/** Clock behind the edit's last struct: a document whose state vector reaches it holds the edit. */
	readonly end: number;
	isKept: boolean;
	isLostForGood: boolean;
}

/** Starts with nothing typed. */
export function createLedger(): Ledger {
	const edits: Edit[] = [];

	return {
		typed(stream, update, saved) {
			const [[client, end] = []] = Y.parseUpdateMeta(update).to;
			if (client === undefined || end === undefined) throw new Error('an edit without a struct proves nothing');
			const edit: Edit = { stream, update, client, end, isKept: false, isLostForGood: false };
			edits.push(edit);
			void saved.then((isSaved) => {
				edit.isKept = isSaved;
			});
		},
		destroyed(holders) {
			const vectors = holders.map((holder) => new Map([...holder].map(([stream, doc]) => [stream, stateOf(doc)])));
			for (const edit of edits) {
				const isHeld = vectors.some((byStream) => (byStream.get(edit.stream)?.get(edit.client) ?? 0) >= edit.end);
				if (!isHeld) edit.isLostForGood = true;
			}
		},
		compare(stream, doc) {
			const state = stateOf(doc);
			const own = edits.filter((edit) => edit.stream === stream);
			const isIn = (edit: Edit) => (state.get(edit.client) ?? 0) >= edit.end;
			const missing = own.filter((edit) => edit.isKept && !edit.isLostForGood && !isIn(edit));
			const fold = new Y.Doc();
			for (const { update } of own.filter(isIn)) Y.applyUpdate(fold, update);
			return { lost: missing.map(({ client, end }) => `${stream} ${client}/${end}`), expected: contentOf(fold) };
		},
		get size() {
			return edits.length;
		},
	};
}

/** What a document says. */
export function contentOf(doc: Y.Doc): DocContent {
	return {
		text: doc.getText('text').toString(),
		records: doc.getArray('records').toJSON(),
		// In an order of its own: that of a Y.Map is the order in which updates came.
		map: Object.fromEntries(Object.entries(doc.getMap('map').toJSON()).toSorted(([a], [b]) => (a < b ? -1 : 1))),
	};
}

function stateOf(doc: Y.Doc): Map<number, number> {
	return Y.decodeStateVector(Y.encodeStateVector(doc));
}
