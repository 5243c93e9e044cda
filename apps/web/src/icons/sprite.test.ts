import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { iconNames } from './names.ts';

describe('the icon sprite', () => {
	it('holds exactly the icons that have a name, and the licence they come under', async () => {
		const sprite = await readFile(new URL('sprite.svg', import.meta.url), 'utf8');
		const drawn = [...sprite.matchAll(/<symbol id="([^"]+)"/g)].map(([, id]) => id);
		expect(drawn).toEqual([...iconNames]);
		expect(sprite).toContain('ISC License');
	});
});
