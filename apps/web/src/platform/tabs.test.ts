import { utf8 } from '@pocketeer/core/bytes';
import type { StreamName } from '@pocketeer/core/ids';
import type { TabMessage } from '@pocketeer/core/ports/tabs';
import { createTestClock } from '@pocketeer/core/testing/test-clock';
import { afterEach, expect, it } from 'vitest';
import { createBrowserTabs, type PageLife } from './tabs.ts';

// Node has the Web Locks and BroadcastChannel of browsers; only the page is played here.
const open: Disposable[] = [];
let count = 0;

afterEach(() => {
	for (const tab of open.splice(0)) tab[Symbol.dispose]();
});

function openTab(name: string, settleMs = 0) {
	const listeners = new Set<(event: 'shown' | 'frozen' | 'thawed') => void>();
	let isVisible = true;
	const page: PageLife = {
		isVisible: () => isVisible,
		subscribe: (listener) => {
			listeners.add(listener);
			return { [Symbol.dispose]: () => void listeners.delete(listener) };
		},
	};
	const clock = createTestClock({ settle: () => new Promise((resolve) => setTimeout(resolve, settleMs)) });
	const tabs = createBrowserTabs({ clock, locks: navigator.locks, page }, name);
	open.push(tabs);
	const reigns: AbortSignal[] = [];
	return {
		tabs,
		clock,
		reigns,
		lead: () => tabs.lead((signal) => void reigns.push(signal)),
		isLeader: () => reigns.at(-1)?.aborted === false,
		hide: () => {
			isVisible = false;
		},
		tell: (event: 'shown' | 'frozen' | 'thawed') => {
			for (const listener of listeners) listener(event);
		},
	};
}

const freshName = () => `tabs-${count++}`;

it('lets one tab lead, and the next when that one is gone', async () => {
	const name = freshName();
	const [first, second] = [openTab(name), openTab(name)];
	const reign = first.lead();
	await expect.poll(first.isLeader).toBe(true);
	second.lead();
	expect(second.reigns).toEqual([]);
	reign[Symbol.dispose]();
	expect(first.isLeader()).toBe(false);
	await expect.poll(second.isLeader).toBe(true);
});

it('leaves other spaces alone', async () => {
	const [one, other] = [openTab(freshName()), openTab(freshName())];
	one.lead();
	other.lead();
	await expect.poll(() => [one.isLeader(), other.isLeader()]).toEqual([true, true]);
});

it('does not take the lead from a tab that answers', async () => {
	const name = freshName();
	const [first, second] = [openTab(name), openTab(name, 20)];
	first.lead();
	await expect.poll(first.isLeader).toBe(true);
	second.lead();
	await second.clock.advance(60_000);
	expect([first.isLeader(), second.reigns.length]).toEqual([true, 0]);
});

it('takes the lead from a frozen tab, which finds its signal aborted and queues again', async () => {
	const name = freshName();
	const [frozen, second] = [openTab(name), openTab(name)];
	// A frozen tab holds the lock and hears nothing: a lock held by nobody who listens is the same to the others.
	const stolen = navigator.locks
		.request(`pocketeer/${name}/lead`, () => new Promise(() => undefined))
		.then(
			() => 'released',
			(error: unknown) => (error instanceof DOMException ? error.name : error),
		);
	second.lead();
	second.tell('shown');
	await second.clock.advance(2_000);
	expect(await stolen).toBe('AbortError');
	await expect.poll(second.isLeader).toBe(true);
	frozen.lead();
	await navigator.locks.request(`pocketeer/${name}/lead`, { steal: true }, async () => undefined);
	await expect.poll(() => second.reigns[0]?.aborted).toBe(true);
	await expect.poll(() => [frozen.isLeader(), second.isLeader()].filter(Boolean)).toHaveLength(1);
});

it('never takes it while hidden, for a hidden tab is the next to be frozen', async () => {
	const name = freshName();
	const second = openTab(name);
	const release = Promise.withResolvers<void>();
	const holder = navigator.locks.request(`pocketeer/${name}/lead`, () => release.promise);
	second.hide();
	second.lead();
	await second.clock.advance(60_000);
	expect(second.reigns).toEqual([]);
	release.resolve();
	await holder;
});

it('steps down when the page is frozen and queues again when it thaws', async () => {
	const name = freshName();
	const [first, second] = [openTab(name), openTab(name)];
	first.lead();
	await expect.poll(first.isLeader).toBe(true);
	second.lead();
	first.tell('frozen');
	await expect.poll(second.isLeader).toBe(true);
	expect(first.isLeader()).toBe(false);
	first.tell('thawed');
	second.tabs[Symbol.dispose]();
	await expect.poll(first.isLeader).toBe(true);
});

it('works under a name only where no other tab does', async () => {
	const name = freshName();
	const [first, second] = [openTab(name), openTab(name)];
	const begun = Promise.withResolvers<void>();
	const work = first.tabs.whileHolding('turn', () => begun.promise.then(() => 'done'));
	await navigator.locks.query();
	expect(await second.tabs.whileHolding('turn', async () => 'twice')).toBeUndefined();
	begun.resolve();
	expect(await work).toBe('done');
});

it('tells every other tab and never itself, and drops what is no message of ours', async () => {
	const name = freshName();
	const [first, second] = [openTab(name), openTab(name)];
	const heard: TabMessage[] = [];
	first.tabs.subscribe((message) => heard.push(message));
	second.tabs.subscribe((message) => heard.push(message));
	const stranger = new BroadcastChannel(`pocketeer/${name}`);
	for (const message of [null, 'x', { type: 'update', stream: 'home', update: 'text' }, { type: 'follow' }]) {
		stranger.postMessage(message);
	}
	const message: TabMessage = { type: 'update', stream: 'home' as StreamName, update: utf8('u') };
	first.tabs.post(message);
	await expect.poll(() => heard.length).toBe(1);
	stranger.close();
	expect(heard).toEqual([message]);
});
