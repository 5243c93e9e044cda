import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { createTestClock } from '../testing/test-clock.ts';
import { createHlc } from './hlc.ts';
import { createRegisters, type Registers } from './register.ts';

interface Peer {
	readonly doc: Y.Doc;
	readonly registers: Registers<string>;
	set(entity: string, value: string): void;
}

function createPeer(writer: string, now = 1_000, clientID?: number): Peer {
	const clock = createTestClock({ now });
	const doc = new Y.Doc();
	if (clientID !== undefined) doc.clientID = clientID;
	const hlc = createHlc({ clock });
	const parse = (value: unknown) => (typeof value === 'string' ? value : undefined);
	const registers = createRegisters({ map: doc.getMap('r'), writer, hlc, parse });
	return {
		doc,
		registers,
		set: (entity, value) => registers.set(entity, value, { tick: hlc.tick(), at: clock.now() }),
	};
}

function exchange(a: Peer, b: Peer): void {
	const toB = Y.encodeStateAsUpdate(a.doc, Y.encodeStateVector(b.doc));
	Y.applyUpdate(a.doc, Y.encodeStateAsUpdate(b.doc, Y.encodeStateVector(a.doc)));
	Y.applyUpdate(b.doc, toB);
}

describe('registers', () => {
	test.each([
		[1, 2],
		[2, 1],
	])('of two concurrent values the later one wins, whatever the Yjs client ids (%d, %d)', (early, late) => {
		const a = createPeer('a', 1_000, early);
		const b = createPeer('b', 2_000, late);
		b.set('x', 'later');
		a.set('x', 'earlier');
		exchange(a, b);
		expect(a.registers.get('x')?.value).toBe('later');
		expect(b.registers.get('x')?.value).toBe('later');
	});

	test('a value set after seeing another wins, though the own clock is far behind', () => {
		const ahead = createPeer('a', 1e12);
		const behind = createPeer('b', 1_000);
		ahead.set('x', 'first');
		exchange(ahead, behind);
		behind.set('x', 'second');
		exchange(ahead, behind);
		expect(ahead.registers.get('x')?.value).toBe('second');
	});

	test('any order of merging, with repeats, gives every device the same fold: the one of the greatest tick', () => {
		const write = fc.record({ peer: fc.nat(3), entity: fc.constantFrom('x', 'y'), value: fc.string() });
		const meet = fc.record({ from: fc.nat(3), to: fc.nat(3) });
		fc.assert(
			fc.property(fc.array(fc.oneof(write, meet), { maxLength: 40 }), fc.infiniteStream(fc.nat(3)), (steps, order) => {
				const peers = [createPeer('a', 4_000), createPeer('b', 3_000), createPeer('c', 5_000), createPeer('d', 1)];
				const at = (index: number) => peers[index] ?? createPeer('never');
				for (const step of steps) {
					if ('peer' in step) at(step.peer).set(step.entity, step.value);
					else Y.applyUpdate(at(step.to).doc, Y.encodeStateAsUpdate(at(step.from).doc));
				}
				for (let i = 0; i < 10; i++) exchange(at(order.next().value ?? 0), at(order.next().value ?? 0));
				for (let round = 0; round < 2; round++) for (const a of peers) for (const b of peers) exchange(a, b);
				for (const entity of ['x', 'y']) {
					const cells = [...at(0).registers.cells(entity)].sort(
						(p, q) => q.tick - p.tick || (p.writer < q.writer ? 1 : -1),
					);
					for (const peer of peers) expect(peer.registers.get(entity)).toEqual(cells[0]);
				}
			}),
			{ numRuns: 60 },
		);
	});

	test('two tabs of one device, writing at once, end with the later value', async () => {
		for (const [first, second] of [
			[1, 2],
			[2, 1],
		]) {
			const earlier = createPeer('same', 1_000, first);
			const later = createPeer('same', 2_000, second);
			earlier.set('x', 'earlier');
			later.set('x', 'later');
			exchange(earlier, later);
			await Promise.resolve();
			exchange(earlier, later);
			expect(earlier.registers.get('x')?.value).toBe('later');
			expect(later.registers.get('x')?.value).toBe('later');
		}
	});

	test('cells that cannot be read are as if they were not there', () => {
		const peer = createPeer('a');
		const map = peer.doc.getMap('r');
		peer.set('x', 'good');
		for (const bad of [null, 'text', [], [1], ['1', 1, 'v'], [2 ** 60, 1, 'v'], [9e9, Number.NaN, 'v'], [9e9, 1, 7]]) {
			map.set('x/other', bad);
		}
		map.set('nobody', [9e9, 1, 'v']);
		expect(peer.registers.get('x')?.value).toBe('good');
		expect([...peer.registers.entities()]).toEqual(['x']);
	});

	test('a document that was there before is read when opened', () => {
		const a = createPeer('a');
		a.set('x', 'kept');
		const doc = new Y.Doc();
		Y.applyUpdate(doc, Y.encodeStateAsUpdate(a.doc));
		const hlc = createHlc({ clock: createTestClock({ now: 1 }) });
		const opened = createRegisters({ map: doc.getMap('r'), writer: 'b', hlc, parse: String });
		expect(opened.get('x')?.value).toBe('kept');
		expect(hlc.tick()).toBeGreaterThan(a.registers.get('x')?.tick ?? Number.POSITIVE_INFINITY);
	});
});
