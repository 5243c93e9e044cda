/** What the benchmark asks a process of load generators to do, one thing after the other. */
export type LoadRequest =
	/** Makes spaces and founds them at the relay, each with some entries in its home stream. */
	| {
			readonly type: 'found';
			readonly origin: string;
			readonly spaces: number;
			readonly devices: number;
			readonly entries: number;
	  }
	/** Connects all devices that are not, each at a random moment of `spreadMs`, and waits until all are caught up. */
	| { readonly type: 'connect'; readonly spreadMs: number }
	/** Lets the devices append to the home streams of their spaces, and measures in `runs` spans of `spanMs`. */
	| ({ readonly type: 'append'; readonly runs: number; readonly spanMs: number; readonly warmUpMs: number } & LoadShape)
	/** Like `append`, in closed loops, until the relay goes away: everything it acknowledged until then. */
	| { readonly type: 'append-until-cut'; readonly window: number }
	/** Reads the home streams of all spaces: how many of the acknowledged entries are not where they were said to be. */
	| { readonly type: 'check' }
	| { readonly type: 'hang-up' };

/** `window` appends of each device under way at any time; or so many a second of all devices, whatever comes back. */
export type LoadShape = { readonly window: number } | { readonly perSecond: number };

export interface LoadAnswers {
	readonly found: undefined;
	readonly connect: Arrival;
	readonly append: { readonly spans: readonly LoadSpan[]; readonly appends: number };
	readonly 'append-until-cut': { readonly acknowledged: number };
	readonly check: { readonly acknowledged: number; readonly missing: number; readonly present: number };
	readonly 'hang-up': undefined;
}

export interface Arrival {
	/** From the request until this many of the devices were caught up, ms. */
	readonly halfMs: number;
	readonly allMs: number;
	/** Connections that ended before the device was in, and were dialled again. */
	readonly redials: number;
	/** Bytes received by all. */
	readonly bytes: number;
}

export interface LoadSpan {
	/** Echoes per second. */
	readonly rate: number;
	/** From sending to the echo, and to the arrival at another device; counts of `LATENCY_STEP_MS` each. */
	readonly echo: Uint32Array;
	readonly fanOut: Uint32Array;
}

export const LATENCY_STEP_MS = 0.1;
const LATENCY_STEPS = 100_000;

export function newLatencies(): Uint32Array {
	return new Uint32Array(LATENCY_STEPS);
}

export function noteLatency(latencies: Uint32Array, ms: number): void {
	const step = Math.min(LATENCY_STEPS - 1, Math.max(0, Math.floor(ms / LATENCY_STEP_MS)));
	latencies[step] = (latencies[step] ?? 0) + 1;
}

/** The latency in ms that the given part of all does not exceed; NaN without any. */
export function quantile(latencies: Uint32Array, part: number): number {
	const total = latencies.reduce((sum, count) => sum + count, 0);
	let seen = 0;
	for (const [step, count] of latencies.entries()) {
		seen += count;
		if (total > 0 && seen >= total * part) return (step + 1) * LATENCY_STEP_MS;
	}
	return Number.NaN;
}
