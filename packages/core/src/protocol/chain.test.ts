import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../bytes.ts';
import { emptyChain, nextChain, nextChainSync } from './chain.ts';

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());

describe('chain', () => {
	test('the chain of the entries "one", "two" is the one every implementation must reach', async () => {
		const first = await nextChain(emptyChain(), utf8('one'));
		const second = await nextChain(first, utf8('two'));
		// Computed apart from this code, with Python's hashlib.
		expect(Buffer.from(first).toString('hex')).toBe('c7e3347570821fed43690c2125ce36b1fb0ca7787ba0f219b8e75ee0fc7b4644');
		expect(Buffer.from(second).toString('hex')).toBe(
			'b88f3f290fe4ac11da329c5515b418b937de9be1abffb4ff40de976ef83a28ee',
		);
	});

	test('the synchronous form gives the same hashes', async () => {
		const entry = new Uint8Array(1000).fill(7);
		const chain = sha256(utf8('before'));
		expect(nextChainSync(chain, entry, sha256)).toEqual(await nextChain(chain, entry));
	});
});
