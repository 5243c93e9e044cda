import type { ToolOutcome } from '@pocketeer/core/agent/tool';
import type { LineId, TurnId } from '@pocketeer/core/ids';
import { createRecall } from '@pocketeer/core/recall/create-recall';
import { createTaskWorld } from '@pocketeer/core/testing/task-world';
import { createTools } from '../index.ts';

/** Friday 20 November 2026, 19:00 in Athens. */
const NOW = '2026-11-20T17:00:00Z';

/** A space with every tool over it. */
export async function createToolsWorld() {
	const made = await createTaskWorld({ now: NOW });
	const { files, lines, directory, blobs } = made.space;
	const recall = createRecall({ files });
	const tools = createTools({ files, recall, lines, directory, blobs, tasks: made.tasks, clock: made.clock });
	let calls = 0;
	/** Calls a tool as the loop does; the same `toolUse` is the same call made again. */
	function call(name: string, input: unknown, toolUse = `toolu_${++calls}`): Promise<ToolOutcome> {
		const tool = tools.find(({ definition }) => definition.name === name);
		if (!tool) throw new Error(`no tool ${name}`);
		const line = 'chat' as LineId;
		const turn = 'turn' as TurnId;
		const actor = { ...made.actor(toolUse), line, turn };
		return tool.run(input, { line, turn, toolUse, actor, signal: new AbortController().signal });
	}
	async function textOf(path: string) {
		const read = await files.read(path);
		return read.ok ? read.value.text : undefined;
	}
	return { ...made, files, tools, call, textOf };
}
