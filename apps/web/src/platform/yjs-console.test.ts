import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import * as yjsConsole from './yjs-console.ts';

it('has every name that Yjs takes from lib0/logging', async () => {
	const yjs = await readFile(fileURLToPath(import.meta.resolve('yjs')), 'utf8');
	const wanted = new Set([...yjs.matchAll(/\blogging\.(\w+)/g)].map(([, name]) => name));
	expect(wanted.size).toBeGreaterThan(2);
	expect([...wanted].filter((name) => !Object.keys(yjsConsole).includes(name ?? ''))).toEqual([]);
});

it('prints the words and leaves out the styles', () => {
	const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
	const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
	yjsConsole.print(yjsConsole.ORANGE, yjsConsole.BOLD, '[yjs] ', yjsConsole.UNBOLD, yjsConsole.RED, 'Changed');
	yjsConsole.warn('Invalid access');
	expect(log.mock.calls).toEqual([['[yjs] ', 'Changed']]);
	expect(warn.mock.calls).toEqual([['Invalid access']]);
});
