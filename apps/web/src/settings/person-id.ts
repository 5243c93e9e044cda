import type { PersonId } from '@pocketeer/core/ids';
import { slugOf } from '@pocketeer/core/tasks/slug';

/** An id for somebody of this name who is new in a space: `eleni`, or `eleni-2` where there is one already. */
export function newPersonId(name: string, taken: ReadonlySet<string>): PersonId {
	const stem = slugOf(name);
	let id = stem;
	for (let count = 2; taken.has(id); count++) id = `${stem}-${count}`;
	return id as PersonId;
}
