/** A list of listeners; what holds one lets others subscribe and never knows them by name. */
export interface Emitter<T> {
	/** Calls every listener present when the call began, in order of subscription. */
	emit(value: T): void;
	/** Adds a listener until the returned handle is disposed. */
	subscribe(listener: (value: T) => void): Disposable;
}

/** Makes an emitter without listeners. */
export function createEmitter<T>(): Emitter<T> {
	const listeners = new Set<(value: T) => void>();
	return {
		emit(value) {
			for (const listener of [...listeners]) listener(value);
		},
		subscribe(listener) {
			const own = (value: T) => listener(value);
			listeners.add(own);
			return { [Symbol.dispose]: () => void listeners.delete(own) };
		},
	};
}
