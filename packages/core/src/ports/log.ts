/** Structured log lines. Never content, keys, tokens or endpoints: fields are counts, codes and ids. */
export interface Log {
	info(event: string, fields?: Readonly<Record<string, string | number | boolean>>): void;
	warn(event: string, fields?: Readonly<Record<string, string | number | boolean>>): void;
}
export interface LogDep {
	readonly log: Log;
}
