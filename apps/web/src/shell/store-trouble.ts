import type { StoreError } from '@pocketeer/core/ports/store';
import { type Accessor, createContext, createSignal, useContext } from 'solid-js';

/** The one thing no screen can work without: the store of this device. Who meets a failure reports it here. */
export interface StoreTrouble {
	readonly current: Accessor<StoreError | undefined>;
	report(error: StoreError): void;
	/** Something was kept again. */
	clear(): void;
}

/** Makes the notice of one app. */
export function createStoreTrouble(): StoreTrouble {
	const [current, setCurrent] = createSignal<StoreError>();
	return { current, report: (error) => setCurrent(error), clear: () => setCurrent(undefined) };
}

const StoreTroubleContext = createContext<StoreTrouble>();
export const StoreTroubleProvider = StoreTroubleContext.Provider;

/** The notice of the surrounding provider; throws outside of one. */
export function useStoreTrouble(): StoreTrouble {
	const trouble = useContext(StoreTroubleContext);
	if (!trouble) throw new Error('useStoreTrouble outside of StoreTroubleProvider');
	return trouble;
}
