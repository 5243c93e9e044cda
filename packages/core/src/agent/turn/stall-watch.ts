import type { Clock } from '../../ports/clock.ts';
import type { ModelRequest } from '../../ports/model.ts';

/** Watches a model's stream and gives it up when it stands still for too long. */
export interface StallWatch extends Disposable {
	/** Aborts when the stream is given up. */
	readonly signal: AbortSignal;
	/** For how long nothing had come when it was given up; undefined as long as it was not. */
	readonly stalledMs: number | undefined;
	/** Something came. After the `end` of an answer nothing more is needed, and little is waited for it. */
	heard(what?: 'end'): void;
}

/**
 * Until the first sign of life: a long prompt that is in no cache may be read for a minute before the first byte, and a
 * model at home takes longer than the service does.
 */
const FIRST_MS = 90_000;
/** Characters of attachments that even a poor phone connection sends in a millisecond (about 256 kbit/s). */
const CHARACTERS_A_MS = 32;
/** Between two signs of life: the service sends a ping every few seconds whatever the model is doing; four are missed. */
const BETWEEN_MS = 60_000;
/**
 * How long the stream is given when a limit is over. The timers of a frozen tab fire the moment it thaws, before it is handed
 * what came meanwhile or told that the connection is gone; and the wall clock cannot tell a freeze from a stall.
 */
const GRACE_MS = 5_000;

/** Begins to watch a call that is about to be sent. */
export function watchForStall({ clock }: { readonly clock: Clock }, request: ModelRequest): StallWatch {
	const abort = new AbortController();
	let stalledMs: number | undefined;
	let timer: Disposable | undefined;
	arm(FIRST_MS + Math.ceil(attachedCharacters(request) / CHARACTERS_A_MS));

	return {
		signal: abort.signal,
		get stalledMs() {
			return stalledMs;
		},
		heard(what) {
			if (stalledMs === undefined) arm(what === 'end' ? 0 : BETWEEN_MS);
		},
		[Symbol.dispose]: () => timer?.[Symbol.dispose](),
	};

	function arm(limitMs: number): void {
		timer?.[Symbol.dispose]();
		timer = clock.setTimer(limitMs, () => {
			timer = clock.setTimer(GRACE_MS, () => {
				stalledMs = limitMs + GRACE_MS;
				abort.abort();
			});
		});
	}
}

/** Of images and documents, as they are sent. */
function attachedCharacters({ messages }: ModelRequest): number {
	let characters = 0;
	for (const { content } of messages) {
		if (typeof content === 'string') continue;
		for (const block of content) {
			const inside = block.type === 'tool_result' && typeof block.content === 'object' ? block.content : [];
			for (const { type, ...part } of [block, ...inside]) {
				if ((type !== 'image' && type !== 'document') || !('source' in part)) continue;
				const { source } = part;
				if (typeof source === 'object' && 'data' in source) characters += source.data.length;
			}
		}
	}
	return characters;
}
