import type * as Y from 'yjs';
import type { StreamName } from '../ids.ts';

/**
 * Forms of documents. Each kind of stream has a form, a number that grows when what its documents hold must be read
 * differently; what can grow by new kinds and optional fields (`space/records.ts`) needs none. A document carries its form
 * in its root map `form` under the key `form`, absent for 1, so that it travels with the document. Today all are 1.
 *
 * `docs/decisions/2026-11-20-forms-of-documents.md` says why it is done like this.
 */
export type StreamKind = 'home' | 'file' | 'history' | 'line' | 'runs';

/** One step from a form to the next. */
export interface Migration {
	/**
	 * Changes a document of the form before into this one. It is run on every device that meets the document, perhaps on
	 * different states of it, and again where `hasLate` says so: it must take nothing from clock, chance or device,
	 * write under keys that follow from what it reads (never append to a sequence), and leave what it reads in place.
	 */
	migrate(doc: Y.Doc): void;
	/** Whether something in the older form came in after the document was migrated, from a device that was offline. */
	hasLate?(doc: Y.Doc): boolean;
}

/** The steps of each kind: the first leads from form 1 to 2. The newest form is one more than there are steps. */
export type Forms = Readonly<Record<StreamKind, readonly Migration[]>>;

/** What this build knows. Steps are only ever added at the end. */
export const FORMS: Forms = { home: [], file: [], history: [], line: [], runs: [] };

/** Said wherever a document of a newer form was to be changed. */
export const NEWER_FORM = 'This was written by a newer Pocketeer. Update Pocketeer to change it.';

/** Keys of the store under which documents are as they were before a migration. */
export const COPY_PREFIX = 'copies/';

const ROOT = 'form';
const KEY = 'form';

/** The steps that this build knows for a stream; none for a kind it does not know. */
export function stepsOf(stream: StreamName, forms: Forms = FORMS): readonly Migration[] {
	const [kind = ''] = stream.split('/');
	return isKind(kind, forms) ? forms[kind] : [];
}

/** The form of a document; what is no number is left to a newer build. */
export function formOf(doc: Y.Doc): number {
	const form = doc.getMap(ROOT).get(KEY) ?? 1;
	return typeof form === 'number' && Number.isSafeInteger(form) && form >= 1 ? form : Number.POSITIVE_INFINITY;
}

/** Whether a document is to be read only, because this build does not know its form. */
export function isNewerForm(stream: StreamName, doc: Y.Doc, forms: Forms = FORMS): boolean {
	return formOf(doc) > stepsOf(stream, forms).length + 1;
}

/** Says what form a document has; part of the transaction that gives it that form, the first one of a new document included. */
export function putForm(doc: Y.Doc, form: number): void {
	if (formOf(doc) !== form) doc.getMap(ROOT).set(KEY, form);
}

function isKind(kind: string, forms: Forms): kind is StreamKind {
	return Object.hasOwn(forms, kind);
}
