import * as Y from 'yjs';
import type { Bytes } from '../bytes.ts';
import { openEntry } from '../crypto/entry.ts';
import { type OpenedSnapshot, openSnapshot, sealSnapshot } from '../crypto/snapshot.ts';
import { createSpaceSecrets } from '../crypto/space-secrets.ts';
import type { StreamId, StreamName } from '../ids.ts';
import { emptyChain, nextChain } from '../protocol/chain.ts';
import { decodeRelayMessage, encodeRelayMessage } from '../protocol/codec.ts';
import type { RelayMessage } from '../protocol/messages.ts';
import type { RelayLog, RelaySnapshot } from './memory-relay.ts';
import type { SyncWorld, WorldDevice, WorldTab } from './sync-world.ts';

/** What the relay keeps of a stream, seen with the keys of a device; for tests that look behind the relay's back. */
export interface RelayView {
	readonly id: StreamId;
	readonly log: RelayLog;
	open(snapshot: RelaySnapshot): Promise<OpenedSnapshot>;
	/** Seals a snapshot that no device made, in place of the newest one or as the first. */
	forge(change: Partial<OpenedSnapshot['header']> & Partial<Omit<OpenedSnapshot, 'header'>>): Promise<void>;
	/** The document that the entries up to `upTo` make; none of them may be pruned. */
	fold(upTo: number): Promise<Y.Doc>;
}

/** Looks at the log of a stream in the one space of a world. */
export async function viewRelay(world: SyncWorld, device: WorldDevice, stream: string): Promise<RelayView> {
	const { keyRing, spaceId } = device.identity;
	const secrets = createSpaceSecrets(keyRing, spaceId);
	const id = await secrets.streamId(stream as StreamName);
	const log = world.relay.spaces.get(spaceId)?.logs.get(id);
	if (!log) throw new Error(`the relay has no log ${stream}`);
	const by = { place: { space: spaceId, stream: id }, keyOf: (epoch: number) => secrets.streamKey(id, epoch) };

	return { id, log, open, forge, fold };

	async function open({ sealed }: RelaySnapshot): Promise<OpenedSnapshot> {
		const opened = await openSnapshot(sealed, by);
		if (!opened.ok) throw new Error(`a snapshot that does not open: ${opened.error.type}`);
		return opened.value;
	}

	async function forge(change: Parameters<RelayView['forge']>[0]): Promise<void> {
		const newest = log?.snapshots.at(-1);
		const key = await secrets.streamKey(id, secrets.epoch);
		if (!newest || !log || !key) throw new Error('nothing to put it in place of');
		const present = await open(newest);
		const header = { ...present.header, ...change };
		const sealed = await sealSnapshot(world, { ...present, ...change, header, place: by.place, key });
		log.snapshots[log.snapshots.length - 1] = { ...newest, covers: header.covers, chain: header.chain, sealed };
	}

	async function fold(upTo: number): Promise<Y.Doc> {
		const doc = new Y.Doc();
		for (const { entry } of log?.entries.slice(0, upTo) ?? []) {
			const opened = await openEntry(entry, by);
			if (!opened.ok) throw new Error(`an entry that does not open: ${opened.error.type}`);
			Y.applyUpdate(doc, opened.value.payload);
		}
		return doc;
	}
}

/** The chain a relay would make up for the entries it shows. */
export async function chainAgain(log: RelayLog): Promise<void> {
	let chain: Bytes = emptyChain();
	log.chains.splice(0, log.chains.length, chain);
	for (const { entry } of log.entries) {
		chain = await nextChain(chain, entry);
		log.chains.push(chain);
	}
}

/** Changes what the relay says to a device; a message in place of which nothing comes is answered with undefined. */
export function tapToDevice(device: WorldDevice, change: (message: RelayMessage) => RelayMessage | undefined): void {
	device.network.tap = (direction, frame) => {
		const message = direction === 'to-device' ? decodeRelayMessage(frame) : undefined;
		return message?.ok ? encodeRelayMessage(change(message.value) ?? { type: 'pong' }) : frame;
	};
}

/** The network of a device does again as it should. */
export function honest(device: WorldDevice): void {
	device.network.tap = (_, frame) => frame;
}

export function goOffline(device: WorldDevice): void {
	device.network.isDown = true;
	device.network.cut();
}

export function comeBack(device: WorldDevice, tab: WorldTab): void {
	device.network.isDown = false;
	tab.sync.wake();
}
