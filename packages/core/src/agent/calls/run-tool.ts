import type { ClockDep } from '../../ports/clock.ts';
import type { LogDep } from '../../ports/log.ts';
import type { ToolStepRecord } from '../../space/records.ts';
import type { Tool, ToolCall, ToolOutcome } from '../tool.ts';

/** What a tool has when it does not say: long for anything on this device, short for a person who watches. */
const TIME_LIMIT_MS = 60_000;
/** A call that was told to stop may still say within this what it did; then it is left to itself. */
const GRACE_MS = 500;

/** How a call came out. */
export type RanTool = Omit<ToolOutcome, 'outcome'> & { readonly outcome: ToolStepRecord['outcome'] };

/**
 * Runs a tool within its time. Stopping and the end of its time abort the call's signal; a tool that does not listen is given
 * up, and its outcome says what is then not known. Nothing a tool does makes this throw.
 */
export async function runTool(
	deps: ClockDep & LogDep,
	run: { readonly tool: Tool; readonly input: unknown; readonly call: Omit<ToolCall, 'signal'> },
	stop: AbortSignal,
): Promise<RanTool> {
	const { tool, input, call } = run;
	const limitMs = tool.timeLimitMs ?? TIME_LIMIT_MS;
	const own = new AbortController();
	const over = Promise.withResolvers<'given-up'>();
	let cause: 'stop' | 'time' | undefined;
	let timer: Disposable = deps.clock.setTimer(limitMs, () => giveUp('time'));
	const onStop = () => giveUp('stop');
	stop.addEventListener('abort', onStop, { once: true });
	if (stop.aborted) onStop();
	try {
		const ended = await Promise.race([attempt(), over.promise]);
		if (ended !== 'given-up' && ended.type === 'ended') return ended.outcome;
		if (cause !== undefined) return cause === 'stop' ? stoppedOutcome(tool) : lateOutcome(tool, limitMs);
		return threwOutcome(ended === 'given-up' ? undefined : ended.error);
	} finally {
		timer[Symbol.dispose]();
		stop.removeEventListener('abort', onStop);
	}

	async function attempt(): Promise<Attempt> {
		try {
			return { type: 'ended', outcome: await tool.run(input, { ...call, signal: own.signal }) };
		} catch (error) {
			// A tool's bug must neither lose the turn nor pass for success.
			const name = error instanceof Error ? error.name : 'unknown';
			if (!own.signal.aborted) deps.log.warn('tool-threw', { tool: tool.definition.name, error: name });
			return { type: 'threw', error };
		}
	}

	function giveUp(why: 'stop' | 'time'): void {
		if (cause !== undefined) return;
		cause = why;
		own.abort();
		timer[Symbol.dispose]();
		timer = deps.clock.setTimer(GRACE_MS, () => over.resolve('given-up'));
	}
}

type Attempt =
	| { readonly type: 'ended'; readonly outcome: ToolOutcome }
	| { readonly type: 'threw'; readonly error: unknown };

function threwOutcome(error: unknown): RanTool {
	const reason = error instanceof Error ? error.message : String(error);
	return {
		outcome: 'failed',
		result: `The tool broke off with an internal error (${reason}). Whether it took effect is not known: look before trying again.`,
		receipts: [],
	};
}

function lateOutcome(tool: Tool, limitMs: number): RanTool {
	const late = `Given up: it took longer than ${Math.round(limitMs / 1000)} seconds.`;
	return {
		outcome: tool.isIdempotent || tool.isReadOnly ? 'failed' : 'unknown',
		result: `${late} ${effectOf(tool)}`,
		receipts: [],
	};
}

function stoppedOutcome(tool: Tool): RanTool {
	const outcome = tool.isIdempotent || tool.isReadOnly ? 'stopped' : 'unknown';
	return { outcome, result: `The person stopped it while it ran. ${effectOf(tool)}`, receipts: [] };
}

function effectOf({ isReadOnly }: Tool): string {
	return isReadOnly
		? 'It changed nothing.'
		: 'Whether it took effect is not known: look, or ask the person, before doing it again.';
}
