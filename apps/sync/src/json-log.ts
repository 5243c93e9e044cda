import type { Clock } from '@pocketeer/core/ports/clock';
import type { Log } from '@pocketeer/core/ports/log';

/** How much is written: everything, warnings, or nothing. */
export type LogLevel = 'info' | 'warn' | 'silent';

/** One JSON object a line: `time`, `level`, `event` and the fields given. */
export function createJsonLog(
	deps: { readonly clock: Clock; readonly write: (line: string) => void },
	options: { readonly level: LogLevel },
): Log {
	const line = (level: string, event: string, fields: object | undefined) =>
		deps.write(`${JSON.stringify({ time: new Date(deps.clock.now()).toISOString(), level, event, ...fields })}\n`);
	return {
		info(event, fields) {
			if (options.level === 'info') line('info', event, fields);
		},
		warn(event, fields) {
			if (options.level !== 'silent') line('warn', event, fields);
		},
	};
}
