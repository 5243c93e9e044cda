import type { Models } from '@pocketeer/core/agent/agent';
import type { Failure } from '@pocketeer/core/agent/failures';
import { type Model, ModelFailure, type ModelRequest } from '@pocketeer/core/ports/model';
import type { ModelSettings, Settings } from '../app.ts';
import { serverToolsOf } from './server-tools.ts';

/** Chooses by this device's settings: the model of its key, else the clerk. The model client loads when first chosen. */
export function createModels(deps: { readonly settings: Settings; readonly clerk: Model }): Models {
	let chosen: { readonly by: string; readonly model: Promise<Model> } | undefined;
	return {
		choose() {
			const wanted = deps.settings.current().model;
			if (wanted.apiKey === '') return Promise.resolve(deps.clerk);
			const by = JSON.stringify(wanted);
			if (chosen?.by === by) return chosen.model;
			const model = modelOf(wanted, {
				serverTools: () => serverToolsOf(deps.settings.current().web),
				// What failed once, a list of models or the chunk itself, is asked for again at the next turn.
				forget() {
					if (chosen?.by === by) chosen = undefined;
				},
			});
			chosen = { by, model };
			return model;
		},
	};
}

async function modelOf(
	wanted: ModelSettings,
	{ serverTools, forget }: { readonly serverTools: () => ModelRequest['tools']; readonly forget: () => void },
): Promise<Model> {
	const loaded = await loadClient();
	if (loaded === undefined) {
		forget();
		return failing({ type: 'NoNetwork' }, wanted.model);
	}
	const settings = { ...wanted, fetch: browserFetch, serverTools };
	if (wanted.model !== '') return loaded.createAnthropicModel(settings);
	const listed = await loaded.listModels(settings);
	const model = listed.ok ? loaded.defaultModel(listed.value) : undefined;
	if (model !== undefined) return loaded.createAnthropicModel({ ...settings, model });
	forget();
	const noNames = { type: 'Unreadable', reason: 'The address lists no models; enter the name of one.' } as const;
	return failing(listed.ok ? noNames : listed.error, wanted.model);
}

async function loadClient() {
	try {
		return await import('@pocketeer/core/agent/model/anthropic-model');
	} catch {
		// Offline before the service worker had kept this part of the app.
		return undefined;
	}
}

/** Asks the endpoint whether key, address and model work, without keeping them. */
export const checkModelSettings: Settings['check'] = async (wanted) => {
	const loaded = await loadClient();
	if (loaded === undefined) return { ok: false, error: { type: 'NoNetwork' } };
	return loaded.checkModel({ ...wanted, fetch: browserFetch });
};

function browserFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
	return fetch(input, init);
}

/** A model that answers with why there is none, so that the turn records it like any failure. */
function failing(failure: Failure, id: string): Model {
	return {
		kind: 'agent',
		id: id || 'unknown',
		// biome-ignore lint/correctness/useYield: it fails before there is anything to yield
		async *stream() {
			throw new ModelFailure(failure);
		},
	};
}
