import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { iconNames } from './src/icons/names.ts';

/** Draws `src/icons/sprite.svg` from the icons named in `src/icons/names.ts`: `npm run icons -w @pocketeer/web`. */

const folder = dirname(fileURLToPath(import.meta.resolve('lucide-static/icons/x.svg')));
const symbols = await Promise.all(
	iconNames.map(async (name) => {
		const svg = await readFile(join(folder, `${name}.svg`), 'utf8');
		const body = svg.slice(svg.indexOf('>', svg.indexOf('<svg')) + 1, svg.lastIndexOf('</svg>'));
		return `<symbol id="${name}" viewBox="0 0 24 24">${body.replace(/\s*\n\s*/g, '').replace(/ \/>/g, '/>')}</symbol>`;
	}),
);
const license = '<!-- Icons from Lucide (https://lucide.dev), ISC License, © Lucide Icons and Contributors -->';
await writeFile(
	new URL('src/icons/sprite.svg', import.meta.url),
	`${license}\n<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join('\n')}\n</svg>\n`,
);
