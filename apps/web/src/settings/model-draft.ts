import { type Accessor, createContext, createSignal, useContext } from 'solid-js';
import type { ModelSettings } from '../app.ts';

/** What was typed about the model and not saved. In memory only: a key that was never saved is never on disk. */
export interface ModelDraft {
	/** undefined: nothing beyond what is saved. */
	readonly current: Accessor<ModelSettings | undefined>;
	set(draft: ModelSettings | undefined): void;
}

/** Makes the draft of one app, which outlives the screen it is typed on. */
export function createModelDraft(): ModelDraft {
	const [current, setCurrent] = createSignal<ModelSettings>();
	return { current, set: (draft) => setCurrent(draft) };
}

const ModelDraftContext = createContext<ModelDraft>();
export const ModelDraftProvider = ModelDraftContext.Provider;

/** The draft of the surrounding provider; throws outside of one. */
export function useModelDraft(): ModelDraft {
	const draft = useContext(ModelDraftContext);
	if (!draft) throw new Error('useModelDraft outside of ModelDraftProvider');
	return draft;
}
