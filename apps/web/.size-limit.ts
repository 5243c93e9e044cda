import { existsSync, readFileSync } from 'node:fs';

/**
 * The budget of the first load: every script that index.html makes the browser fetch before the chat can be used, which is
 * the entry and all it imports statically, as Vite's manifest says. `npm run size -w @pocketeer/web` after a build.
 */
interface ManifestChunk {
	readonly file: string;
	readonly imports?: readonly string[];
}

const dist = new URL('dist/', import.meta.url);
const manifestFile = new URL('.vite/manifest.json', dist);
if (!existsSync(manifestFile)) throw new Error('There is no build to measure: run npm run build first.');
const manifest: Readonly<Record<string, ManifestChunk>> = JSON.parse(readFileSync(manifestFile, 'utf8'));

const files = new Set<string>();
collect('index.html');

function collect(name: string): void {
	const chunk = manifest[name];
	if (!chunk) throw new Error(`The build's manifest does not know ${name}.`);
	if (files.has(chunk.file)) return;
	files.add(chunk.file);
	for (const imported of chunk.imports ?? []) collect(imported);
}

export default [
	{
		name: 'JavaScript of the first load',
		path: [...files].map((file) => `dist/${file}`),
		limit: '150 kB',
		gzip: true,
	},
];
