import type { Bytes } from '../bytes.ts';
import { openEphemeral, sealEphemeral } from '../crypto/ephemeral.ts';
import type { SpaceSecrets } from '../crypto/space-secrets.ts';
import type { StreamId, StreamName } from '../ids.ts';
import type { LogDep } from '../ports/log.ts';
import type { RandomDep } from '../ports/random.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { ClientMessage, RelayMessage } from '../protocol/messages.ts';
import { createStepQueue } from './step-queue.ts';

/** Sealed words between the devices that look at a stream, which nobody keeps; in the order they were said. */
export interface Whispers {
	say(stream: StreamName, bytes: Uint8Array): void;
	received(message: RelayMessage & { type: 'ephemeral' }): void;
}

/** Makes both directions; what cannot be sealed, sent or opened is dropped without a word. */
export function createWhispers(
	deps: RandomDep & LogDep & { readonly secrets: SpaceSecrets },
	options: {
		send(message: ClientMessage): void;
		nameOf(stream: StreamId): StreamName | undefined;
		heard(stream: StreamName, bytes: Bytes): void;
	},
): Whispers {
	const { secrets } = deps;
	const broke = (error: unknown) =>
		deps.log.warn('sync.whisper-failed', { error: error instanceof Error ? error.name : 'unknown' });
	const saying = createStepQueue(broke);
	const hearing = createStepQueue(broke);

	return {
		say(stream, bytes) {
			saying.add(() => say(stream, bytes));
		},
		received(message) {
			hearing.add(() => hear(message));
		},
	};

	async function say(name: StreamName, bytes: Uint8Array): Promise<void> {
		const stream = await secrets.streamId(name);
		const { epoch } = secrets;
		const key = await secrets.streamKey(stream, epoch);
		if (!key) return;
		const sealed = await sealEphemeral(deps, { place: { space: secrets.space, stream }, epoch, key, bytes });
		if (sealed.length <= LIMITS.ephemeral) options.send({ type: 'ephemeral', stream, sealed });
	}

	async function hear({ stream, sealed }: RelayMessage & { type: 'ephemeral' }): Promise<void> {
		const place = { space: secrets.space, stream };
		const bytes = await openEphemeral(sealed, { place, keyOf: (epoch) => secrets.streamKey(stream, epoch) });
		const name = options.nameOf(stream);
		if (bytes && name !== undefined) options.heard(name, bytes);
	}
}
