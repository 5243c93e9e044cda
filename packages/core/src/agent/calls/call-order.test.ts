import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Access, type CallState, callsToStart, conflicts } from './call-order.ts';

interface Call {
	readonly name: string;
	readonly access: Access;
	state: CallState;
}

function calls(...given: readonly (readonly [Access['keys'], ('reads' | 'writes')?, CallState?])[]): readonly Call[] {
	return given.map(([keys, how = 'writes', state = 'ready'], at) => ({
		name: 'abcdefgh'.charAt(at),
		access: { keys, isReadOnly: how === 'reads' },
		state,
	}));
}

function names(list: readonly Call[]): string {
	return list.map(({ name }) => name).join('');
}

describe('calls of one answer', () => {
	it('start together where they work on different things, and in order where they share one', () => {
		expect(names(callsToStart(calls([['x']], [['y']], [['x', 'z']], [['z']]), 6))).toBe('ab');
		expect(
			names(callsToStart(calls([['x'], 'writes', 'over'], [['y'], 'writes', 'running'], [['x']], [['y']]), 6)),
		).toBe('c');
	});

	it('that only read may share what they work on', () => {
		expect(names(callsToStart(calls([['x'], 'reads'], [['x'], 'reads'], [['x']], [['x'], 'reads']), 6))).toBe('ab');
	});

	it('without keys run alone, or beside other reads', () => {
		expect(names(callsToStart(calls([undefined, 'reads'], [['x'], 'reads'], [['x']], [[]]), 6))).toBe('ab');
		expect(names(callsToStart(calls([['x']], [undefined], [['y']]), 6))).toBe('a');
		expect(names(callsToStart(calls([['x'], 'writes', 'over'], [undefined], [['y']]), 6))).toBe('b');
	});

	it('that wait for the person hold their place, and nobody else up', () => {
		expect(names(callsToStart(calls([['x'], 'writes', 'waits'], [['x']], [['y']]), 6))).toBe('c');
	});

	it('start only as many as there is room for, the first ones first', () => {
		expect(names(callsToStart(calls([['v'], 'writes', 'running'], [['w']], [['x']], [['y']]), 3))).toBe('bc');
	});

	const access = fc.record({
		keys: fc.option(fc.uniqueArray(fc.constantFrom('x', 'y', 'z', 'w'), { maxLength: 3 }), { nil: undefined }),
		isReadOnly: fc.boolean(),
	});

	it('property: in any order of finishing all run once, what conflicts runs in order, and nothing idles without a reason', () => {
		fc.assert(
			fc.property(
				fc.array(access, { minLength: 1, maxLength: 12 }),
				fc.integer({ min: 1, max: 6 }),
				fc.array(fc.nat(), { minLength: 12, maxLength: 12 }),
				(accesses, limit, picks) => {
					const all = accesses.map((one, at): Call => ({ name: String(at), access: one, state: 'ready' }));
					const started: Call[] = [];
					for (let round = 0; all.some(({ state }) => state !== 'over'); round++) {
						for (const call of callsToStart(all, limit)) {
							expect(call.state).toBe('ready');
							const before = all.slice(0, all.indexOf(call)).filter(({ state }) => state !== 'over');
							expect(before.filter((other) => conflicts(other.access, call.access))).toEqual([]);
							call.state = 'running';
							started.push(call);
						}
						const running = all.filter(({ state }) => state === 'running');
						expect(running.length).toBeGreaterThan(0);
						expect(running.length).toBeLessThanOrEqual(limit);
						for (const idle of all.filter(({ state }) => state === 'ready')) {
							const before = all.slice(0, all.indexOf(idle)).filter(({ state }) => state !== 'over');
							const hasReason =
								before.some((other) => conflicts(other.access, idle.access)) || running.length === limit;
							expect(hasReason, `${idle.name} could run`).toBe(true);
						}
						const ends = running[(picks[round % picks.length] ?? 0) % running.length];
						if (ends) ends.state = 'over';
					}
					expect(new Set(started).size).toBe(all.length);
				},
			),
		);
	});
});
