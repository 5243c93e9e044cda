import type { Task, Tasks } from '@pocketeer/core/tasks/tasks';
import { type Accessor, createSignal, onCleanup } from 'solid-js';

/** Every task, followed; undefined until they are known. */
export function createTaskList(tasks: Promise<Tasks>): Accessor<readonly Task[] | undefined> {
	const [list, setList] = createSignal<readonly Task[]>();
	let subscription: Disposable | undefined;
	let isGone = false;
	let newest = 0;
	void follow();
	onCleanup(() => {
		isGone = true;
		subscription?.[Symbol.dispose]();
	});
	return list;

	async function follow() {
		const loaded = await tasks;
		if (isGone) return;
		subscription = loaded.subscribe(() => void read(loaded));
		await read(loaded);
	}

	async function read(loaded: Tasks) {
		const own = ++newest;
		const found = await loaded.list();
		// A slow earlier answer must not replace a later one.
		if (!isGone && own === newest) setList(found);
	}
}
