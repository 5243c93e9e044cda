import { writeFile } from 'node:fs/promises';
import type { Locator } from '@playwright/test';

const WIDTH = 640;
const HEIGHT = 480;
const LIGHT = 235;
const DARK = 16;

/** Writes a film of one frame that shows a QR code of a page, as Chromium's pretended camera plays it (YUV4MPEG2, 4:2:0). */
export async function writeQrVideo(file: string, code: Locator): Promise<void> {
	const size = Number((await code.getAttribute('viewBox'))?.split(' ')[2]);
	const path = (await code.locator('path').getAttribute('d')) ?? '';
	const scale = Math.floor(HEIGHT / size);
	const left = Math.floor((WIDTH - size * scale) / 2);
	const luma = Buffer.alloc(WIDTH * HEIGHT, LIGHT);
	for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
		for (let line = 0; line < scale; line++) {
			const from = (Number(y) * scale + line) * WIDTH + left + Number(x) * scale;
			luma.fill(DARK, from, from + Number(width) * scale);
		}
	}
	const colour = Buffer.alloc((WIDTH * HEIGHT) / 2, 128);
	const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`);
	await writeFile(file, Buffer.concat([head, Buffer.from('FRAME\n'), luma, colour]));
}
