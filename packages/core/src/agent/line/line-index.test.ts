import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LineRecord } from '../../space/records.ts';
import { createLineIndexer, indexLine } from './line-index.ts';

const turn = fc.constantFrom('t1', 't2', 't3');
const fence = fc.constantFrom(0, 1, 2);
const id = fc.constantFrom('a', 'b', 'c');
const record = fc.oneof(
	fc.record({ kind: fc.constant('turn'), id: turn, fence, device: id }),
	fc.record({ kind: fc.constant('message'), id }),
	fc.record({ kind: fc.constant('model-step'), id, turn, fence }),
	fc.record({ kind: fc.constant('tool-step'), toolUse: id, turn, fence }),
	fc.record({ kind: fc.constant('steering'), id, turn, fence }),
	fc.record({ kind: fc.constant('decision'), toolUse: id, turn }),
	fc.record({ kind: fc.constant('stop'), turn }),
	fc.record({ kind: fc.constant('turn-end'), turn, fence }),
	fc.record({ kind: fc.constant('takeover'), turn, fence, device: id, steps: fc.array(id) }),
	fc.record({ kind: fc.constant('compaction'), id }),
	fc.record({ kind: fc.constant('compaction-undone'), compaction: id }),
	fc.record({ kind: fc.constantFrom('reminder', 'epoch'), id }),
);

it('reading on from an earlier list gives what reading the whole list gives, and leaves the earlier index as it was', () => {
	fc.assert(
		fc.property(fc.array(fc.array(record, { maxLength: 6 }), { maxLength: 8 }), (parts) => {
			const { indexOf } = createLineIndexer();
			let records: readonly LineRecord[] = [];
			for (const part of parts) {
				const before = { index: indexOf(records), whole: structuredClone(indexLine(records)) };
				records = [...records, ...(part as unknown as readonly LineRecord[])];
				expect(indexOf(records)).toEqual(indexLine(records));
				expect(before.index).toEqual(before.whole);
			}
		}),
		{ numRuns: 500 },
	);
});
