import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tool } from '../tool.ts';
import { visibleTools } from './tool-box.ts';

function makeTool(name: string, as: Partial<Tool> & { readonly description?: string } = {}): Tool {
	const { description = `Does ${name}.`, ...rest } = as;
	return {
		definition: { name, description, input_schema: { type: 'object', properties: { n: { type: 'number' } } } },
		isReadOnly: false,
		isIdempotent: true,
		run: async (input) => ({ outcome: 'done', result: `${name} ${JSON.stringify(input)}`, receipts: [] }),
		...rest,
	};
}

function many(count: number, ...last: readonly Tool[]): readonly Tool[] {
	return [...Array.from({ length: count - last.length }, (_, at) => makeTool(`tool_${at}`)), ...last];
}

function named(tools: readonly Tool[], name: string): Tool {
	const tool = tools.find(({ definition }) => definition.name === name);
	if (!tool) throw new Error(`no tool ${name}`);
	return tool;
}

async function find(tools: readonly Tool[], query: unknown) {
	const call = {} as Parameters<Tool['run']>[1];
	return named(tools, 'find_tool').run({ query }, call);
}

describe('the tools that a model sees', () => {
	it('are all there are, up to thirty with those that run at the service', () => {
		const tools = many(28);
		expect(visibleTools(tools)).toBe(tools);
	});

	it('are the first ones and one pair for the rest, beyond that', () => {
		const shown = visibleTools(many(29));
		expect(shown).toHaveLength(28);
		expect(shown.slice(-2).map(({ definition }) => definition.name)).toEqual(['find_tool', 'call_tool']);
		expect(shown.slice(0, 26).map(({ definition }) => definition.name)).toEqual(
			many(26).map((tool) => tool.definition.name),
		);
	});

	it('are the same bytes whatever the pair hides: it is part of the frozen prefix', () => {
		const bytes = (tools: readonly Tool[]) => JSON.stringify(visibleTools(tools).map(({ definition }) => definition));
		expect(bytes(many(29))).toBe(bytes(many(90, makeTool('weather'), makeTool('translate'))));
	});

	it('find the hidden by what they do, best first, with their arguments', async () => {
		const tools = visibleTools(
			many(
				40,
				makeTool('speak', { description: 'Reads a text aloud; not for the weather.' }),
				makeTool('get_forecast', { description: 'Weather of a place for some days.' }),
				makeTool('weather_now', { description: 'What it is like outside.' }),
			),
		);
		const { result } = await find(tools, 'weather forecasts');
		expect(
			String(result)
				.match(/^\w+(?=:)/gm)
				?.filter((name) => name !== 'Arguments'),
		).toEqual(['get_forecast', 'weather_now', 'speak']);
		expect(result).toContain('"n":{"type":"number"}');
		expect((await find(tools, 'zebra')).result).toContain('get_forecast');
		expect(await find(tools, ' ')).toMatchObject({ outcome: 'refused' });
	});

	it('call the hidden as themselves: with their trust, order, questions, time and check of arguments', () => {
		const hidden = makeTool('send_fax', {
			isIdempotent: false,
			timeLimitMs: 7,
			worksOn: () => ['fax'],
			needsTrust: () => ({ type: 'sends', to: 'a fax' }),
		});
		const call = named(visibleTools(many(29, hidden)), 'call_tool');
		expect(call.target?.({ name: 'send_fax', input: { n: 1 } })).toEqual({ tool: hidden, input: { n: 1 } });
		for (const input of [undefined, 'send_fax', { name: 'tool_0', input: {} }, { name: 'no_such' }, []]) {
			expect(call.target?.(input)).toBeUndefined();
		}
	});

	it('refuse a call of what is not hidden, and change nothing', async () => {
		const call = named(visibleTools(many(29)), 'call_tool');
		for (const input of [undefined, [], {}, { name: 'no_such', input: {} }]) {
			expect(await call.run(input, {} as Parameters<Tool['run']>[1])).toMatchObject({
				outcome: 'refused',
				receipts: [],
			});
		}
	});

	it('property: every tool is reached, directly or through the pair, which finds it by its own name', async () => {
		const name = fc.stringMatching(/^[a-z]{2,8}(_[a-z]{2,8}){0,2}$/).filter((one) => !/^(find|call)_tool$/.test(one));
		await fc.assert(
			fc.asyncProperty(
				fc.uniqueArray(name, { minLength: 1, maxLength: 60 }),
				fc.integer({ min: 2, max: 40 }),
				async (names, limit) => {
					const tools = names.map((one) => makeTool(one, { description: 'Does something.' }));
					const shown = visibleTools(tools, limit);
					expect(shown.length).toBeLessThanOrEqual(Math.max(limit, 2));
					for (const tool of tools) {
						if (shown.includes(tool)) continue;
						const wanted = tool.definition.name;
						expect(named(shown, 'call_tool').target?.({ name: wanted, input: 1 })).toEqual({ tool, input: 1 });
						expect((await find(shown, wanted)).result).toMatch(new RegExp(`^${wanted}: `));
					}
				},
			),
			{ numRuns: 40 },
		);
	});
});
