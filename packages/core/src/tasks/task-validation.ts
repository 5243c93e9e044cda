/** Validation of task files for the workspace, with the YAML and cron parsers loaded apart from the first load. */
export interface TaskValidation {
	/** For `createSpace`: lets everything pass until `load` has resolved; what writes files waits for that. */
	readonly validate: (path: string, text: string) => string | undefined;
	/** Resolves once `validate` is in force. */
	load(): Promise<void>;
}

/** Makes a validation that is not yet in force. */
export function createTaskValidation(): TaskValidation {
	let check: ((path: string, text: string) => string | undefined) | undefined;
	return {
		validate: (path, text) => check?.(path, text),
		async load() {
			check ??= (await import('./task-file.ts')).validateTaskFile;
		},
	};
}
