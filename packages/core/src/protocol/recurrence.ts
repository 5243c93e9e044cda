/**
 * When a wake fires, readable by the relay: it holds times and nothing else. Instants in ms since the epoch.
 * `zone` is an IANA name; cron has five fields, with `L` and `#` as croner reads them.
 */
export type Recurrence =
	| { readonly type: 'once'; readonly at: number }
	| { readonly type: 'cron'; readonly cron: string; readonly zone: string; readonly until: number | null }
	/** Every `intervalMs` (at least a minute) counted from `anchor`. */
	| { readonly type: 'interval'; readonly intervalMs: number; readonly anchor: number; readonly until: number | null };
