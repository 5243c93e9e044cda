import type { ServerFault } from '@pocketeer/core/testing/node/messages-server';
import { articles, enterKey, expect, messageBox, openChat, say, test } from './support/fixtures.ts';

test('with a key the answer streams in, its tool call is shown, and what it did is a receipt', async ({
	page,
	claude,
}) => {
	claude.enqueue(
		{ thinking: 'A date is asked for.', tools: [{ name: 'remember', input: { text: 'The piano is tuned in May' } }] },
		{ text: 'Noted: the piano is tuned in **May**.', chunkBytes: 20 },
	);
	await openChat(page);
	await enterKey(page, claude);
	await say(page, 'the piano is tuned in May, keep that');
	const answer = articles(page, 'Pocketeer').last();
	await expect(answer).toContainText('Noted: the piano is tuned in May.');
	await expect(answer.locator('strong')).toHaveText('May');
	await expect(answer).toContainText('notes/memory.md');
	expect(claude.requests.map(({ status, refused }) => ({ status, refused }))).toEqual([
		{ status: 200, refused: undefined },
		{ status: 200, refused: undefined },
	]);

	// The thinking block is bound to the frozen prefix: a second turn that changed it would be refused.
	claude.enqueue({ text: 'You are welcome.' });
	await say(page, 'thanks');
	await expect(articles(page, 'Pocketeer').last()).toContainText('You are welcome.');
	expect(claude.requests.at(-1)).toMatchObject({ status: 200, refused: undefined });
});

test('Stop ends the answer at once and keeps what was said', async ({ page, claude }) => {
	await openChat(page);
	await enterKey(page, claude);
	claude.enqueue({
		text: `The first words are here. ${'More and more. '.repeat(400)}`,
		stallAt: 2_500,
		chunkBytes: 200,
	});
	const stalled = claude.stalled();
	await say(page, 'tell me a long story');
	await stalled;
	const answer = articles(page, 'Pocketeer').last();
	await expect(answer).toContainText('The first words are here.');
	await page.getByRole('button', { name: 'Stop' }).click();
	await expect(page.getByRole('button', { name: 'Stop' })).toHaveCount(0);
	await expect(answer).toContainText('The first words are here.');
	await expect(answer).toContainText(/stopped/i);
	claude.release();

	claude.enqueue({ text: 'A short one, then.' });
	await say(page, 'a short one please');
	await expect(articles(page, 'Pocketeer').last()).toContainText('A short one, then.');
	expect(claude.requests.at(-1)).toMatchObject({ status: 200, refused: undefined });
});

test('a wrong key is refused on entry with a sentence, and what was typed stays', async ({ page, claude }) => {
	await openChat(page);
	await page.getByRole('link', { name: 'Settings' }).click();
	await page.getByRole('textbox', { name: 'Anthropic API key' }).fill('sk-ant-wrong');
	await page.getByRole('textbox', { name: 'API base URL' }).fill(claude.url);
	await page.getByRole('button', { name: 'Check and save' }).click();
	await expect(page.getByRole('alert').filter({ hasText: 'The API key was not accepted.' })).toBeVisible();
	await expect(page.getByRole('textbox', { name: 'Anthropic API key' })).toHaveValue('sk-ant-wrong');
	await page.getByRole('textbox', { name: 'Anthropic API key' }).fill('sk-ant-test');
	await page.getByRole('button', { name: 'Check and save' }).click();
	await expect(page.getByText(/stays in this browser’s database/)).toBeVisible();
	await page.getByRole('button', { name: 'Remove key' }).click();
	await expect(page.getByRole('textbox', { name: 'Anthropic API key' })).toHaveValue('');
});

const SENTENCES: readonly (readonly [ServerFault, RegExp])[] = [
	['wrong-key', /The API key was not accepted/],
	['cors', /does not allow calls straight from a browser/],
	['no-credit', /no credit left/],
	['no-credit-400', /no credit left/],
	['forbidden', /may not do that/],
	['too-large', /too large to send/],
	['spend-limit', /spend limit of this account is reached/],
	[{ type: 'bad-request', message: 'odd' }, /did not accept the request/],
	['html', /could not be read/],
];

test('each error of the service has its own sentence and keeps what the person typed', async ({ page, claude }) => {
	await openChat(page);
	await enterKey(page, claude);
	for (const [index, [fault, sentence]] of SENTENCES.entries()) {
		claude.setAlways(fault);
		await say(page, `question number ${index}`);
		await expect(articles(page, 'Pocketeer').last(), JSON.stringify(fault)).toContainText(sentence);
		await expect(messageBox(page)).toBeEnabled();
	}
	for (const index of SENTENCES.keys())
		await expect(articles(page, 'You').filter({ hasText: `question number ${index}` })).toHaveCount(1);
	claude.setAlways(undefined);
	claude.enqueue({ text: 'All is well again.' });
	await page.getByRole('button', { name: 'Retry' }).last().click();
	await expect(articles(page, 'Pocketeer').last()).toContainText('All is well again.');
	expect(claude.requests.at(-1)).toMatchObject({ status: 200, refused: undefined });
});

test('an overloaded service is tried again by itself, visibly, and its answer arrives once', async ({
	page,
	claude,
}) => {
	await openChat(page);
	await enterKey(page, claude);
	claude.enqueue({ fault: 'overloaded' }, { text: 'Here I am, better late than never.' });
	await say(page, 'are you there?');
	await expect(page.getByText(/trying again/i).first()).toBeVisible();
	await expect(articles(page, 'Pocketeer').last()).toContainText('Here I am, better late than never.', {
		timeout: 30_000,
	});
	await expect(articles(page, 'Pocketeer')).toHaveCount(1);
});

test('the key stands in no file, no line and no message to anyone but its own server', async ({
	page,
	claude,
	relay,
}) => {
	claude.enqueue({ text: 'Hello.' });
	await openChat(page);
	await enterKey(page, claude);
	await say(page, 'hello');
	await expect(articles(page, 'Pocketeer').last()).toContainText('Hello.');
	expect(JSON.stringify(claude.requests.map(({ body }) => body))).not.toContain('sk-ant-test');
	expect(claude.requests[0]?.headers.authorization).toBe('Bearer sk-ant-test');
	expect(relay.log()).not.toContain('sk-ant');
});
