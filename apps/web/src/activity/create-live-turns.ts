import type { Agent, LiveTurn } from '@pocketeer/core/agent/agent';
import type { Line, Lines } from '@pocketeer/core/space/space';
import { type Accessor, createSignal, onCleanup } from 'solid-js';

/** A turn that runs now, and how to end it. */
export interface RunningTurn {
	readonly line: Line;
	readonly turn: LiveTurn;
	stop(): void;
}

/** Every running turn of this device. */
export function createLiveTurns(agent: Promise<Agent>, lines: Lines): Accessor<readonly RunningTurn[]> {
	const [turns, setTurns] = createSignal<readonly RunningTurn[]>([]);
	let subscription: Disposable | undefined;
	let isGone = false;
	void follow();
	onCleanup(() => {
		isGone = true;
		subscription?.[Symbol.dispose]();
	});
	return turns;

	async function follow() {
		const loaded = await agent;
		if (isGone) return;
		const look = () =>
			setTurns(
				lines.list().flatMap((line) => {
					const turn = loaded.live(line.id);
					return turn ? [{ line, turn, stop: () => loaded.stop(line.id) }] : [];
				}),
			);
		subscription = loaded.subscribe(look);
		look();
	}
}
