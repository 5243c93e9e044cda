import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Page } from '@playwright/test';
import { WebSocket } from 'ws';
import { damage, deleteSpaces, fillDisk, limitDisk } from './support/database.ts';
import { articles, expect, messageBox, openChat, say, test } from './support/fixtures.ts';
import { startForeignServer } from './support/foreign-server.ts';

test('whatever else answers in the relay’s place is said, and all that was typed meanwhile reaches the relay later', async ({
	page,
	relay,
}) => {
	await openChat(page);
	await expect(syncStatus(page)).toHaveText('Synced');
	await relay.stop();
	for (const kind of ['web-server', 'binary-garbage', 'text-chat'] as const) {
		await using _ = await startForeignServer(relay.url, kind);
		await page.reload();
		await say(page, `typed to a ${kind}`);
		await expect(syncStatus(page), kind).toContainText(/Offline · changes will sync later/);
		const warning = page.getByRole('alert').filter({ hasText: 'is not a Pocketeer relay' });
		await expect(warning, kind).toHaveCount(kind === 'web-server' ? 0 : 1);
	}
	await relay.start();
	await page.reload();
	await expect(syncStatus(page)).toHaveText('Synced');
	await expect(page.getByRole('alert').filter({ hasText: 'is not a Pocketeer relay' })).toHaveCount(0);
	for (const kind of ['web-server', 'binary-garbage', 'text-chat'])
		await expect(page.getByRole('log')).toContainText(`typed to a ${kind}`);
});

test('a message that the full disk does not take stays in the composer with a sentence, and goes out once there is room', async ({
	page,
}) => {
	await page.goto('/healthz');
	await limitDisk(page, 20_000_000);
	await openChat(page);
	await say(page, 'remember that there is room');
	await expect(articles(page, 'Clerk')).toContainText('.md');
	await fillDisk(page);
	await messageBox(page).fill('remember that the disk is full');
	await messageBox(page).press('Enter');
	await expect(page.getByRole('alert').filter({ hasText: 'Not sent; your text is still here.' })).toBeVisible();
	await expect(page.getByRole('alert').filter({ hasText: 'no space left' }).first()).toBeVisible();
	await expect(messageBox(page)).toHaveValue('remember that the disk is full');
	await expect(articles(page, 'You')).toHaveCount(1);

	await limitDisk(page);
	await messageBox(page).press('Enter');
	await expect(articles(page, 'Clerk')).toHaveCount(2);
	await expect(messageBox(page)).toHaveValue('');
	await expect(page.getByRole('alert').filter({ hasText: 'no space left' })).toHaveCount(0);
	await page.reload();
	await expect(articles(page, 'You')).toHaveCount(2);
});

test('a line damaged on disk says so and takes nothing, while the other lines and the files work on', async ({
	page,
}) => {
	await openChat(page);
	await say(page, 'remember that disks fail');
	await expect(articles(page, 'Clerk')).toContainText('.md');
	await page.getByRole('button', { name: 'New line' }).click();
	await page.getByRole('textbox', { name: 'Name of the new line' }).fill('kitchen');
	await page.getByRole('button', { name: 'Create' }).click();
	await say(page, 'remember that the oven is hot');
	await expect(articles(page, 'Clerk')).toContainText('.md');

	await damage(page, 'line/');
	await page.goto('/');
	await expect(page.getByRole('heading', { name: 'This line cannot be read' })).toBeVisible();
	await messageBox(page).fill('typed on the damaged line');
	await messageBox(page).press('Enter');
	await expect(page.getByRole('alert').filter({ hasText: 'Not sent; your text is still here.' })).toBeVisible();
	await expect(messageBox(page)).toHaveValue('typed on the damaged line');

	await page.getByRole('link', { name: 'kitchen' }).click();
	await expect(page.getByRole('log')).toContainText('the oven is hot');
	await say(page, 'what do you know about disks?');
	await expect(articles(page, 'Clerk').last()).toContainText(/disks fail/i);
});

test('a file damaged on disk says so and stays as it is, while the other files and the chat work on', async ({
	page,
}) => {
	await openChat(page);
	await say(page, 'remember that the canary sings');
	const answer = articles(page, 'Clerk').last();
	await expect(answer).toContainText('.md');
	const path = /[\w/-]+\.md/.exec(await answer.innerText())?.[0];
	await damage(page, 'file/');
	await page.goto(`/notes/${path}`);
	await expect(page.getByText(/damaged|not what was written|cannot be read/i).first()).toBeVisible();

	await page.goto('/');
	await say(page, 'remind me tomorrow at 9 to mend the disk');
	await expect(articles(page, 'Clerk').last()).toContainText('Reminder set');
	await say(page, 'what do you know about the canary?');
	await expect(articles(page, 'Clerk')).toHaveCount(3);
	await expect(articles(page, 'Clerk').last()).toContainText(`cannot read it now: ${path}`);
});

test('a malformed frame ends the connection it came on and no other', async ({ page, relay }) => {
	await openChat(page);
	await expect(syncStatus(page)).toHaveText('Synced');
	const before = await relay.metric('append_bytes_total');
	const stranger = new WebSocket(`${relay.url.replace('http', 'ws')}/v1/sync`);
	await once(stranger, 'message');
	stranger.send(randomBytes(4_000));
	const [code] = await once(stranger, 'close');
	expect(code).toBeGreaterThanOrEqual(4400);
	expect(await relay.metric('malformed_frames_total')).toBe(1);

	await say(page, 'remember that strangers talk nonsense');
	await expect.poll(() => relay.metric('append_bytes_total')).toBeGreaterThan(before);
	await expect(syncStatus(page)).toHaveText('Synced');
	expect(await relay.metric('connections')).toBe(1);
	expect(await relay.metric('connections_total')).toBe(2);
});

test('when the browser lost the space but knows its keys, nothing empty is published, and the relay gives all back', async ({
	page,
	relay,
}) => {
	await openChat(page);
	await say(page, 'remember that browsers forget');
	await expect(articles(page, 'Clerk')).toContainText('.md');
	await expect.poll(() => relay.metric('append_bytes_total')).toBeGreaterThan(0);
	await expect(syncStatus(page)).toHaveText('Synced');

	await page.goto('/healthz');
	await deleteSpaces(page);
	const before = await relay.metric('appends_total');
	await page.goto('/');
	await expect(page.getByRole('heading', { name: 'Your space is missing from this browser' })).toBeVisible();
	expect(await relay.metric('appends_total')).toBe(before);

	await page.getByRole('button', { name: 'Fetch it from the relay' }).click();
	await expect(page.getByRole('log')).toContainText('browsers forget');
	await say(page, 'what do you know about browsers?');
	await expect(articles(page, 'Clerk').last()).toContainText(/browsers forget/i);
});

function syncStatus(page: Page) {
	return page.getByRole('status', { name: 'Sync status' });
}
