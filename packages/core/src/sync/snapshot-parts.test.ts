import { describe, expect, it } from 'vitest';
import type { SnapshotId, StreamId } from '../ids.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { SnapshotPart } from '../protocol/messages.ts';
import { createSnapshotParts } from './snapshot-parts.ts';

describe('[R5] the parts of a snapshot', () => {
	it('are a whole with the last of them, and only once', () => {
		const parts = createSnapshotParts();
		expect(parts.add(part(0))).toBeUndefined();
		expect(parts.add(part(1))).toBeUndefined();
		expect(parts.add(part(2))).toEqual({ covers: 7, chain: CHAIN, sealed: Uint8Array.of(0, 1, 2) });
		expect(parts.add(part(2))).toBeUndefined();
	});

	it.each<[string, readonly SnapshotPart[]]>([
		['without their beginning', [part(1), part(2)]],
		['with one left out', [part(0), part(2)]],
		['with one twice', [part(0), part(1), part(1), part(2)]],
		['in another order', [part(0), part(2), part(1)]],
		['of two snapshots', [part(0), part(1, { id: 'B'.repeat(22) as SnapshotId }), part(2)]],
		['that disagree about their place', [part(0), part(1, { covers: 8 }), part(2)]],
		['that disagree about the log', [part(0), part(1, { chain: new Uint8Array(32) }), part(2)]],
		['that disagree about their number', [part(0), part(1, { count: 2 })]],
	])('%s are none', (_, given) => {
		const parts = createSnapshotParts();
		for (const one of given) expect(parts.add(one)).toBeUndefined();
	});

	it('begin again with the first', () => {
		const parts = createSnapshotParts();
		for (const one of [part(0), part(1), part(0), part(1)]) expect(parts.add(one)).toBeUndefined();
		expect(parts.add(part(2))?.sealed).toEqual(Uint8Array.of(0, 1, 2));
	});

	it('that grow past what a snapshot may weigh are let go', () => {
		const parts = createSnapshotParts();
		const large = new Uint8Array(LIMITS.snapshot / 2);
		expect(parts.add(part(0, { part: large }))).toBeUndefined();
		expect(parts.add(part(1, { part: large }))).toBeUndefined();
		expect(parts.add(part(2))).toBeUndefined();
	});
});

const CHAIN = new Uint8Array(32).fill(5);

function part(index: number, change: Partial<SnapshotPart> = {}): SnapshotPart {
	const id = 'A'.repeat(22) as SnapshotId;
	const stream = 'S'.repeat(22) as StreamId;
	return { stream, id, covers: 7, chain: CHAIN, index, count: 3, part: Uint8Array.of(index), ...change };
}
