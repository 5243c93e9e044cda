import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { isJsonObject } from '@pocketeer/core/json';
import { forgetStreams } from './support/database.ts';
import {
	articles,
	enterKey,
	expect,
	messageBox,
	openChat,
	openOnAnotherDevice,
	recoveryWords,
	say,
	test,
} from './support/fixtures.ts';

const PDF = '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n';

test('pasted, dropped and chosen files go along with a message, and the model gets their bytes', async ({
	page,
	claude,
}) => {
	await openChat(page);
	await enterKey(page, claude);
	await paste(page, await picture(page, { width: 120, height: 80, name: 'pasted.png' }));
	await expect(chip(page, 'pasted.png')).toContainText('120 × 80');
	await drop(page, { name: 'invoice.pdf', type: 'application/pdf', text: PDF });
	await expect(chip(page, 'invoice.pdf')).toBeVisible();
	await page.getByLabel('Files to attach').setInputFiles([
		{ name: 'list.txt', mimeType: 'text/plain', buffer: Buffer.from('milk\nbread\n') },
		{ name: 'wrong.txt', mimeType: 'text/plain', buffer: Buffer.from('not this one') },
	]);
	await expect(chip(page, 'wrong.txt')).toContainText('12 bytes');
	await page.getByRole('button', { name: 'Remove wrong.txt' }).click();
	await expect(chip(page, 'wrong.txt')).toHaveCount(0);
	await isAccessible(page);

	// They are part of the draft, and outlive the page.
	await messageBox(page).fill('what is all this?');
	await page.reload();
	await expect(messageBox(page)).toHaveValue('what is all this?');
	for (const name of ['pasted.png', 'invoice.pdf', 'list.txt']) await expect(chip(page, name)).toBeVisible();

	claude.enqueue({ text: 'A picture, an invoice and a list.' });
	await messageBox(page).press('Enter');
	await expect(articles(page, 'Pocketeer').last()).toContainText('A picture, an invoice and a list.');
	await expect(page.getByRole('list', { name: 'Attached' })).toHaveCount(0);
	const own = articles(page, 'You').filter({ hasText: 'what is all this?' });
	await expect(own.getByRole('button', { name: 'Open pasted.png' })).toBeVisible();
	await expect(own.getByRole('button', { name: 'Save invoice.pdf' })).toBeVisible();

	const request = claude.requests.at(-1);
	expect(request).toMatchObject({ status: 200, refused: undefined });
	const blocks = contentOf(request?.body);
	const image = blocks.find(({ type }) => type === 'image');
	expect(image).toMatchObject({ source: { type: 'base64', media_type: 'image/png' } });
	expect(sizeOfPng(dataOf(image))).toEqual([120, 80]);
	const document = blocks.find(({ type }) => type === 'document');
	expect(document).toMatchObject({ title: 'invoice.pdf', source: { media_type: 'application/pdf' } });
	expect(dataOf(document).toString()).toBe(PDF);
	expect(JSON.stringify(blocks)).toContain('milk\\nbread');
	expect(JSON.stringify(blocks)).not.toContain('not this one');

	// Frozen within the epoch: a second turn that showed them otherwise would be refused.
	claude.enqueue({ text: 'You are welcome.' });
	await say(page, 'thanks');
	await expect(articles(page, 'Pocketeer').last()).toContainText('You are welcome.');
	expect(claude.requests.at(-1)).toMatchObject({ status: 200, refused: undefined });
	expect(contentOf(claude.requests.at(-1)?.body).find(({ type }) => type === 'image')).toEqual(image);

	await own.getByRole('button', { name: 'Open pasted.png' }).click();
	await expect(page.getByRole('dialog', { name: 'pasted.png' }).getByRole('img')).toBeVisible();
	await isAccessible(page);
	await page.keyboard.press('Escape');
	const download = page.waitForEvent('download');
	await own.getByRole('button', { name: 'Save invoice.pdf' }).click();
	expect((await download).suggestedFilename()).toBe('invoice.pdf');
});

