import type { Tool } from '@pocketeer/core/agent/tool';
import type { Files, FilesDep } from '@pocketeer/core/space/space';
import * as v from 'valibot';
import { defineTool, done, refused } from './define-tool.ts';
import { count, text } from './fields.ts';
import { fileErrorOutcome } from './file-errors.ts';
import { fileKeys } from './file-keys.ts';
import { linesOf, markedBy, sourcesIn } from './untrusted.ts';

/** A page of a file: what a model reads with attention, and no more than a few thousand tokens. */
const PAGE_LINES = 1_000;
const PAGE_CHARACTERS = 20_000;

/** Reads a file, or a page of it. */
export function readFile(deps: FilesDep): Tool {
	return defineTool({
		name: 'read_file',
		description:
			'Reads a file of the workspace as it is now. Read a file before you edit or replace it. Long files come in pages of 1,000 lines: go on with offset. The first line of the result is a header, not part of the file.',
		input: v.strictObject({
			path: text('Path of the file, such as "notes/memory.md".'),
			offset: v.optional(count('First line to read, counted from 1. Default 1.', { from: 1, to: 1_000_000 })),
			limit: v.optional(count('Most lines to read. Default 1000.', { from: 1, to: PAGE_LINES })),
		}),
		example: { path: 'notes/memory.md' },
		isReadOnly: true,
		isIdempotent: true,
		worksOn: ({ path }) => fileKeys(path),
		async run({ path, offset = 1, limit = PAGE_LINES }) {
			const read = await deps.files.readMarked(path.trim());
			if (!read.ok) {
				return read.error.type === 'NoSuchFile' ? refused(missing(deps.files, path)) : fileErrorOutcome(read.error);
			}
			const file = read.value;
			const lines = file.text.split('\n');
			if (file.text.endsWith('\n')) lines.pop();
			if (file.text === '') return done(`${file.path}, empty, hash ${file.hash}`);
			if (offset > lines.length)
				return refused(`${file.path} has ${lines.length} lines; the argument "offset" is beyond them.`);
			const page = pageOf(lines.slice(offset - 1, offset - 1 + limit));
			const last = offset + page.length - 1;
			const where =
				offset === 1 && last === lines.length
					? `${lines.length} lines`
					: `lines ${offset} to ${last} of ${lines.length}`;
			const more = last < lines.length ? `\n(more: read on with offset ${last + 1})` : '';
			const places = linesOf(file.text);
			const sources = sourcesIn(file, places[offset - 1]?.from ?? 0, places[last - 1]?.to ?? file.text.length);
			return {
				...done(`${file.path}, ${where}, hash ${file.hash}\n\n${page.join('\n')}${more}`),
				...markedBy(sources),
			};
		},
	});
}

/** As many lines as fit; at least one, cut if need be. */
function pageOf(lines: readonly string[]): readonly string[] {
	let size = 0;
	const fitting = lines.findIndex((line) => {
		size += line.length + 1;
		return size > PAGE_CHARACTERS;
	});
	if (fitting < 0) return lines;
	return fitting > 0 ? lines.slice(0, fitting) : [`${lines[0]?.slice(0, PAGE_CHARACTERS)}… (this line is cut)`];
}

function missing(files: Files, path: string): string {
	const name =
		path
			.toLowerCase()
			.split('/')
			.at(-1)
			?.replace(/\.\w+$/, '') ?? '';
	const similar = name === '' ? [] : files.list().filter((file) => file.path.toLowerCase().includes(name));
	const hint =
		similar.length > 0
			? `Similar: ${similar
					.slice(0, 5)
					.map((file) => file.path)
					.join(', ')}.`
			: 'list_files shows what there is.';
	return `There is no file ${path}. ${hint}`;
}
