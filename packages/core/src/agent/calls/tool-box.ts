import { isJsonObject } from '../../json.ts';
import type { Tool, ToolOutcome } from '../tool.ts';

/**
 * Thirty with the two that run at the service (web search and fetch): more definitions cost every request and make models
 * choose worse.
 */
const MOST_VISIBLE = 28;

/**
 * The tools that a model is shown: all of them, or, when they are more than `limit`, the first of the list and one pair that
 * finds and calls the others. The pair's definitions are always the same bytes, so tools that come and go behind it leave
 * the frozen prefix as it is.
 */
export function visibleTools(tools: readonly Tool[], limit: number = MOST_VISIBLE): readonly Tool[] {
	if (tools.length <= limit) return tools;
	const shown = Math.max(0, limit - 2);
	const hidden = tools.slice(shown);
	return [...tools.slice(0, shown), findTool(hidden), callTool(hidden)];
}

/** How many tools one search describes. */
const MOST_FOUND = 5;

function findTool(hidden: readonly Tool[]): Tool {
	return {
		definition: {
			name: 'find_tool',
			description:
				'Finds tools that are not listed here, by words of what they do. Gives the name, the description and the arguments of those that fit best; call one with call_tool. Use it before you say that something cannot be done.',
			input_schema: {
				type: 'object',
				properties: {
					query: { type: 'string', description: 'A few words of what the tool should do, such as "weather forecast".' },
				},
				required: ['query'],
				additionalProperties: false,
			},
		},
		isReadOnly: true,
		isIdempotent: true,
		worksOn: () => [],
		async run(input) {
			const query = isJsonObject(input) && typeof input.query === 'string' ? input.query.trim() : '';
			if (query === '') return refused('The argument "query" is missing. Example: find_tool({"query": "weather"})');
			const found = search(hidden, query).slice(0, MOST_FOUND);
			if (found.length === 0) return done(`No tool fits "${query}". Other words may find one. ${namesOf(hidden)}`);
			return done(found.map(describe).join('\n\n'));
		},
	};
}

function callTool(hidden: readonly Tool[]): Tool {
	const byName = new Map(hidden.map((tool) => [tool.definition.name, tool]));
	return {
		definition: {
			name: 'call_tool',
			description:
				'Calls a tool that find_tool found, with the arguments that were described there. Tools listed here are called directly, not through this.',
			input_schema: {
				type: 'object',
				properties: {
					name: { type: 'string', description: 'Name of the tool, as find_tool gave it.' },
					input: { type: 'object', description: 'Its arguments, as find_tool described them.' },
				},
				required: ['name', 'input'],
				additionalProperties: false,
			},
		},
		isReadOnly: true,
		isIdempotent: true,
		worksOn: () => [],
		target(input) {
			if (!isJsonObject(input) || typeof input.name !== 'string') return undefined;
			const tool = byName.get(input.name);
			return tool && { tool, input: input.input };
		},
		/** Only for calls that name no tool: the others are their target's. */
		async run(input) {
			const name = isJsonObject(input) && typeof input.name === 'string' ? input.name : '';
			if (name === '') return refused('The argument "name" is missing. Example: call_tool({"name": "…", "input": {}})');
			return refused(`There is no tool "${name}" behind call_tool. find_tool shows what there is.`);
		},
	};
}

/** Those that any word fits, best first; equally good ones in the order given. */
function search(tools: readonly Tool[], query: string): readonly Tool[] {
	const wanted = [...new Set(wordsOf(query))];
	return tools
		.map((tool) => ({ tool, score: scoreOf(tool, wanted) }))
		.filter(({ score }) => score > 0)
		.sort((a, b) => b.score - a.score)
		.map(({ tool }) => tool);
}

/** A name says more than a description; a whole word more than the beginning of one. */
function scoreOf({ definition }: Tool, wanted: readonly string[]): number {
	const name = wordsOf(definition.name);
	const description = wordsOf(definition.description ?? '');
	const isWhole = definition.name.toLowerCase() === wanted.join('_');
	return wanted.reduce((sum, word) => sum + 3 * fit(name, word) + fit(description, word), isWhole ? 100 : 0);
}

function fit(words: readonly string[], wanted: string): number {
	if (words.includes(wanted)) return 2;
	return wanted.length >= 3 &&
		words.some((word) => word.startsWith(wanted) || (word.length >= 3 && wanted.startsWith(word)))
		? 1
		: 0;
}

function wordsOf(text: string): readonly string[] {
	return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function describe({ definition }: Tool): string {
	const { name, description = '', input_schema } = definition;
	return `${name}: ${description}\nArguments: ${JSON.stringify(input_schema)}`;
}

function namesOf(tools: readonly Tool[]): string {
	return `There are: ${tools.map(({ definition }) => definition.name).join(', ')}.`;
}

function done(result: string): ToolOutcome {
	return { outcome: 'done', result, receipts: [] };
}

function refused(result: string): ToolOutcome {
	return { outcome: 'refused', result, receipts: [] };
}
