import type { Tool, ToolCall } from '../agent/tool.ts';

/** A tool that says what it was given, and notes in `ran` that it ran. */
export function createEchoTool(
	name: string,
	options: Partial<Pick<Tool, 'isReadOnly' | 'isIdempotent'>> & {
		readonly ran?: string[];
		/** Runs before the tool answers; may wait or throw. */
		readonly during?: (call: ToolCall) => Promise<void> | void;
	} = {},
): Tool {
	return {
		definition: { name, description: `Says ${name}.`, input_schema: { type: 'object' } },
		isReadOnly: options.isReadOnly ?? false,
		isIdempotent: options.isIdempotent ?? false,
		async run(input, call) {
			options.ran?.push(call.toolUse);
			await options.during?.(call);
			return { outcome: 'done', result: `${name} ${JSON.stringify(input)}`, receipts: [] };
		},
	};
}
