/** What the relay counts, for an operator's monitoring. Names and numbers only: nothing that came from a person. */
export interface Metrics {
	/** Adds to a counter; `label` must be one of few fixed words. */
	count(name: CounterName, by?: number, label?: string): void;
	/** Registers a value that is read when somebody asks. */
	gauge(name: GaugeName, read: () => number | Promise<number>): void;
	/** Notes how long something took. */
	took(name: DurationName, durationMs: number): void;
	/** All of it in the Prometheus text format, version 0.0.4. */
	render(): Promise<string>;
}
export interface MetricsDep {
	readonly metrics: Metrics;
}

const COUNTERS = {
	connections_total: 'WebSocket connections accepted',
	frames_total: 'Frames received',
	messages_total: 'Messages of authenticated connections, by type',
	malformed_frames_total: 'Frames that were no message of the protocol',
	refusals_total: 'Errors answered, by code',
	appends_total: 'Entries committed to the log',
	repeated_appends_total: 'Entries offered again that were there already',
	append_bytes_total: 'Bytes of entries committed',
	commits_total: 'Transactions that committed entries',
	entries_sent_total: 'Entries sent to followers',
	snapshots_total: 'Snapshots kept',
	snapshot_bytes_total: 'Bytes of snapshots kept',
	snapshots_sent_total: 'Snapshots sent to followers',
	pruned_entries_total: 'Entries whose body was dropped',
	pruned_bytes_total: 'Bytes of dropped bodies',
	ephemera_total: 'Sealed ephemera passed on',
	lists_total: 'Versions of device lists kept',
	spaces_founded_total: 'Spaces founded',
	spaces_deleted_total: 'Spaces deleted',
	pairings_total: 'Mailboxes opened, joined, and asked for in vain',
	wakes_fired_total: 'Due moments that fired',
	wakes_expired_total: 'Due moments that were older than their time to live when the relay looked',
	wakes_unreadable_total: 'Stored wakes that could not be read and were set aside',
	pushes_total: 'Answers of push services, by kind',
} as const;

const GAUGES = {
	connections: 'Open WebSocket connections',
	spaces: 'Spaces known',
	mailboxes: 'Open mailboxes for pairing',
	stored_bytes: 'Bytes of the database file',
	wakes_pending: 'Wakes that will fire',
	push_subscriptions: 'Push subscriptions',
	uptime_seconds: 'Seconds since the start',
} as const;

const DURATIONS = {
	commit_seconds: 'Time of a transaction that commits entries',
	fan_out_seconds: 'Time to hand the entries of a commit to their followers',
} as const;

/** Upper bounds of the buckets, ms: a good disk, a slow one, and trouble. */
const BUCKETS_MS = [1, 2, 5, 10, 25, 50, 100, 250, 1_000, 5_000];

type CounterName = keyof typeof COUNTERS;
type GaugeName = keyof typeof GAUGES;
type DurationName = keyof typeof DURATIONS;

/** Durations so far. */
interface Histogram {
	/** How many were within each bound, not counted in those above it. */
	readonly counts: number[];
	count: number;
	sumMs: number;
}

/** Starts with every counter at zero. */
export function createMetrics(): Metrics {
	const counters = new Map<CounterName, Map<string, number>>();
	const gauges = new Map<GaugeName, () => number | Promise<number>>();
	const histograms = new Map<DurationName, Histogram>();

	return {
		count(name, by = 1, label = '') {
			const values = counters.get(name) ?? new Map<string, number>();
			values.set(label, (values.get(label) ?? 0) + by);
			counters.set(name, values);
		},
		gauge: (name, read) => void gauges.set(name, read),
		took(name, durationMs) {
			const histogram = histograms.get(name) ?? newHistogram();
			histograms.set(name, histogram);
			const bucket = BUCKETS_MS.findIndex((bound) => durationMs <= bound);
			if (bucket >= 0) histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1;
			histogram.count++;
			histogram.sumMs += durationMs;
		},
		async render() {
			const lines: string[] = [];
			for (const [name, help] of entriesOf(COUNTERS)) {
				lines.push(`# HELP pocketeer_${name} ${help}`, `# TYPE pocketeer_${name} counter`);
				const values = counters.get(name) ?? new Map([['', 0]]);
				for (const [label, value] of values) {
					lines.push(`pocketeer_${name}${label === '' ? '' : `{kind="${label}"}`} ${value}`);
				}
			}
			for (const [name, help] of entriesOf(GAUGES)) {
				const value = await gauges.get(name)?.();
				if (value === undefined) continue;
				lines.push(`# HELP pocketeer_${name} ${help}`, `# TYPE pocketeer_${name} gauge`, `pocketeer_${name} ${value}`);
			}
			for (const [name, help] of entriesOf(DURATIONS)) {
				lines.push(`# HELP pocketeer_${name} ${help}`, `# TYPE pocketeer_${name} histogram`);
				lines.push(...histogramLines(`pocketeer_${name}`, histograms.get(name) ?? newHistogram()));
			}
			return `${lines.join('\n')}\n`;
		},
	};
}

function entriesOf<Name extends string>(table: Readonly<Record<Name, string>>): readonly (readonly [Name, string])[] {
	return (Object.keys(table) as Name[]).map((name) => [name, table[name]] as const);
}

function newHistogram(): Histogram {
	return { counts: BUCKETS_MS.map(() => 0), count: 0, sumMs: 0 };
}

function histogramLines(name: string, { counts, count, sumMs }: Histogram): readonly string[] {
	let within = 0;
	const buckets = BUCKETS_MS.map((bound, index) => {
		within += counts[index] ?? 0;
		return `${name}_bucket{le="${bound / 1000}"} ${within}`;
	});
	return [...buckets, `${name}_bucket{le="+Inf"} ${count}`, `${name}_sum ${sumMs / 1000}`, `${name}_count ${count}`];
}
