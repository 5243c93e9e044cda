import './platform/disposal.ts';
import { createConsoleLog, createSystemClock, createSystemRandom } from '@pocketeer/core/system';
import { render } from 'solid-js/web';
import { App } from './App.tsx';
import { type BootResult, bootApp } from './boot/boot.ts';
import { TroubleScreen } from './boot/Trouble.tsx';
import { bugTrouble } from './boot/trouble.ts';
import { createBrowserDialer } from './platform/dialer.ts';

// Not awaited at the top: parts that load later import from this file's chunk and would wait for it for ever.
void start();

async function start(): Promise<void> {
	const root = document.getElementById('root');
	if (!root) throw new Error('index.html has no #root');
	const booted = await boot();
	if (booted.type === 'trouble') document.getElementById('boot')?.remove();
	render(() => (booted.type === 'ready' ? <App app={booted.app} /> : <TroubleScreen trouble={booted.trouble} />), root);
}

async function boot(): Promise<BootResult> {
	try {
		return await bootApp({
			clock: createSystemClock(),
			random: createSystemRandom(),
			log: createConsoleLog(),
			dialer: createBrowserDialer(),
		});
	} catch (cause) {
		return { type: 'trouble', trouble: bugTrouble(cause) };
	}
}
