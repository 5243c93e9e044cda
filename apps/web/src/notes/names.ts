import { checkPath } from '@pocketeer/core/space/paths';

/** What a typed name stands for: a path, or a sentence saying what is wrong with it. */
export type NamedPath =
	| { readonly type: 'path'; readonly path: string }
	| { readonly type: 'bad'; readonly reason: string }
	| { readonly type: 'empty' };

/** Makes a path of what a person typed: into `folder` unless a folder is named, `.md` unless an ending is. */
export function pathOfName(typed: string, folder: string): NamedPath {
	const name = typed.trim();
	if (name === '') return { type: 'empty' };
	const placed = name.includes('/') || folder === '' ? name : `${folder}/${name}`;
	const checked = checkPath(/\.(md|js)$/i.test(placed) || placed.endsWith('/') ? placed : `${placed}.md`);
	return checked.ok ? { type: 'path', path: checked.value } : { type: 'bad', reason: checked.error.reason };
}

/** What a new file begins with: a heading, or the form its folder asks for. */
export function firstText(path: string, tomorrow: string): string {
	if (path.startsWith('tasks/')) return `---\nwhen: ${tomorrow}T09:00\nkind: reminder\n---\n${titleOf(path)}\n`;
	if (path.startsWith('journal/') || path.endsWith('.js')) return '';
	return `# ${titleOf(path)}\n\n`;
}

function titleOf(path: string): string {
	const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.\w+$/, '');
	const words = name.replace(/[-_]+/g, ' ').trim() || name;
	return words.charAt(0).toUpperCase() + words.slice(1);
}
