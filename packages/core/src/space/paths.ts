import { err, ok, type Result } from '../result.ts';

/** Longest path of a file, in UTF-16 units: it has to fit other systems when the space is exported. */
export const MAX_PATH_LENGTH = 200;

/** A path in its one valid form (NFC), or a sentence saying what is wrong with it. */
export function checkPath(path: string): Result<string, { readonly reason: string }> {
	const normal = path.normalize('NFC');
	const reason = whatIsWrong(normal);
	return reason ? err({ reason }) : ok(normal);
}

/** Equal for paths that some file system would not keep apart. */
export function pathKey(path: string): string {
	return path.normalize('NFC').toLowerCase();
}

/** `notes/a.md` as `notes/a (2).md`. */
export function markPath(path: string, mark: number): string {
	const dot = path.lastIndexOf('.');
	const end = dot > path.lastIndexOf('/') ? dot : path.length;
	const suffix = ` (${mark})${path.slice(end)}`;
	return truncateWellFormed(path.slice(0, end), MAX_PATH_LENGTH - suffix.length) + suffix;
}

/** Whether this is a page of the journal, `journal/YYYY-MM-DD.md`: such pages merge when made twice while apart. */
export function isJournalPage(path: string): boolean {
	return /^journal\/\d{4}-\d{2}-\d{2}\.md$/.test(path);
}

function whatIsWrong(path: string): string | undefined {
	if (path === '') return 'A file needs a path, such as notes/garden.md.';
	if (path.length > MAX_PATH_LENGTH) {
		return `The path has ${path.length} characters; at most ${MAX_PATH_LENGTH} are allowed.`;
	}
	if (!path.isWellFormed()) return 'The path holds half a character; write the name anew.';
	if (/[\p{Cc}\u2028\u2029]/u.test(path)) {
		return 'The path holds a control character; use letters, digits and hyphens.';
	}
	// Characters that turn or hide text let one name pass for another.
	if (/[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/.test(path)) {
		return 'The path holds an invisible character; use letters, digits and hyphens.';
	}
	if (path.includes('\\')) return 'Folders are separated by "/", not by a backslash.';
	if (path.startsWith('/')) return 'The path must be relative: leave out the "/" at its start.';
	if (path.endsWith('/')) return 'The path ends in "/"; it must name a file, such as notes/garden.md.';
	const reserved = /[<>:"|?*]/.exec(path);
	if (reserved) return `The path holds "${reserved[0]}", which not every system allows in names; leave it out.`;
	for (const part of path.split('/')) {
		const reason = whatIsWrongWithPart(part);
		if (reason) return reason;
	}
	return whatIsWrongWithExtension(path);
}

function whatIsWrongWithPart(part: string): string | undefined {
	if (part === '') return 'The path has an empty part: two "/" follow each other.';
	if (part === '..') return 'The path may not hold "..": files stay inside the workspace.';
	if (part === '.') return 'The path may not hold ".": write it without.';
	if (part.startsWith('.')) return `"${part}" starts with a dot; hidden names are not allowed.`;
	if (part !== part.trim()) return `"${part}" starts or ends with a space; remove it.`;
	if (part.endsWith('.')) return `"${part}" ends with a dot, which not every system can keep; remove it.`;
	// Device names of Windows, with or without an extension.
	if (/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(part))
		return `"${part}" is a reserved name on Windows; choose another.`;
	return undefined;
}

function whatIsWrongWithExtension(path: string): string | undefined {
	if (path.endsWith('.md') && !path.endsWith('/.md')) return undefined;
	if (path.endsWith('.js')) {
		return path.startsWith('scripts/') ? undefined : 'A .js file must lie in scripts/, such as scripts/changed.js.';
	}
	return 'A file name must end in .md (or in .js, inside scripts/).';
}

function truncateWellFormed(text: string, length: number): string {
	const cut = text.slice(0, length);
	// Half a surrogate pair at the cut would make the whole path invalid.
	return (cut.isWellFormed() ? cut : cut.slice(0, -1)).trimEnd();
}
