/**
 * Explicit resource management for browsers that lack it (Safari): the two symbols and `DisposableStack`, as far as
 * Pocketeer uses them. Imported first by every entry, because modules read the symbols when they are evaluated.
 */
lend(Symbol, 'dispose', () => Symbol('Symbol.dispose'));
lend(Symbol, 'asyncDispose', () => Symbol('Symbol.asyncDispose'));
lend(globalThis, 'DisposableStack', makeDisposableStack);

function lend(target: object, name: string, make: () => unknown): void {
	if (name in target) return;
	Object.defineProperty(target, name, { value: make(), writable: false, enumerable: false, configurable: true });
}

function makeDisposableStack(): unknown {
	return class {
		readonly #undo: (() => void)[] = [];
		disposed = false;
		use<T extends Disposable | null | undefined>(resource: T): T {
			if (resource) this.defer(() => resource[Symbol.dispose]());
			return resource;
		}
		adopt<T>(value: T, dispose: (value: T) => void): T {
			this.defer(() => dispose(value));
			return value;
		}
		defer(dispose: () => void): void {
			if (this.disposed) throw new ReferenceError('DisposableStack already disposed');
			this.#undo.push(dispose);
		}
		dispose(): void {
			if (this.disposed) return;
			this.disposed = true;
			const errors: unknown[] = [];
			for (const undo of this.#undo.reverse()) {
				try {
					undo();
				} catch (error) {
					errors.push(error);
				}
			}
			if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors);
		}
		[Symbol.dispose](): void {
			this.dispose();
		}
	};
}
