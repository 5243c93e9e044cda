import { openEntry } from '@pocketeer/core/crypto/entry';
import type { KeyRing } from '@pocketeer/core/crypto/key-ring';
import { openSnapshot } from '@pocketeer/core/crypto/snapshot';
import { createSpaceSecrets } from '@pocketeer/core/crypto/space-secrets';
import type { SpaceId, StreamName } from '@pocketeer/core/ids';
import * as Y from 'yjs';
import type { Holder } from './ledger.ts';
import type { RelayDisk } from './relay.ts';

/** What a relay has, opened with the keys of the space and nothing of the client but the two seals. */
export async function heldByRelay(
	disk: RelayDisk,
	{
		spaceId,
		ring,
		streams,
	}: { readonly spaceId: SpaceId; readonly ring: KeyRing; readonly streams: readonly string[] },
): Promise<Holder> {
	const secrets = createSpaceSecrets(ring, spaceId);
	const held = new Map<string, Y.Doc>();
	for (const name of streams) {
		const stream = await secrets.streamId(name as StreamName);
		const log = disk.logs.get(spaceId)?.streams.get(stream);
		const place = { space: spaceId, stream };
		const keyOf = (epoch: number) => secrets.streamKey(stream, epoch);
		const doc = new Y.Doc();
		for (const { parts } of log?.snapshots ?? []) {
			const opened = await openSnapshot(new Uint8Array(Buffer.concat(parts)), { place, keyOf });
			if (opened.ok) Y.applyUpdateV2(doc, opened.value.update);
		}
		for (const { entry } of log?.entries ?? []) {
			const opened = entry && (await openEntry(entry, { place, keyOf }));
			if (opened?.ok) Y.applyUpdate(doc, opened.value.payload);
		}
		held.set(name, doc);
	}
	return held;
}
