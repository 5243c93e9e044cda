import 'fake-indexeddb/auto';
import { ok } from '@pocketeer/core/result';
import { expect, it } from 'vitest';
import { openDeviceDb } from '../platform/device-db.ts';
import { DEFAULT_SETTINGS, loadSettings, parseSettings, type SettingsChannel } from './settings.ts';

let count = 0;

/** The tabs of one browser: what one tells, the others hear. */
function setUp() {
	const name = `settings-${count++}`;
	const listeners: (() => void)[] = [];
	return async () => {
		const device = await openDeviceDb(name);
		if (!device.ok) throw new Error(device.error.type);
		let own: (() => void) | undefined;
		const channel: SettingsChannel = {
			tell: () => {
				for (const listener of listeners) if (listener !== own) listener();
			},
			listen: (listener) => {
				own = listener;
				listeners.push(listener);
			},
		};
		return loadSettings({ device: device.value, channel, check: async () => ok({ models: [] }) });
	};
}

it('starts with no key, so that the clerk answers, and keeps what is changed over a restart', async () => {
	const open = setUp();
	const settings = await open();
	expect(settings.current()).toEqual(DEFAULT_SETTINGS);
	expect(settings.current().model.apiKey).toBe('');
	expect(await settings.update({ theme: 'dark' })).toEqual(ok());
	expect(settings.current().theme).toBe('dark');
	expect((await open()).current().theme).toBe('dark');
});

it('shows a change in every tab, and none undoes the other’s', async () => {
	const open = setUp();
	const [first, second] = [await open(), await open()];
	let heard = 0;
	second.subscribe(() => {
		heard += 1;
	});
	const model = { apiKey: 'sk-test', baseUrl: '', model: '' };
	await first.update({ model });
	await expect.poll(() => heard).toBe(1);
	expect(second.current().model).toEqual(model);
	await second.update({ theme: 'light' });
	await expect.poll(() => first.current()).toEqual({ ...DEFAULT_SETTINGS, model, theme: 'light' });
});

it('reads settings of any other form as what they can still mean', () => {
	expect([undefined, null, 'x', 7, []].map(parseSettings)).toEqual(Array(5).fill(DEFAULT_SETTINGS));
	expect(parseSettings({ theme: 'sepia', model: { apiKey: 5, model: 'claude-x' }, later: true })).toEqual({
		...DEFAULT_SETTINGS,
		model: { apiKey: '', baseUrl: '', model: 'claude-x' },
	});
});

it('keeps the limits of spending, and starts with two dollars a day', async () => {
	const open = setUp();
	const settings = await open();
	expect(settings.current().caps.dayUsd).toBe(2);
	const caps = { dayUsd: 'off', turnUsd: 0.5, raised: { day: '2026-11-20', usd: 4 } } as const;
	expect(await settings.update({ caps })).toEqual(ok());
	expect((await open()).current().caps).toEqual(caps);
	expect(parseSettings({ caps: { dayUsd: -3, turnUsd: 'none' } }).caps).toEqual(DEFAULT_SETTINGS.caps);
});
