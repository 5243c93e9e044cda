import { readdir, readFile } from 'node:fs/promises';

/** The text of every test and contract suite, to look for titles in. */
export async function readTests(): Promise<string> {
	const texts: string[] = [];
	for (const folder of ['packages', 'apps', 'tests', 'e2e']) {
		const entries = await readdir(folder, { recursive: true, withFileTypes: true });
		for (const entry of entries) {
			const isTest = entry.isFile() && /(?:\.(?:test|spec)|-contract)\.tsx?$/.test(entry.name);
			if (!isTest || entry.parentPath.includes('node_modules')) continue;
			texts.push(await readFile(`${entry.parentPath}/${entry.name}`, 'utf8'));
		}
	}
	return texts.join('\n').replaceAll("\\'", "'");
}
