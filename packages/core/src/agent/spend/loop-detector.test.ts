import { expect, it } from 'vitest';
import type { MessageId, TurnId } from '../../ids.ts';
import type { ModelStepRecord, SteeringRecord, ToolStepRecord } from '../../space/records.ts';
import { findLoop } from './loop-detector.ts';

const TURN = 'turn' as TurnId;

interface Call {
	readonly name: string;
	readonly input?: unknown;
	readonly result: string;
	readonly outcome?: ToolStepRecord['outcome'];
}

/** A turn of these model steps, each with its calls and their results. */
function turnOf(steps: readonly (readonly Call[])[], spokenAfter?: number) {
	const modelSteps: ModelStepRecord[] = [];
	const toolSteps = new Map<string, ToolStepRecord>();
	for (const [at, calls] of steps.entries()) {
		const ids = calls.map((_, order) => `use-${at}-${order}`);
		modelSteps.push({
			kind: 'model-step',
			id: `step-${at}`,
			turn: TURN,
			at,
			model: 'm',
			content: calls.map(({ name, input = {} }, order) => ({ type: 'tool_use', id: ids[order] ?? '', name, input })),
			stop: 'tool_use',
			usage: undefined,
			durationMs: 1,
		});
		for (const [order, { name, result, outcome = 'done' }] of calls.entries()) {
			const toolUse = ids[order] ?? '';
			const step = { kind: 'tool-step', turn: TURN, toolUse, name, at, outcome, result, receipts: [] } as const;
			toolSteps.set(toolUse, { ...step, durationMs: at });
		}
	}
	const steering: SteeringRecord[] =
		spokenAfter === undefined
			? []
			: [
					{
						kind: 'steering',
						id: 's',
						turn: TURN,
						at: 0,
						after: `step-${spokenAfter}`,
						head: '',
						messages: ['m' as MessageId],
					},
				];
	return { modelSteps, toolSteps, steering };
}

const read = (result: string, path = 'a.md'): Call => ({ name: 'read_file', input: { path }, result });
const edit = (result: string): Call => ({
	name: 'edit_file',
	input: { path: 'a.md', old: 'x' },
	result,
	outcome: 'refused',
});

it('the same call with the same result ends the turn at the fourth time, not before', () => {
	const again = (times: number) => turnOf(Array.from({ length: times }, () => [read('same')]));
	expect(findLoop(again(3))).toBeUndefined();
	expect(findLoop(again(4))).toEqual({ type: 'Loop', tool: 'read_file', times: 4 });
});

it('a file read again and again is no loop while what it says changes', () => {
	expect(findLoop(turnOf(['1', '2', '3', '4', '5', '6'].map((text) => [read(text)])))).toBeUndefined();
	expect(findLoop(turnOf(['a', 'a', 'a', 'b', 'b', 'b', 'a', 'a', 'a'].map((text) => [read(text)])))).toBeUndefined();
});

it('other inputs and other outcomes are other calls', () => {
	expect(findLoop(turnOf(['a', 'b', 'c', 'd'].map((path) => [read('same', path)])))).toBeUndefined();
	const failed = { ...read('same'), outcome: 'failed' } as const;
	expect(findLoop(turnOf([[read('same')], [failed], [read('same')], [read('same')]]))).toBeUndefined();
});

it('calls by turns are a loop as well: two and two, and three and three', () => {
	const pairs = (times: number) => Array.from({ length: times }, () => [[read('x')], [edit('no such text')]]).flat();
	expect(findLoop(turnOf(pairs(3)))).toBeUndefined();
	expect(findLoop(turnOf(pairs(4)))).toMatchObject({ type: 'Loop', tool: 'edit_file' });
	const triples = Array.from({ length: 4 }, () => [[read('x')], [edit('no')], [read('y', 'b.md')]]).flat();
	expect(findLoop(turnOf(triples))).toMatchObject({ type: 'Loop' });
	expect(findLoop(turnOf(triples.slice(0, -1)))).toBeUndefined();
});

it('reading one file between edits of others goes on for as long as it gets anywhere', () => {
	const work = ['b', 'c', 'd', 'e', 'f'].flatMap((path) => [[read('same')], [read(`text of ${path}`, path)]]);
	expect(findLoop(turnOf(work))).toBeUndefined();
});

it('steps with several calls are compared whole', () => {
	const both = () => [read('same'), read('other', 'b.md')];
	expect(findLoop(turnOf([both(), both(), both(), both()]))).toMatchObject({ tool: 'read_file' });
	const growing = ['1', '2', '3', '4'].map((text) => [read('same'), read(text, 'b.md')]);
	expect(findLoop(turnOf(growing))).toBeUndefined();
	// Four alike in one step are one look.
	expect(findLoop(turnOf([[read('x'), read('x'), read('x'), read('x')]]))).toBeUndefined();
});

it('what the person says while the turn runs begins the count anew', () => {
	const steps = Array.from({ length: 4 }, () => [read('same')]);
	expect(findLoop(turnOf(steps, 1))).toBeUndefined();
	expect(findLoop(turnOf([...steps, ...steps.slice(0, 2)], 1))).toMatchObject({ type: 'Loop' });
});

it('a step whose results are not all there is not judged', () => {
	const turn = turnOf(Array.from({ length: 4 }, () => [read('same')]));
	turn.toolSteps.delete('use-3-0');
	expect(findLoop(turn)).toBeUndefined();
	expect(findLoop(turnOf([]))).toBeUndefined();
});