test('a picture that is too large is scaled down, stands upright, and leaves behind what the camera wrote', async ({
	page,
	claude,
}) => {
	await openChat(page);
	await enterKey(page, claude);
	const photo = await picture(page, { width: 3000, height: 2000, name: 'photo.jpg', type: 'image/jpeg' });
	const worker = page.waitForEvent('worker');
	await paste(page, photo);
	expect((await worker).url()).toContain('image-worker');
	await expect(chip(page, 'photo.jpg')).toContainText('1568 × 1045');
	const small = await picture(page, { width: 60, height: 40, name: 'tilted.jpg', type: 'image/jpeg' });
	const tilted = withOrientation(small);
	expect(Buffer.from(tilted.base64, 'base64').includes('Exif')).toBe(true);
	await paste(page, tilted);
	await expect(chip(page, 'tilted.jpg')).toContainText('40 × 60');

	claude.enqueue({ text: 'Two photos.' });
	await page.getByRole('button', { name: 'Send' }).click();
	await expect(articles(page, 'Pocketeer').last()).toContainText('Two photos.');
	const images = contentOf(claude.requests.at(-1)?.body).filter(({ type }) => type === 'image');
	expect(images).toHaveLength(2);
	for (const image of images) {
		expect(image).toMatchObject({ source: { media_type: 'image/jpeg' } });
		expect(dataOf(image).includes('Exif')).toBe(false);
	}
});

test('a browser whose workers cannot draw scales pictures down on the page', async ({ page }) => {
	await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'OffscreenCanvas'));
	await openChat(page);
	await paste(page, await picture(page, { width: 2000, height: 3000, name: 'photo.png' }));
	await expect(chip(page, 'photo.png')).toContainText('1045 × 1568');
});

test('what cannot be attached says why, in a sentence, and the rest stays', async ({ page }) => {
	await openChat(page);
	const files = page.getByLabel('Files to attach');
	await files.setInputFiles({ name: 'ok.txt', mimeType: 'text/plain', buffer: Buffer.from('fine') });
	await expect(chip(page, 'ok.txt')).toContainText('4 bytes');
	await files.setInputFiles([
		{ name: 'film.mp4', mimeType: 'video/mp4', buffer: Buffer.from([0, 0, 0, 24, 0x66, 0x74, 0x79, 0x70, 0xff]) },
		{ name: 'IMG_1.HEIC', mimeType: 'image/heic', buffer: Buffer.from([0, 0, 0, 24, 0x66, 0x74, 0x79, 0x70, 0xff]) },
		{ name: 'bank.pdf', mimeType: 'application/pdf', buffer: Buffer.from(`${PDF}trailer<</Encrypt 9 0 R>>`) },
	]);
	await page.evaluate(() => {
		const data = new DataTransfer();
		data.items.add(new File([new Uint8Array(34_000_000).fill(97)], 'huge.txt', { type: 'text/plain' }));
		const event = new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true });
		document.querySelector('nav')?.dispatchEvent(event);
	});
	const problems = page.getByRole('alert').filter({ hasText: 'huge.txt' });
	await expect(problems).toContainText('film.mp4 is neither an image, a PDF nor a text, so it cannot be attached.');
	await expect(problems).toContainText('IMG_1.HEIC is a HEIC photo, which this browser cannot read.');
	await expect(problems).toContainText('bank.pdf is protected by a password.');
	await expect(problems).toContainText('huge.txt is too large: 34.0 MB; up to 20 MB can be attached.');
	await expect(page.getByRole('list', { name: 'Attached' }).getByRole('listitem')).toHaveCount(1);
	await isAccessible(page);
});

