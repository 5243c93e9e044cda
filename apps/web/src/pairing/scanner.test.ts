import { describe, expect, it } from 'vitest';
import { describeCameraError } from './scanner.ts';

describe('a camera that cannot be used', () => {
	it('is explained by why, and always says what to do instead', () => {
		const named = (name: string) => Object.assign(new Error('x'), { name });
		const sentences = ['NotAllowedError', 'NotFoundError', 'NotReadableError', 'SomethingElse'].map((name) =>
			describeCameraError(named(name)),
		);
		expect(new Set(sentences).size).toBe(4);
		for (const sentence of sentences) expect(sentence).toContain('ype the code instead');
		expect(describeCameraError(undefined)).toBe(sentences[3]);
	});
});
