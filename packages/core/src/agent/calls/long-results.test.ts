import { describe, expect, it } from 'vitest';
import { type Bytes, fromUtf8 } from '../../bytes.ts';
import type { BlobId } from '../../ids.ts';
import { err, ok } from '../../result.ts';
import type { Blobs } from '../../space/space.ts';
import { fitResult, LONGEST_RESULT } from './long-results.ts';
import { resultContentOf } from './trust.ts';

const log = { info() {}, warn() {} };

function createBlobs(): { readonly blobs: Pick<Blobs, 'put'>; readonly kept: Bytes[] } {
	const kept: Bytes[] = [];
	const blobs: Pick<Blobs, 'put'> = {
		async put(bytes) {
			kept.push(bytes);
			return ok('blob-1' as BlobId);
		},
	};
	return { blobs, kept };
}

describe('a result', () => {
	it('that is short enough is left as it is', async () => {
		const { blobs, kept } = createBlobs();
		const result = 'x'.repeat(LONGEST_RESULT);
		expect(await fitResult({ blobs, log }, { tool: 'page', result })).toEqual({ result });
		expect(await fitResult({ blobs, log }, { tool: 'page', result: undefined })).toEqual({ result: undefined });
		expect(kept).toEqual([]);
	});

	it('that is too long is kept whole, and shown cut with how to read on', async () => {
		const { blobs, kept } = createBlobs();
		const result = `${'x'.repeat(LONGEST_RESULT - 1)}👍 the end`;
		const fitting = await fitResult({ blobs, log }, { tool: 'page', result });
		expect(fitting).toEqual({
			result: [
				{ type: 'text', text: 'x'.repeat(LONGEST_RESULT - 1) },
				{
					type: 'text',
					text: `[Cut after 23999 of 24009 characters; read on with fetch_attachment {"id": "blob-1", "offset": 23999}]`,
				},
			],
			whole: { blob: 'blob-1', name: 'page-result.txt', mediaType: 'text/plain', sizeBytes: 24_011 },
		});
		expect(kept.map((bytes) => fromUtf8(bytes))).toEqual([result]);
	});

	it('keeps its images, and counts only its text', async () => {
		const { blobs } = createBlobs();
		const image = {
			type: 'image',
			source: { type: 'base64', media_type: 'image/png', data: 'A'.repeat(99_999) },
		} as const;
		const short = [{ type: 'text', text: 'A chart' } as const, image];
		expect(await fitResult({ blobs, log }, { tool: 'draw', result: short })).toEqual({ result: short });
		const long = [
			{ type: 'text', text: 'y'.repeat(20_000) } as const,
			image,
			{ type: 'text', text: 'z'.repeat(20_000) } as const,
		];
		const { result } = await fitResult({ blobs, log }, { tool: 'draw', result: long });
		expect(result).toMatchObject([image, { text: `${'y'.repeat(20_000)}\n\n${'z'.repeat(3998)}` }, {}]);
	});

	it('that cannot be kept says so, instead of a way to read on that does not exist', async () => {
		const full: Pick<Blobs, 'put'> = { put: async () => err({ type: 'QuotaExceeded' }) };
		for (const deps of [{ blobs: full, log }, { log }]) {
			const { result, whole } = await fitResult(deps, { tool: 'page', result: 'x'.repeat(30_000) });
			expect(whole).toBeUndefined();
			expect(result).toMatchObject([{}, { text: expect.stringContaining('could not be kept') }]);
			expect(JSON.stringify(result)).not.toContain('fetch_attachment');
		}
	});

	it('from outside is marked in the request, its own cut mark is not', async () => {
		const { blobs } = createBlobs();
		const fitting = await fitResult({ blobs, log }, { tool: 'page', result: 'x'.repeat(30_000) });
		const shown = resultContentOf({ ...fitting, untrusted: { source: 'example.com' } });
		expect(shown).toMatchObject([
			{ text: expect.stringMatching(/^<untrusted source="example\.com">\nx+\n<\/untrusted>$/) },
			{ text: expect.stringMatching(/^\[Cut after/) },
		]);
	});
});
