/** What to do after a push service answered. */
export type PushVerdict =
	| { readonly type: 'sent' }
	/** The subscription is gone for good: 404 or 410. */
	| { readonly type: 'gone' }
	/** Try again in `afterMs`: too many, broken there, or unreachable. */
	| { readonly type: 'retry'; readonly afterMs: number }
	/** Our mistake, by RFC 8030: repeating it helps nobody, deleting the subscription neither. */
	| { readonly type: 'rejected' };

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 10 * 60_000;

/** Judges an answer; `attempt` counts those before it, `fraction` in [0, 1) spreads the retries of many. */
export function judgeAnswer(
	answer: { readonly status: number; readonly retryAfter: string | undefined },
	circumstances: { readonly attempt: number; readonly now: number; readonly fraction: number },
): PushVerdict {
	const { status } = answer;
	if (status >= 200 && status < 300) return { type: 'sent' };
	if (status === 404 || status === 410) return { type: 'gone' };
	if (status !== 0 && status !== 429 && status < 500) return { type: 'rejected' };
	const { attempt, now, fraction } = circumstances;
	const backOffMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt, 20));
	const afterMs = backOffMs * (0.75 + fraction / 2);
	return { type: 'retry', afterMs: Math.round(Math.max(afterMs, retryAfterMs(answer.retryAfter, now))) };
}

/** `Retry-After` is seconds or a date (RFC 9110, 10.2.3); 0 when it is neither. */
function retryAfterMs(header: string | undefined, now: number): number {
	if (header === undefined) return 0;
	if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
	const at = Date.parse(header);
	return Number.isNaN(at) ? 0 : Math.max(0, at - now);
}
