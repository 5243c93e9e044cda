import type { MembersError, RelayState } from '@pocketeer/core/members/members';
import type { Result } from '@pocketeer/core/result';
import { createResource, createSignal, Show } from 'solid-js';
import { Section } from '../settings/Section.tsx';
import { describeBytes } from '../shell/last-seen.ts';

/** What the space takes, here and at the relay, and whether the browser may clear it away. */
export function StorageFacts(props: { relay: Result<RelayState, MembersError> | undefined }) {
	const [here] = createResource(readEstimate);
	const [isPersistent, { mutate }] = createResource(async () => navigator.storage?.persisted?.() ?? false);
	const [wasRefused, setWasRefused] = createSignal(false);
	const persist = async () => {
		const isGranted = (await navigator.storage?.persist?.()) ?? false;
		mutate(isGranted);
		setWasRefused(!isGranted);
	};
	const atRelay = () => (props.relay?.ok ? props.relay.value : undefined);
	return (
		<Section title="Storage">
			<dl class="facts">
				<dt>Here</dt>
				<dd>{here.latest ?? 'Not known'}</dd>
				<dt>At the relay</dt>
				<dd>
					<Show
						when={atRelay()}
						fallback={props.relay === undefined ? 'Asking…' : 'Not known: the relay did not answer'}
					>
						{(relay) => (
							<>
								{describeBytes(relay().usedBytes)} of {describeBytes(relay().limitBytes)}
								<meter
									class="storage-meter"
									aria-label="Used at the relay"
									min={0}
									max={relay().limitBytes}
									high={relay().limitBytes * 0.8}
									value={relay().usedBytes}
								/>
							</>
						)}
					</Show>
				</dd>
				<dt>Kept</dt>
				<dd>
					{isPersistent.latest
						? 'The browser promised not to clear it away'
						: 'The browser may clear it away when the disk is full'}
				</dd>
			</dl>
			<Show when={isPersistent.latest === false}>
				<div class="settings-buttons">
					<button type="button" class="button" onClick={() => void persist()}>
						Ask the browser to keep it
					</button>
				</div>
			</Show>
			<p class="field-hint" role="status">
				{wasRefused()
					? 'The browser did not promise it. It may once Pocketeer is installed, or used more often; what was synced is at the relay all the same.'
					: ''}
			</p>
		</Section>
	);
}

/** All that this origin keeps: the browser does not tell spaces apart. */
async function readEstimate(): Promise<string> {
	const estimate = await navigator.storage?.estimate?.();
	if (estimate?.usage === undefined) return 'This browser does not tell';
	const quota = estimate.quota === undefined ? '' : `, of ${describeBytes(estimate.quota)} the browser grants`;
	return `${describeBytes(estimate.usage)}${quota} (all spaces and the app itself)`;
}