test('a text too long for a message is attached instead', async ({ page }) => {
	await openChat(page);
	const pasted = await page.evaluateHandle(() => {
		const data = new DataTransfer();
		data.setData('text/plain', 'many words '.repeat(20_000));
		return data;
	});
	await messageBox(page).dispatchEvent('paste', { clipboardData: pasted });
	await page.evaluate((data) => {
		const event = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
		document.querySelector('textarea')?.dispatchEvent(event);
	}, pasted);
	await page.getByRole('button', { name: /^Attach the pasted text$/ }).click();
	await expect(chip(page, 'pasted-text.txt')).toContainText('220 kB');
});

test('the clerk says that it cannot look, and another device shows the picture', async ({ page, browser, relay }) => {
	await openChat(page);
	await paste(page, await picture(page, { width: 300, height: 200, name: 'beach.png' }));
	await expect(chip(page, 'beach.png')).toContainText('300 × 200');
	await page.getByRole('button', { name: 'Send' }).click();
	await expect(articles(page, 'Clerk').last()).toContainText('cannot look at attachments');

	const other = await openOnAnotherDevice(browser, relay.url, await recoveryWords(page));
	const image = articles(other, 'You').getByRole('button', { name: 'Open beach.png' }).locator('img');
	await expect(image).toBeVisible();
	await expect.poll(() => image.evaluate((shown: HTMLImageElement) => shown.naturalWidth)).toBe(300);
	await other.context().close();
});

test('what has not reached this device says so, and comes when it can', async ({ page, browser, relay }) => {
	await openChat(page);
	await paste(page, await picture(page, { width: 300, height: 200, name: 'beach.png' }));
	await page
		.getByLabel('Files to attach')
		.setInputFiles([{ name: 'list.txt', mimeType: 'text/plain', buffer: Buffer.from('milk\n') }]);
	await expect(chip(page, 'list.txt')).toContainText('5 bytes');
	await page.getByRole('button', { name: 'Send' }).click();
	await expect(articles(page, 'Clerk').last()).toBeVisible();

	const other = await openOnAnotherDevice(browser, relay.url, await recoveryWords(page));
	await expect(articles(other, 'You').getByRole('button', { name: 'Open beach.png' })).toBeVisible();
	// As if it had been offline from the moment on when it had read the line.
	await other.evaluate(() => navigator.serviceWorker.ready);
	await relay.stop();
	await forgetStreams(other, 'blob/');
	await other.reload();
	const own = articles(other, 'You');
	await expect(own).toContainText('Not on this device yet');
	await own.getByRole('button', { name: 'Save list.txt' }).click();
	await expect(own.getByText('Not on this device yet')).toHaveCount(2);
	await isAccessible(other);
	await own.getByRole('button', { name: 'Try again to load beach.png' }).click();
	await expect(own.getByText('Not on this device yet')).toHaveCount(2);

	await relay.start();
	await expect(own.getByRole('button', { name: 'Open beach.png' })).toBeVisible({ timeout: 40_000 });
	const download = other.waitForEvent('download');
	await own.getByRole('button', { name: 'Save list.txt' }).click();
	expect((await download).suggestedFilename()).toBe('list.txt');
	await other.context().close();
});

test('what another app shares waits in the composer, words and files', async ({ page, relay }) => {
	await openChat(page);
	await page.reload();
	await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
	// As the system does it: a form, sent by navigating.
	await page.evaluate(() => {
		const form = document.createElement('form');
		Object.assign(form, { method: 'POST', action: '/share', enctype: 'multipart/form-data' });
		const field = (name: string, value: string) => {
			const input = document.createElement('input');
			Object.assign(input, { name, value });
			form.append(input);
		};
		field('title', 'A recipe');
		field('url', 'https://example.com/soup');
		const files = document.createElement('input');
		Object.assign(files, { type: 'file', name: 'files', multiple: true });
		const data = new DataTransfer();
		data.items.add(new File(['onions\n'], 'zutaten ü.txt', { type: 'text/plain' }));
		files.files = data.files;
		form.append(files);
		document.body.append(form);
		form.submit();
	});
	await page.waitForURL(`${relay.url}/`);
	await expect(messageBox(page)).toHaveValue('A recipe\nhttps://example.com/soup');
	await expect(chip(page, 'zutaten ü.txt')).toContainText('7 bytes');
	await page.reload();
	await expect(messageBox(page)).toHaveValue('A recipe\nhttps://example.com/soup');
	await expect(page.getByRole('list', { name: 'Attached' }).getByRole('listitem')).toHaveCount(1);
	expect(await page.evaluate(() => caches.has('pocketeer-shared'))).toBe(false);
});

