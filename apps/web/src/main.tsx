import './platform/disposal.ts';
import { createConsoleLog, createSystemClock, createSystemRandom } from '@pocketeer/core/system';
import { lazy } from 'solid-js';
import { render } from 'solid-js/web';
import { App } from './App.tsx';
import { type BootResult, bootApp } from './boot/boot.ts';
import { bugTrouble } from './boot/trouble.ts';
import { createBrowserDialer } from './platform/dialer.ts';

const GuestScreen = lazy(() => import('./pairing/GuestScreen.tsx'));
const TroubleScreen = lazy(() => import('./boot/Trouble.tsx'));

// Not awaited at the top: parts that load later import from this file's chunk and would wait for it for ever.
void start();

async function start(): Promise<void> {
	const root = document.getElementById('root');
	if (!root) throw new Error('index.html has no #root');
	const booted = await boot();
	render(() => screenOf(booted), root);
}

function screenOf(booted: BootResult) {
	switch (booted.type) {
		case 'ready':
			return <App app={booted.app} />;
		case 'guest':
			return <GuestScreen start={booted.start} />;
		case 'trouble':
			return <TroubleScreen trouble={booted.trouble} />;
	}
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
