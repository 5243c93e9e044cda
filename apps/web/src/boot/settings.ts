import { DEFAULT_CAPS, parseCaps } from '@pocketeer/core/agent/spend/caps';
import { createEmitter } from '@pocketeer/core/emitter';
import { ok } from '@pocketeer/core/result';
import type { ModelSettings, Settings, SettingsState } from '../app.ts';
import type { DeviceDb } from '../platform/device-db.ts';
import { DEFAULT_WEB, parseWeb } from './web-settings.ts';

/** What holds before the person chose anything. */
export const DEFAULT_SETTINGS: SettingsState = {
	model: { apiKey: '', baseUrl: '', model: '' },
	theme: 'system',
	caps: DEFAULT_CAPS,
	web: DEFAULT_WEB,
	sumsUp: true,
};

/** Tells the other tabs that the settings on disk changed, and hears it from them. */
export interface SettingsChannel {
	tell(): void;
	listen(listener: () => void): void;
}

interface Deps {
	readonly device: DeviceDb;
	readonly channel: SettingsChannel;
	readonly check: Settings['check'];
}

/** The settings of this device as they stand on disk, kept current over all its tabs. */
export async function loadSettings(deps: Deps): Promise<Settings> {
	const changed = createEmitter<void>();
	let state = await read(deps.device);
	const renew = async () => {
		state = await read(deps.device);
		changed.emit();
	};
	deps.channel.listen(() => void renew());
	return {
		current: () => state,
		subscribe: (listener) => changed.subscribe(listener),
		async update(change) {
			// The change is laid over what is on disk, not over what this tab remembers.
			const kept = await deps.device.updateSettings((present) => ({ ...parseSettings(present), ...change }));
			if (!kept.ok) return kept;
			await renew();
			deps.channel.tell();
			return ok();
		},
		check: deps.check,
	};
}

async function read(device: DeviceDb): Promise<SettingsState> {
	const kept = await device.settings();
	return kept.ok ? parseSettings(kept.value) : DEFAULT_SETTINGS;
}

/** Settings of whatever build wrote them; what is missing or of another type is the default. */
export function parseSettings(value: unknown): SettingsState {
	const theme = field(value, 'theme');
	return {
		model: parseModel(field(value, 'model')),
		theme: theme === 'light' || theme === 'dark' ? theme : DEFAULT_SETTINGS.theme,
		caps: parseCaps(field(value, 'caps')),
		web: parseWeb(field(value, 'web')),
		sumsUp: field(value, 'sumsUp') !== false,
	};
}

function parseModel(value: unknown): ModelSettings {
	const text = (name: keyof ModelSettings) => {
		const found = field(value, name);
		return typeof found === 'string' ? found : '';
	};
	return { apiKey: text('apiKey'), baseUrl: text('baseUrl'), model: text('model') };
}

function field(value: unknown, name: string): unknown {
	return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** The channel between the tabs of this browser. */
export function browserSettingsChannel(): SettingsChannel {
	const channel = new BroadcastChannel('pocketeer/settings');
	return {
		tell: () => channel.postMessage('changed'),
		listen: (listener) => channel.addEventListener('message', listener),
	};
}
