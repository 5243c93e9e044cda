import type { FileEntry } from '@pocketeer/core/space/space';
import { lineTitle } from '../chat/lines.ts';

/** What a person knows of a document, by the name of its stream: a file's path, a line, a month. */
export function describeStream(
	stream: string,
	known: {
		readonly files: readonly Pick<FileEntry, 'id' | 'path'>[];
		readonly lines: readonly { readonly id: string; readonly name: string }[];
	},
): string {
	const [kind = '', id = '', month = ''] = stream.split('/');
	const path = () => known.files.find((file) => file.id === id)?.path ?? 'a file that is not known here';
	switch (kind) {
		case 'home':
			return 'The list of files, lines, people and devices';
		case 'file':
			return path();
		case 'history':
			return `The history of ${path()}`;
		case 'line': {
			const line = known.lines.find((one) => one.id === id);
			return `The line “${line ? lineTitle(line) : id}”, ${month}`;
		}
		case 'runs':
			return `Activity of ${id}`;
		default:
			return stream;
	}
}
