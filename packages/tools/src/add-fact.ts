import type { ToolCall, ToolOutcome } from '@pocketeer/core/agent/tool';
import type { FilesDep } from '@pocketeer/core/space/space';
import { done } from './define-tool.ts';
import { actorOf, doneBefore, fileReceipt, oneLine, receiptOfPatch, says } from './file-changes.ts';
import { fileErrorOutcome } from './file-errors.ts';

/** Adds a line `- fact` to a file that does not say so yet; a new file begins with its title. */
export async function addFact(
	deps: FilesDep,
	{ path, fact, title }: { readonly path: string; readonly fact: string; readonly title: string },
	call: ToolCall,
): Promise<ToolOutcome> {
	const line = oneLine(fact);
	const before = await doneBefore(deps.files, path, call);
	if (before) return done(`Noted in ${path}: "${line}".`, receiptOfPatch(deps.files, path, before));
	const present = deps.files.find(path) && (await deps.files.read(path));
	if (present && !present.ok) return fileErrorOutcome(present.error);
	if (present && says(present.value.text, line)) return done(`${path} says so already: "${line}". Nothing was added.`);
	const isNew = !present || present.value.text.trim() === '';
	const text = isNew ? `# ${title}\n\n- ${line}` : `- ${line}`;
	const added = await deps.files.append({ path, text }, actorOf(call, undefined));
	if (!added.ok) return fileErrorOutcome(added.error);
	const change = present ? 'edited' : 'created';
	return done(`Noted in ${added.value.entry.path}: "${line}".`, [fileReceipt(change, added.value)]);
}
