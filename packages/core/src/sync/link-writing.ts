import { readEntryHeader } from '../crypto/entry.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { RelayMessage } from '../protocol/messages.ts';
import { isLastOfWriter, positionAfter } from './inbox.ts';
import { foundForked } from './link-republish.ts';
import type { LinkState } from './link-state.ts';
import { nextOutgoing } from './outbox.ts';
import { LEFT_OUT, NO_KEYS, NOT_IN_LOG } from './stuck-reasons.ts';

/** After the relay asked for patience, or failed on its side. */
const REFUSED_RETRY_MS = 10_000;
/** Newer keys come with the list of devices, within a round trip or not at all. */
const KEYS_WITHIN_MS = 10_000;

/** Sends what is next, if the log was read to its end and nothing of ours is under way. */
export async function drain(link: LinkState): Promise<void> {
	const { deps, name, id, position } = link;
	if (!link.isConnected || !link.isCaughtUp || !position || link.underWay) return;
	if (link.pin || link.blocked !== undefined || link.isWaitingForKeys) return;
	const mine = link.session;
	link.mayHaveRows = false;
	const outgoing = await nextOutgoing(deps, { name, id, position });
	// Asked for again meanwhile, it is looked for again: `drain` was queued with it.
	if (!outgoing.ok || outgoing.value) link.mayHaveRows = true;
	if (mine !== link.session) return;
	if (!outgoing.ok) return link.failedHere(outgoing.error);
	const row = outgoing.value;
	if (!row) return link.maker.calm();
	if (row.entry.length > LIMITS.entry) {
		const megabytes = (row.entry.length / 1024 / 1024).toFixed(1);
		return link.block(`A change of ${megabytes} MB is larger than the relay takes. It stays on this device.`);
	}
	link.underWay = row;
	deps.send({ type: 'append', stream: id, id: row.id, entry: row.entry });
}

/** Our entry came back: it leaves the outbox in one step with the cursor (R7). */
export async function takeEcho(link: LinkState, message: RelayMessage & { type: 'echo' }): Promise<void> {
	// What is read aside holds our own entries too.
	const from = link.aside ? undefined : link.position;
	if (!from) return;
	const row = link.underWay?.id === message.id ? link.underWay : undefined;
	// Repeated, or of a session before: the entry was settled then.
	if (!row) return message.seq > from.seq ? lookAnew(link) : undefined;
	if (message.seq > from.seq + 1) return link.stop({ reason: LEFT_OUT });
	const header = readEntryHeader(row.entry);
	if (!header.ok) throw new Error('an entry of ours without a header');
	const { writer, writerSeq } = header.value;
	const isNext = message.seq === from.seq + 1;
	// R7: an entry said to stand in what was read already must have been read there, or it is nowhere.
	if (!isNext && !(await isLastOfWriter(from, row.entry, { writer, seq: writerSeq }))) {
		return link.stop({ reason: NOT_IN_LOG });
	}
	const next = isNext ? await positionAfter(from, row.entry, { writer, seq: writerSeq }) : from;
	const settled = await link.deps.store.settle({ stream: link.name, id: row.id, position: next });
	if (!settled.ok) return link.failedHere(settled.error);
	link.position = next;
	if (isNext) link.maker.grew(row.entry.length);
	await confirmed(link, row.id);
}

/** Our entry stands in the log at a place we cannot account for, because another tab led for a moment. */
function lookAnew(link: LinkState): void {
	link.position = undefined;
	link.reopen();
}

/** An entry of ours left the outbox. */
export async function confirmed(link: LinkState, entry: string): Promise<void> {
	if (link.underWay?.id === entry) link.underWay = undefined;
	link.deps.settled(link.name);
	await drain(link);
}

/** The relay refused something of this stream. */
export async function refused(link: LinkState, error: RelayMessage & { type: 'error' }): Promise<void> {
	if (link.maker.isPutting(error.about)) return link.maker.refused(error.code);
	if (error.about === link.id) {
		link.headsDue = Math.max(0, link.headsDue - 1);
		if (error.code === 'forked') return foundForked(link);
		// A later relay may have other reasons not to serve a stream; it gives them in its sentence.
		return link.stop({ reason: error.message });
	}
	const row = link.underWay;
	if (row?.id !== error.about) return;
	link.underWay = undefined;
	switch (error.code) {
		case 'forked':
			return foundForked(link);
		case 'stale-epoch':
			return staleEpoch(link, row.entry);
		case 'rate':
		case 'internal':
			return link.retryIn(REFUSED_RETRY_MS, () => link.enqueue(() => drain(link)));
		default:
			return link.block(error.message);
	}
}

/** Sealed with keys that are no longer in use. Newer ones may have come while it was on its way. */
function staleEpoch(link: LinkState, entry: Parameters<typeof readEntryHeader>[0]): void {
	const header = readEntryHeader(entry);
	link.isWaitingForKeys = true;
	link.retryIn(KEYS_WITHIN_MS, () => {
		if (link.isWaitingForKeys) link.block(NO_KEYS);
	});
	if (header.ok && header.value.epoch < link.deps.secrets.epoch) link.reopen();
}
