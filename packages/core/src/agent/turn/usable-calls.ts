import type { ContentBlockParam } from '@anthropic-ai/sdk/resources/messages';
import { isJsonObject } from '../../json.ts';

/** What the Messages API takes back as the name and as the id of a call. */
const NAME = /^[a-zA-Z0-9_-]{1,128}$/;
const ID = /^[a-zA-Z0-9_-]{1,128}$/;

/** Stands for a name that cannot be sent back; no tool has it. */
const NO_NAME = 'unusable_name';

/**
 * The blocks of an answer with calls that can be run, told apart and sent back. The service's own answers pass as they are.
 * Endpoints that only resemble it count their calls from one in each answer, leave ids out, or pass on whatever name or
 * arguments a model made up: those get an id of their own, a name that no tool has, or arguments that say what came.
 */
export function usableCalls(
	blocks: readonly ContentBlockParam[],
	ids: { readonly taken: () => ReadonlySet<string>; readonly make: () => string },
): readonly ContentBlockParam[] {
	if (!blocks.some((block) => block.type === 'tool_use')) return blocks;
	const taken = new Set(ids.taken());
	return blocks.map((block) => {
		if (block.type !== 'tool_use') return block;
		const id = ID.test(block.id) && !taken.has(block.id) ? block.id : ids.make();
		taken.add(id);
		const isNamed = NAME.test(block.name);
		const isWhole = isJsonObject(block.input);
		if (id === block.id && isNamed && isWhole) return block;
		const input = isWhole ? block.input : { INVALID_JSON: JSON.stringify(block.input ?? null) };
		return { ...block, id, name: isNamed ? block.name : NO_NAME, input };
	});
}
