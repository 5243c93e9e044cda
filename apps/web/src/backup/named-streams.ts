import type { BlobId, StreamName } from '@pocketeer/core/ids';
import { type ClockDep, sleep } from '@pocketeer/core/ports/clock';
import type { StoreDep, StoreError } from '@pocketeer/core/ports/store';
import { ok, type Result } from '@pocketeer/core/result';
import { blobsOf, createBlobs, streamOf } from '@pocketeer/core/space/blobs';
import { openHome } from '@pocketeer/core/space/home';
import { createLineReader } from '@pocketeer/core/space/line-records';
import type { SelfDep } from '@pocketeer/core/space/space';
import type { SyncDep } from '@pocketeer/core/sync/sync';

type Deps = ClockDep & SelfDep & StoreDep & SyncDep;

/** How many streams are fetched at once: enough to fill a connection, few enough to keep the page alive. */
const AT_ONCE = 16;
/** A stream that has not come by then stays out of the backup. */
const PATIENCE_MS = 20_000;

/**
 * Fetches what the manifest names and this device does not have: old months, files and histories that were never opened
 * here, and then what is attached in any month.
 * Answers the streams that did not come; empty when the backup will be whole.
 */
export async function fetchMissing(deps: Deps): Promise<Result<readonly StreamName[], StoreError>> {
	const named = await namedStreams(deps);
	if (!named.ok) return named;
	const here = await deps.store.streams();
	if (!here.ok) return here;
	const kept = new Set(here.value);
	const lacking = named.value.filter((stream) => !kept.has(stream));
	const missing: StreamName[] = [];
	for (let from = 0; from < lacking.length; from += AT_ONCE) {
		const group = lacking.slice(from, from + AT_ONCE);
		const came = await Promise.all(group.map((stream) => fetchOne(deps, stream)));
		missing.push(...group.filter((_, index) => !came[index]));
	}
	const attached = await fetchAttached(deps, named.value);
	if (!attached.ok) return attached;
	// A file that never had any text has no stream to fetch while its history is here.
	const lost = missing.filter((stream) => !stream.startsWith('file/') || !kept.has(historyOf(stream)));
	return ok([...lost, ...attached.value]);
}

/** Fetches what the months of lines name as attached, one after the other: each may be twenty megabytes. */
async function fetchAttached(
	deps: Deps,
	named: readonly StreamName[],
): Promise<Result<readonly StreamName[], StoreError>> {
	const wanted = new Set<BlobId>();
	const reader = createLineReader();
	for (const month of named.filter((stream) => stream.startsWith('line/'))) {
		const opened = await deps.sync.open(month);
		// Of a month that cannot be read the backup says so by itself.
		if (!opened.ok) continue;
		using open = opened.value;
		const { records } = reader.read(open.doc.getArray('records').toArray());
		for (const record of records) for (const blob of blobsOf(record)) wanted.add(blob);
	}
	using blobs = createBlobs({ docs: deps.sync });
	const missing: StreamName[] = [];
	for (const blob of wanted) {
		if (!(await isHere(deps, blobs.fetch(blob)))) missing.push(streamOf(blob));
	}
	return ok(missing);
}

async function isHere(deps: Deps, fetching: Promise<Result<unknown, unknown>>): Promise<boolean> {
	const patience = new AbortController();
	const late = sleep(deps, PATIENCE_MS, patience.signal).then(() => false);
	const isThere = await Promise.race([fetching.then(({ ok }) => ok), late]);
	patience.abort();
	return isThere;
}

async function namedStreams({ sync, ...deps }: Deps): Promise<Result<readonly StreamName[], StoreError>> {
	const opened = await openHome({ ...deps, docs: sync });
	if (!opened.ok) return opened;
	using home = opened.value;
	const files = [...home.filePaths.entities()];
	return ok(
		[
			...files.map((id) => `file/${id}`),
			...files.map((id) => `history/${id}`),
			...[...home.lineMonths.names()].map((month) => `line/${month}`),
			...[...home.runMonths.names()].map((month) => `runs/${month}`),
		].map((stream) => stream as StreamName),
	);
}

/** Whether the relay has said all it has of a stream. */
async function fetchOne(deps: Deps, stream: StreamName): Promise<boolean> {
	if (deps.sync.status.connection.type !== 'online') return false;
	const opened = await deps.sync.open(stream);
	if (!opened.ok) return false;
	using _ = opened.value;
	const patience = new AbortController();
	const came = deps.sync.caughtUp(stream).then(() => true);
	const isHere = await Promise.race([came, sleep(deps, PATIENCE_MS, patience.signal).then(() => false)]);
	patience.abort();
	const { connection, stuck } = deps.sync.status;
	return isHere && connection.type === 'online' && !stuck.some((one) => one.stream === stream);
}

function historyOf(file: StreamName): StreamName {
	return file.replace(/^file\//, 'history/') as StreamName;
}
