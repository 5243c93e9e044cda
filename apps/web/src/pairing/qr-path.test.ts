import { encodeQR } from 'qr';
import { decodeQR } from 'qr/decode.js';
import { describe, expect, it } from 'vitest';
import { qrPath } from './qr-path.ts';

/** Pixels of the path, `scale` to a module. */
function paint(path: string, size: number, scale: number) {
	const side = size * scale;
	const data = new Uint8ClampedArray(side * side * 4).fill(255);
	for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
		for (let row = 0; row < scale; row++) {
			for (let column = 0; column < Number(width) * scale; column++) {
				const at = ((Number(y) * scale + row) * side + Number(x) * scale + column) * 4;
				data.fill(0, at, at + 3);
			}
		}
	}
	return { width: side, height: side, data };
}

describe('a QR code as a path', () => {
	it('joins the dark modules of a row and leaves out the light ones', () => {
		expect(
			qrPath([
				[true, true, false, true],
				[false, false, false, false],
				[false, true, true, true],
			]),
		).toBe('M0 0h2v1h-2zM3 0h1v1h-1zM1 2h3v1h-3z');
	});

	it('is read by a scanner as the link it was made of', () => {
		const link = 'https://pocketeer.example/#pair=Zm9vYmFyYmF6cXV4cXV1eGNvcmdl';
		const modules = encodeQR(link, 'raw', { border: 4 });
		expect(decodeQR(paint(qrPath(modules), modules.length, 4))).toBe(link);
	});
});
