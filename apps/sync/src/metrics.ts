/** What the relay counts, for an operator's monitoring. Names and numbers only: nothing that came from a person. */
export interface Metrics {
	/** Adds to a counter; `label` must be one of few fixed words. */
	count(name: CounterName, by?: number, label?: string): void;
	/** Registers a value that is read when somebody asks. */
	gauge(name: GaugeName, read: () => number | Promise<number>): void;
	/** All of it in the Prometheus text format, version 0.0.4. */
	render(): Promise<string>;
}
export interface MetricsDep {
	readonly metrics: Metrics;
}

const COUNTERS = {
	connections_total: 'WebSocket connections accepted',
	frames_total: 'Frames received',
	malformed_frames_total: 'Frames that were no message of the protocol',
	refusals_total: 'Errors answered, by code',
	appends_total: 'Entries committed to the log',
	repeated_appends_total: 'Entries offered again that were there already',
	append_bytes_total: 'Bytes of entries committed',
	commits_total: 'Transactions that committed entries',
	entries_sent_total: 'Entries sent to followers',
	wakes_fired_total: 'Due moments that fired',
	wakes_expired_total: 'Due moments that were older than their time to live when the relay looked',
	pushes_total: 'Answers of push services, by kind',
} as const;

const GAUGES = {
	connections: 'Open WebSocket connections',
	spaces: 'Spaces known',
	wakes_pending: 'Wakes that will fire',
	push_subscriptions: 'Push subscriptions',
	uptime_seconds: 'Seconds since the start',
} as const;

type CounterName = keyof typeof COUNTERS;
type GaugeName = keyof typeof GAUGES;

/** Starts with every counter at zero. */
export function createMetrics(): Metrics {
	const counters = new Map<CounterName, Map<string, number>>();
	const gauges = new Map<GaugeName, () => number | Promise<number>>();

	return {
		count(name, by = 1, label = '') {
			const values = counters.get(name) ?? new Map<string, number>();
			values.set(label, (values.get(label) ?? 0) + by);
			counters.set(name, values);
		},
		gauge: (name, read) => void gauges.set(name, read),
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
			return `${lines.join('\n')}\n`;
		},
	};
}

function entriesOf<Name extends string>(table: Readonly<Record<Name, string>>): readonly (readonly [Name, string])[] {
	return (Object.keys(table) as Name[]).map((name) => [name, table[name]] as const);
}
