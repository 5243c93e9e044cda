import type { Locator } from '@playwright/test';
import { articles, enterKey, expect, openChat, say, test } from './support/fixtures.ts';
import { type Recording, readablePieces, readRecordings } from './support/recordings.ts';

const recordings = readRecordings();

const ENDINGS: Readonly<Record<string, string>> = {
	refusal: 'The model declined to answer this.',
	max_tokens: 'The answer reached its greatest length and ends here.',
};

test('recorded answers of the real API look as the person should see them, also after a reload', async ({
	page,
	claude,
}) => {
	test.skip(recordings.length === 0, 'there is no folder shared/streams beside the repository');
	const complaints: string[] = [];
	page.on('pageerror', (error) => complaints.push(String(error)));
	await openChat(page);
	await enterKey(page, claude);
	const answers = articles(page, 'Pocketeer');

	for (const [index, recording] of recordings.entries()) {
		await test.step(recording.name, async () => {
			claude.enqueue({ recorded: recording.bytes, chunkBytes: 400 });
			if (recording.stop === 'tool_use') claude.enqueue({ text: 'Then I go on without it.' });
			await say(page, `question ${index}`);
			await expect(page.getByRole('button', { name: 'Stop' })).toHaveCount(0);
			await expect(answers).toHaveCount(index + 1);
			await showsAll(answers.nth(index), recording);
			if (recording.stop === 'tool_use') {
				await expect(answers.nth(index)).toContainText('Then I go on without it.');
				// The tool is not ours: the model was told so instead of being left without a result.
				expect(JSON.stringify(claude.requests.at(-1)?.body)).toContain('"is_error":true');
			}
		});
	}
	expect(claude.remaining).toBe(0);
	expect(claude.requests.flatMap(({ refused }) => refused ?? [])).toEqual([]);

	await page.reload();
	await expect(answers.last()).toBeVisible();
	await page.getByRole('log').getByText('question 0', { exact: true }).scrollIntoViewIfNeeded();
	await expect(answers).toHaveCount(recordings.length);
	for (const [index, recording] of recordings.entries()) await showsAll(answers.nth(index), recording);
	expect(complaints).toEqual([]);
});

async function showsAll(answer: Locator, recording: Recording): Promise<void> {
	for (const piece of recording.texts.flatMap(readablePieces)) await expect(answer).toContainText(piece);
	await expect(answer).not.toContainText('Cut off here');

	const thinking = answer.getByRole('group').filter({ has: answer.page().getByText('Thinking', { exact: true }) });
	await expect(thinking).toHaveCount(recording.thinking.length);
	for (const [index, thought] of recording.thinking.entries()) {
		const words = thinking.nth(index).locator('.thinking');
		await expect(words).toBeHidden();
		await thinking.nth(index).locator('summary').click();
		await expect(words).toBeVisible();
		await expect(words).toHaveText(thought);
		await thinking.nth(index).locator('summary').click();
	}

	const cards = answer.locator('details.tool');
	await expect(cards).toHaveCount(recording.tools.length);
	for (const [index, tool] of recording.tools.entries()) {
		await cards.nth(index).locator('summary').click();
		await expect(cards.nth(index).locator('code')).toHaveText(tool);
		await cards.nth(index).locator('summary').click();
	}

	const links = answer.getByRole('list', { name: 'Sources' }).getByRole('link');
	await expect(links).toHaveCount(recording.sources.length);
	for (const [index, source] of recording.sources.entries())
		await expect(links.nth(index)).toHaveAttribute('href', source);

	const ending = ENDINGS[recording.stop];
	if (ending) await expect(answer).toContainText(ending);
	else await expect(answer.locator('.outcome')).toHaveCount(0);
}