interface TestFile {
	readonly name: string;
	readonly type: string;
	readonly base64: string;
}

function chip(page: Page, name: string) {
	return page.getByRole('list', { name: 'Attached' }).getByRole('listitem').filter({ hasText: name });
}

/** A picture that a canvas of the page drew. */
function picture(
	page: Page,
	wanted: { readonly width: number; readonly height: number; readonly name: string; readonly type?: string },
): Promise<TestFile> {
	return page.evaluate(({ width, height, name, type = 'image/png' }) => {
		const canvas = document.createElement('canvas');
		Object.assign(canvas, { width, height });
		const context = canvas.getContext('2d');
		if (!context) throw new Error('no canvas');
		const sky = context.createLinearGradient(0, 0, width, height);
		for (const [at, colour] of [
			[0, '#1f4d43'],
			[0.6, '#f2b544'],
			[1, '#f7f5f0'],
		] as const)
			sky.addColorStop(at, colour);
		context.fillStyle = sky;
		context.fillRect(0, 0, width, height);
		return { name, type, base64: canvas.toDataURL(type).split(',')[1] ?? '' };
	}, wanted);
}

/** The same JPEG, said to have been taken with the camera turned (EXIF orientation 6). */
function withOrientation({ base64, ...file }: TestFile): TestFile {
	const jpeg = Buffer.from(base64, 'base64');
	const exif = Buffer.from(
		'457869660000' + '4d4d002a00000008' + '0001' + '011200030000000100060000' + '00000000',
		'hex',
	);
	const head = Buffer.from([0xff, 0xe1, (exif.length + 2) >> 8, (exif.length + 2) & 0xff]);
	const turned = Buffer.concat([jpeg.subarray(0, 2), head, exif, jpeg.subarray(2)]);
	return { ...file, base64: turned.toString('base64') };
}

async function paste(page: Page, file: TestFile): Promise<void> {
	await messageBox(page).evaluate(async (box, { base64, name, type }) => {
		const bytes = await (await fetch(`data:${type};base64,${base64}`).catch(() => undefined))?.arrayBuffer();
		const plain = bytes ?? Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer;
		const data = new DataTransfer();
		data.items.add(new File([plain], name, { type }));
		box.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
	}, file);
}

/** On the transcript, not on the composer: the whole column takes it. */
async function drop(page: Page, file: { readonly name: string; readonly type: string; readonly text: string }) {
	const data = await page.evaluateHandle(({ name, type, text }) => {
		const transfer = new DataTransfer();
		transfer.items.add(new File([text], name, { type }));
		return transfer;
	}, file);
	const target = page.locator('.transcript-frame');
	await target.dispatchEvent('dragover', { dataTransfer: data });
	await target.dispatchEvent('drop', { dataTransfer: data });
}

function contentOf(body: unknown): readonly Record<string, unknown>[] {
	if (!isJsonObject(body) || !Array.isArray(body.messages)) return [];
	return body.messages.flatMap((message) =>
		isJsonObject(message) && Array.isArray(message.content) ? message.content.filter(isJsonObject) : [],
	);
}

function dataOf(block: Record<string, unknown> | undefined): Buffer {
	return Buffer.from(isJsonObject(block?.source) ? String(block.source.data) : '', 'base64');
}

function sizeOfPng(bytes: Buffer): readonly [number, number] {
	return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

async function isAccessible(page: Page): Promise<void> {
	const { violations } = await new AxeBuilder({ page })
		.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'])
		.analyze();
	expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
}
