import type { ToolUseBlockParam } from '@anthropic-ai/sdk/resources/messages';
import { createEmitter } from '../../emitter.ts';
import type { LineId } from '../../ids.ts';
import type { ClockDep } from '../../ports/clock.ts';
import type { TurnRecord } from '../../space/records.ts';
import type { LiveTurn } from '../agent.ts';
import type { Failure } from '../failures.ts';
import type { MessageBuilder } from '../model/message-builder.ts';

/** One frame at 60 Hz: deltas come faster than any screen can show them. */
const FRAME_MS = 16;

/** The running turns as a screen sees them. */
export interface LiveTurns extends Disposable {
	get(line: LineId): LiveTurn | undefined;
	/** Fires at once on a change of phase, and at most once a frame while text grows. */
	subscribe(listener: (line: LineId) => void): Disposable;
	begin(line: LineId, turn: Pick<TurnRecord, 'id' | 'trigger' | 'by'>): LiveHandle;
}

/** The writing end of one live turn. */
export interface LiveHandle {
	/** Shows the call in progress as it grows. */
	show(message: MessageBuilder): void;
	/** The call's answer stands in the records now. */
	settle(): void;
	begins(uses: readonly ToolUseBlockParam[]): void;
	ends(toolUse: string): void;
	/** These calls wait for the person. */
	asks(uses: readonly ToolUseBlockParam[]): void;
	waits(failure: Failure, retryAt: number): void;
	/** Takes the turn off the screen; with a failure, what could not even be recorded stays there. */
	end(unrecorded?: Failure): void;
}

/** Starts with no turn on any line. */
export function createLiveTurns(deps: ClockDep): LiveTurns {
	const turns = new Map<LineId, LiveTurn>();
	const changes = createEmitter<LineId>();
	const timers = new Map<LineId, Disposable>();
	const shownAt = new Map<LineId, number>();

	return {
		get: (line) => turns.get(line),
		subscribe: (listener) => changes.subscribe(listener),
		begin(line, turn) {
			const fresh: LiveTurn = {
				turn: turn.id,
				trigger: turn.trigger,
				by: turn.by,
				phase: 'waiting',
				text: '',
				thinking: '',
				tools: [],
			};
			let message: MessageBuilder | undefined;
			set(line, fresh);
			return {
				show(grown) {
					const isNew = message !== grown;
					message = grown;
					const phase = turns.get(line)?.phase;
					turns.set(line, { ...fresh, phase: grown.phase, text: grown.text, thinking: grown.thinking });
					if (isNew || phase !== grown.phase) emitNow(line);
					else emitSoon(line);
				},
				settle: () => set(line, fresh),
				begins: (uses) => set(line, { ...fresh, phase: 'tool', tools: uses.map(shownUse) }),
				asks: (uses) => set(line, { ...fresh, phase: 'asking', tools: uses.map(shownUse) }),
				ends(toolUse) {
					const tools = (turns.get(line)?.tools ?? []).filter((tool) => tool.toolUse !== toolUse);
					set(line, tools.length > 0 ? { ...fresh, phase: 'tool', tools } : fresh);
				},
				waits: (failure, retryAt) => set(line, { ...fresh, failure, retryAt }),
				end(unrecorded) {
					if (unrecorded) return set(line, { ...fresh, failure: unrecorded });
					turns.delete(line);
					emitNow(line);
				},
			};
		},
		[Symbol.dispose]() {
			for (const timer of timers.values()) timer[Symbol.dispose]();
			timers.clear();
			turns.clear();
		},
	};

	function set(line: LineId, turn: LiveTurn): void {
		turns.set(line, turn);
		emitNow(line);
	}

	function emitNow(line: LineId): void {
		timers.get(line)?.[Symbol.dispose]();
		timers.delete(line);
		shownAt.set(line, deps.clock.now());
		changes.emit(line);
	}

	function emitSoon(line: LineId): void {
		if (timers.has(line)) return;
		const elapsed = deps.clock.now() - (shownAt.get(line) ?? 0);
		// A wall clock that was set back must not hold the screen still.
		if (elapsed >= FRAME_MS || elapsed < 0) {
			emitNow(line);
			return;
		}
		timers.set(
			line,
			deps.clock.setTimer(FRAME_MS - elapsed, () => emitNow(line)),
		);
	}
}

function shownUse({ id, name, input }: ToolUseBlockParam): LiveTurn['tools'][number] {
	return { toolUse: id, name, input };
}
