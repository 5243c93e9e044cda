import type { StreamName } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { StoreDep, StoreError } from '../ports/store.ts';
import type { Result } from '../result.ts';
import type { LinkState } from './link-state.ts';
import { ANEW, type LogAside } from './log-aside.ts';
import { splitUpdate } from './split-update.ts';
import { FORKED } from './stuck-reasons.ts';
import { UNREAD_PREFIX } from './watching.ts';

/** Key of the store: when the relay was last found to have another log than was read here, ms since the epoch. */
export const REPUBLISHED_KEY = 'sync/republished';

/** Of a document that the relay lacks altogether, so much goes into one entry: well below the relay's limit. */
const OFFER_BYTES = 1024 * 1024;

/**
 * Writes down that a stream's log is to be read from its beginning, and what it lacks to be published again (SY13); and
 * when, so that the person is told even after a restart.
 */
function markRepublish(deps: StoreDep & ClockDep, stream: StreamName): Promise<Result<void, StoreError>> {
	// In one transaction, so that the next session reads it anew although the relay will not name it as moved (SY11).
	const values = { [REPUBLISHED_KEY]: deps.clock.now(), [UNREAD_PREFIX + stream]: true };
	return deps.store.appendRemote({ stream, updates: [], position: ANEW, values });
}

/** The relay's log is not the one that was read here (R7). A relay of which that is so twice in a session is not believed. */
export async function foundForked(link: LinkState, reason: string = FORKED): Promise<void> {
	if (link.aside || link.forkedIn === link.session) return link.stop({ reason });
	await beginRepublish(link);
}

/** Reads the stream's log from its beginning, now or, while there is no session, with the next. */
export async function beginRepublish(link: LinkState): Promise<void> {
	if (link.position?.republish) return;
	link.deps.log.warn('sync.forked', { stream: link.id, seq: link.position?.seq ?? -1 });
	const mine = link.session;
	const marked = await markRepublish(link.deps, link.name);
	link.position = marked.ok ? ANEW : undefined;
	if (!marked.ok) return link.failedHere(marked.error);
	link.republishedAt = link.deps.clock.now();
	link.forkedIn = link.session;
	link.deps.changed(link.name);
	if (link.isOpen && mine === link.session) link.reopen();
}

/**
 * The whole log was read: one transaction keeps what was new to us, queues what our document has and the log lacks, and
 * takes the log's place. False when it did not come about. Entries of ours that are in the log are sent again, as ever,
 * and leave the outbox with their echo.
 */
export async function finishRepublish(link: LinkState, aside: LogAside): Promise<boolean> {
	const { deps, name } = link;
	const mine = link.session;
	const stored = await deps.store.loadDoc(name);
	if (mine !== link.session) return false;
	if (!stored.ok) return failedAt(link, stored.error);
	const { fresh, lacking } = aside.compare(stored.value);
	const { position, values } = aside;
	const updates = fresh ? [fresh] : [];
	const offers = lacking ? splitUpdate(lacking, OFFER_BYTES) : [];
	const offer = offers.at(-1);
	// What is too large for one entry is queued in parts; until the last is, the log is still to be read anew.
	for (const part of offers.slice(0, -1)) {
		const queued = await deps.store.appendRemote({ stream: name, updates: [], position: ANEW, offer: part });
		if (!queued.ok) return failedAt(link, queued.error);
	}
	const kept = await deps.store.appendRemote({ stream: name, updates, position, values, ...(offer ? { offer } : {}) });
	if (!kept.ok) return failedAt(link, kept.error);
	link.position = position;
	link.aside = undefined;
	link.quarantine.changed(values);
	if (lacking) link.mayHaveRows = true;
	if (fresh) deps.arrived(name, updates);
	deps.log.info('sync.republished', { stream: link.id, seq: position.seq, bytes: lacking?.length ?? 0 });
	return true;
}

function failedAt(link: LinkState, error: StoreError): false {
	link.position = undefined;
	link.failedHere(error);
	return false;
}
