import { type Bytes, equalBytes } from '../bytes.ts';
import type { RelayMessage } from '../protocol/messages.ts';
import { keepEntries, type ReadEntry, type ReadError, readEntries } from './inbox.ts';
import { finishRepublish, foundForked } from './link-republish.ts';
import { type LinkState, readUpTo } from './link-state.ts';
import { confirmed, drain } from './link-writing.ts';
import { mendedBy } from './quarantine.ts';
import { type ReadSnapshot, readSnapshot, type WholeSnapshot } from './snapshot-parts.ts';
import { describeReadError, describeSnapshotError, LEFT_OUT } from './stuck-reasons.ts';

/** Takes entries behind what was read, up to the first that cannot be taken (R4). */
export async function takeEntries(link: LinkState, message: RelayMessage & { type: 'entries' }): Promise<void> {
	const from = readUpTo(link);
	if (!from) return;
	const known = from.seq + 1 - message.from;
	if (known < 0) {
		// Before `head` these are stragglers of an earlier `open`; the right ones follow.
		if (link.isCaughtUp) link.stop({ reason: LEFT_OUT });
		return;
	}
	const fresh = message.entries.slice(known);
	link.maker.grew(fresh.reduce((sum, entry) => sum + entry.length, 0));
	const mine = link.session;
	for (let at = 0; at < fresh.length; at++) {
		const position = readUpTo(link);
		if (!position) return;
		const { epoch } = link.deps.secrets;
		const { read, problem } = await readEntries(link.deps, fresh.slice(at), { stream: link.id, position });
		// Another link of the stream may be at work already.
		if (mine !== link.session) return;
		await keep(link, read);
		if (!problem || mine !== link.session || link.pin) return;
		at += read.length;
		const entry = fresh[at];
		const isAside = entry !== undefined && (await putAside(link, entry, problem));
		if (mine !== link.session) return;
		if (isAside) continue;
		if (!isRekeyed(link, problem, epoch)) return pinAt(link, problem);
		at--;
	}
}

/** Newer keys came while it was being opened: maybe those it is sealed with. */
function isRekeyed({ deps }: LinkState, problem: { readonly type: string }, epochBefore: number): boolean {
	return problem.type === 'UnknownEpoch' && deps.secrets.epoch > epochBefore;
}

function pinAt(link: LinkState, problem: ReadError): void {
	link.deps.log.warn('sync.entry-refused', { error: problem.type, seq: (readUpTo(link)?.seq ?? 0) + 1 });
	link.stop({ reason: describeReadError(problem), isOfKeys: problem.type === 'UnknownEpoch' });
}

async function keep(link: LinkState, read: readonly ReadEntry[]): Promise<void> {
	const last = read.at(-1);
	if (!last) return;
	if (link.aside) return link.aside.take(read);
	const { deps, name } = link;
	const sealed = await deps.store.sealed(name);
	if (!sealed.ok) return link.failedHere(sealed.error);
	const own = new Set(sealed.value.map((row) => row.id));
	const kept = await keepEntries(deps, name, read, {
		isOwn: (entry) => own.has(entry),
		arrived: (updates) => deps.arrived(name, updates),
	});
	if (!kept.ok) {
		// Some of it may be kept: what the disk says counts.
		link.position = undefined;
		return link.failedHere(kept.error);
	}
	link.position = last.position;
	for (const { id: entry } of read) if (own.has(entry)) await confirmed(link, entry);
}

/** Passes an entry that could not be taken in this session and those before; false while it is too early for that. */
async function putAside(link: LinkState, entry: Bytes, problem: ReadError): Promise<boolean> {
	const from = readUpTo(link);
	const due = from && (await link.quarantine.failed(entry, problem, from));
	if (!due) return false;
	if (link.aside) {
		link.aside.pass(due.position, due.values);
		return true;
	}
	const kept = await link.deps.store.appendRemote({ stream: link.name, updates: [], ...due });
	if (!kept.ok) return false;
	link.deps.log.warn('sync.put-aside', { error: problem.type, seq: due.position.seq });
	link.position = due.position;
	link.quarantine.changed(due.values);
	link.deps.changed(link.name);
	return true;
}

/** Once in a start: what was put aside may open to this build. */
export async function retryQuarantined(link: LinkState, isEmpty: boolean): Promise<void> {
	for (const { entry, payload, values } of await link.quarantine.load(isEmpty)) {
		if (!link.position) return;
		const position = await mendedBy(entry, link.position);
		const kept = await link.deps.store.appendRemote({ stream: link.name, updates: [payload], position, values });
		if (!kept.ok) return;
		link.position = position;
		link.quarantine.changed(values);
		link.deps.arrived(link.name, [payload]);
	}
}

/** Takes one part of a snapshot; with the last, the whole. The cursor moves only when all of it is on disk (R5). */
export async function takePart(link: LinkState, message: RelayMessage & { type: 'snapshot' }): Promise<void> {
	const whole = link.isCaughtUp ? undefined : link.parts.add(message);
	if (whole) await takeWhole(link, whole);
}

async function takeWhole(link: LinkState, whole: WholeSnapshot): Promise<void> {
	const from = readUpTo(link);
	// One of what was read already is of an earlier `open`.
	if (!from || whole.covers <= from.seq) return;
	const mine = link.session;
	const { epoch } = link.deps.secrets;
	const read = await readSnapshot(link.deps, whole, { stream: link.id, position: from });
	if (mine !== link.session) return;
	if (read.ok) return jump(link, read.value);
	const { error } = read;
	if (isRekeyed(link, error, epoch)) return takeWhole(link, whole);
	link.deps.log.warn('sync.snapshot-refused', { error: error.type, seq: whole.covers });
	const reason = describeSnapshotError(error);
	if (error.type === 'SetBack') return foundForked(link, reason);
	link.stop({ reason, isOfKeys: error.type === 'UnknownEpoch' });
}

async function jump(link: LinkState, snapshot: ReadSnapshot): Promise<void> {
	if (link.aside) return link.aside.jump(snapshot);
	const { deps, name } = link;
	const { update, position } = snapshot;
	const values = link.quarantine.valuesUpTo(position.seq);
	const kept = await deps.store.appendRemote({ stream: name, updates: [update], position, values });
	if (!kept.ok) {
		link.position = undefined;
		return link.failedHere(kept.error);
	}
	link.position = position;
	link.quarantine.changed(values);
	deps.arrived(name, [update]);
}

/** Everything the relay had was sent: it must be what was read here, by number and by hash (R7). */
export async function takeHead(link: LinkState, message: RelayMessage & { type: 'head' }): Promise<void> {
	if (link.isCaughtUp) return link.maker.head(message);
	const from = readUpTo(link);
	if (!from) return;
	// Of an earlier `open`, whose entries were passed over: the one that counts is still to come.
	if (message.seq > from.seq && link.headsDue > 0) return;
	if (message.seq > from.seq) return link.stop({ reason: LEFT_OUT });
	if (message.seq < from.seq || !equalBytes(message.chain, from.chain)) return foundForked(link);
	const mine = link.session;
	if (link.aside && !(await finishRepublish(link, link.aside))) return;
	if (mine !== link.session) return;
	link.isCaughtUp = true;
	link.headsDue = 0;
	// The relay answers in order: what was sent before `open` and did not come back with the log is not in it.
	link.underWay = undefined;
	link.deps.changed(link.name);
	await link.maker.head(message);
	if (link.mayHaveRows) await drain(link);
}
