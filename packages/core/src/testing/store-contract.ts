import { afterEach, describe, expect, it } from 'vitest';
import { type Bytes, utf8 } from '../bytes.ts';
import type { EntryId, StreamName, WriterId } from '../ids.ts';
import type { SealedCommit, Store, StreamPosition, WriterState } from '../ports/store.ts';
import type { Result } from '../result.ts';

const HOME = 'home' as StreamName;
const OTHER = 'file/other' as StreamName;

/**
 * What every `Store` promises. `openStore(name)` opens the store of that name, as it was left; called twice it gives two
 * handles on one store, the tabs of a device. Handles that are disposable are disposed of.
 */
export function storeContract(title: string, openStore: (name: string) => Promise<Store>): void {
	describe(title, () => {
		const opened: Store[] = [];
		let nextName = 0;
		const freshName = () => `store-contract-${nextName++}`;
		async function open(name: string): Promise<Store> {
			const store = await openStore(name);
			opened.push(store);
			return store;
		}
		afterEach(() => {
			for (const store of opened.splice(0)) if (isDisposable(store)) store[Symbol.dispose]();
		});

		documentRules(() => open(freshName()), { open, freshName });
		advanceRules(() => open(freshName()), { open, freshName });
		outboxRules(() => open(freshName()), { open, freshName });
		valueRules(() => open(freshName()), { open, freshName });
	});
}

interface Reopening {
	open(name: string): Promise<Store>;
	freshName(): string;
}

function documentRules(fresh: () => Promise<Store>, { open, freshName }: Reopening): void {
	it('a stream never seen is empty, at place 0 and without a writer', async () => {
		const store = await fresh();
		expect(value(await store.loadDoc(HOME))).toEqual({ snapshot: undefined, updates: [], through: 0 });
		expect(value(await store.position(HOME))).toEqual({ seq: 0, chain: new Uint8Array(32), tails: {} });
		expect(value(await store.writer(HOME))).toBeUndefined();
		expect(value(await store.sealed(HOME))).toEqual([]);
		expect(value(await store.unsealed(HOME, 10))).toEqual([]);
		expect(value(await store.pendingStreams())).toEqual([]);
	});

	it('local and remote updates are loaded in the order in which they were kept, each stream its own', async () => {
		const store = await fresh();
		value(await store.appendLocal([local(HOME, 'a'), local(OTHER, 'x'), local(HOME, 'b')]));
		value(await store.appendRemote({ stream: HOME, updates: [utf8('c'), utf8('d')], position: at(2) }));
		value(await store.appendLocal([local(HOME, 'e')]));
		expect(texts(await store.loadDoc(HOME))).toEqual(['a', 'b', 'c', 'd', 'e']);
		expect(texts(await store.loadDoc(OTHER))).toEqual(['x']);
	});

	it('everything is there after opening again', async () => {
		const name = freshName();
		const first = await open(name);
		value(await first.appendLocal([local(HOME, 'a')]));
		value(await first.appendRemote({ stream: HOME, updates: [utf8('b')], position: at(1) }));
		value(await first.commitSealed(commit({ rows: [], next: writer(1) })));
		value(await first.putValues({ draft: 'half a sentence' }));
		if (isDisposable(first)) first[Symbol.dispose]();

		const second = await open(name);
		expect(texts(await second.loadDoc(HOME))).toEqual(['a', 'b']);
		expect(value(await second.position(HOME))).toEqual(at(1));
		expect(value(await second.writer(HOME))).toEqual(writer(1));
		expect(value(await second.sealed(HOME))).toHaveLength(1);
		expect(value(await second.unsealed(HOME, 10))).toHaveLength(1);
		expect(value(await second.value('draft'))).toBe('half a sentence');
	});

	it('an empty remote advance moves the place and adds nothing', async () => {
		const store = await fresh();
		value(await store.appendRemote({ stream: HOME, updates: [], position: at(7) }));
		expect(value(await store.position(HOME))).toEqual(at(7));
		expect(texts(await store.loadDoc(HOME))).toEqual([]);
		expect(value(await store.position(OTHER)).seq).toBe(0);
	});

	it('the places of many streams are those of each, also of one never seen', async () => {
		const store = await fresh();
		const never = 'file/never' as StreamName;
		value(await store.appendRemote({ stream: HOME, updates: [utf8('a')], position: at(7) }));
		value(await store.appendRemote({ stream: OTHER, updates: [], position: at(2) }));
		const places = value(await store.positions([OTHER, never]));
		expect([...places]).toEqual([
			[OTHER, at(2)],
			[never, { seq: 0, chain: new Uint8Array(32), tails: {} }],
		]);
		expect(value(await store.positions([])).size).toBe(0);
	});

	it('a snapshot takes the place of exactly the rows it names', async () => {
		const store = await fresh();
		value(await store.appendLocal([local(HOME, 'a'), local(OTHER, 'x'), local(HOME, 'b')]));
		const { through } = value(await store.loadDoc(HOME));
		value(await store.appendLocal([local(HOME, 'late')]));
		value(await store.compactDoc({ stream: HOME, snapshot: utf8('ab'), through }));

		const after = value(await store.loadDoc(HOME));
		expect(after.snapshot && text(after.snapshot)).toBe('ab');
		expect(after.updates.map(text)).toEqual(['late']);
		expect(texts(await store.loadDoc(OTHER))).toEqual(['x']);
	});

	it('a snapshot leaves the outbox alone', async () => {
		const store = await fresh();
		value(await store.appendLocal([local(HOME, 'a')]));
		const { through } = value(await store.loadDoc(HOME));
		value(await store.compactDoc({ stream: HOME, snapshot: utf8('a'), through }));
		expect(value(await store.unsealed(HOME, 10)).map((row) => text(row.update))).toEqual(['a']);
	});

	it('an older snapshot never takes the place of a newer one', async () => {
		const name = freshName();
		const [slow, quick] = [await open(name), await open(name)];
		value(await slow.appendLocal([local(HOME, 'a')]));
		const early = value(await slow.loadDoc(HOME)).through;
		value(await quick.appendLocal([local(HOME, 'b')]));
		const later = value(await quick.loadDoc(HOME)).through;
		value(await quick.compactDoc({ stream: HOME, snapshot: utf8('ab'), through: later }));
		value(await slow.compactDoc({ stream: HOME, snapshot: utf8('a'), through: early }));

		const doc = value(await slow.loadDoc(HOME));
		expect(doc.snapshot && text(doc.snapshot)).toBe('ab');
		expect(doc.updates).toEqual([]);
	});

	it('rows are numbered upwards, also after a snapshot took their place', async () => {
		const store = await fresh();
		value(await store.appendLocal([local(HOME, 'a')]));
		const first = value(await store.loadDoc(HOME)).through;
		value(await store.compactDoc({ stream: HOME, snapshot: utf8('a'), through: first }));
		expect(value(await store.loadDoc(HOME)).through).toBe(first);
		value(await store.appendLocal([local(HOME, 'b')]));
		const after = value(await store.loadDoc(HOME));
		expect(after.through).toBeGreaterThan(first);
		expect(after.updates.map(text)).toEqual(['b']);
	});

	it('what is handed in or out can be changed without changing what is kept', async () => {
		const store = await fresh();
		const update = utf8('kept');
		value(await store.appendLocal([{ stream: HOME, update }]));
		update.fill(0);
		value(await store.loadDoc(HOME)).updates[0]?.fill(0);
		expect(texts(await store.loadDoc(HOME))).toEqual(['kept']);
	});
}

function advanceRules(fresh: () => Promise<Store>, { open, freshName }: Reopening): void {
	it('[R7] what an advance offers is in the document and in the outbox, behind what waited', async () => {
		const store = await fresh();
		value(await store.appendLocal([local(HOME, 'typed')]));
		value(await store.appendRemote({ stream: HOME, updates: [utf8('new')], position: at(3), offer: utf8('lacking') }));
		expect(texts(await store.loadDoc(HOME))).toEqual(['typed', 'new', 'lacking']);
		expect(value(await store.unsealed(HOME, 10)).map((row) => text(row.update))).toEqual(['typed', 'lacking']);
		expect(value(await store.position(HOME))).toEqual(at(3));
		expect(value(await store.pendingStreams())).toEqual([HOME]);
	});

	it('an advance keeps its values with it, and undefined deletes', async () => {
		const store = await fresh();
		value(await store.putValues({ gone: 1, stays: 2 }));
		const values = { gone: undefined, aside: { entry: utf8('x'), at: 5 } };
		value(await store.appendRemote({ stream: HOME, updates: [], position: at(1), values }));
		expect([...value(await store.values(''))].sort()).toEqual([
			['aside', { entry: utf8('x'), at: 5 }],
			['stays', 2],
		]);
	});

	it('an advance whose values cannot be kept is thrown back whole', async () => {
		const store = await fresh();
		const values = { good: 1, bad: () => {} };
		const advance = { stream: HOME, updates: [utf8('a')], position: at(1), offer: utf8('b'), values };
		await expect(store.appendRemote(advance)).rejects.toThrow();
		expect(texts(await store.loadDoc(HOME))).toEqual([]);
		expect(value(await store.unsealed(HOME, 10))).toEqual([]);
		expect(value(await store.position(HOME)).seq).toBe(0);
		expect(value(await store.value('good'))).toBeUndefined();
	});

	it('[SY13] a place that says the log is to be read anew says so until it is replaced', async () => {
		const name = freshName();
		const store = await open(name);
		const anew: StreamPosition = { seq: 0, chain: new Uint8Array(32), tails: {}, republish: true };
		value(await store.appendRemote({ stream: HOME, updates: [], position: anew }));
		expect(value(await store.position(HOME))).toEqual(anew);
		const again = await open(name);
		expect(value(await again.positions([HOME, OTHER])).get(HOME)).toEqual(anew);
		expect(value(await again.coveredDoc(HOME)).position).toEqual(anew);
		value(await again.appendRemote({ stream: HOME, updates: [], position: at(2) }));
		expect(value(await again.position(HOME))).toEqual(at(2));
	});

	it('[SY14] a torn tail stays torn', async () => {
		const store = await fresh();
		const position = { ...at(4), tails: { w: { seq: 2, hash: new Uint8Array(32), isTorn: true as const } } };
		value(await store.appendRemote({ stream: HOME, updates: [], position }));
		expect(value(await store.position(HOME))).toEqual(position);
	});

	it('[R1] a document is seen together with its place and whether rows of it wait', async () => {
		const store = await fresh();
		expect(value(await store.coveredDoc(HOME))).toEqual({
			doc: { snapshot: undefined, updates: [], through: 0 },
			position: { seq: 0, chain: new Uint8Array(32), tails: {} },
			hasRows: false,
		});
		value(await store.appendLocal([local(OTHER, 'x')]));
		value(await store.appendRemote({ stream: HOME, updates: [utf8('a'), utf8('b')], position: at(2) }));
		const { through } = value(await store.loadDoc(HOME));
		value(await store.compactDoc({ stream: HOME, snapshot: utf8('ab'), through }));
		value(await store.appendRemote({ stream: HOME, updates: [utf8('c')], position: at(3) }));
		const covered = value(await store.coveredDoc(HOME));
		expect(covered.doc).toEqual(value(await store.loadDoc(HOME)));
		expect(covered).toMatchObject({ position: at(3), hasRows: false });
		expect(value(await store.coveredDoc(OTHER)).hasRows).toBe(true);
	});

	it('[R1] rows wait from the first change until its entry came back', async () => {
		const store = await fresh();
		const waits = async () => value(await store.coveredDoc(HOME)).hasRows;
		value(await store.appendLocal([local(HOME, 'a')]));
		expect(await waits()).toBe(true);
		const rows = value(await store.unsealed(HOME, 10)).map((row) => row.row);
		value(await store.commitSealed(commit({ rows, next: writer(1), id: 1 })));
		expect(await waits()).toBe(true);
		value(await store.settle({ stream: HOME, id: entryId(1), position: at(1) }));
		expect(await waits()).toBe(false);
	});

	it('names every stream it keeps anything of, once', async () => {
		const store = await fresh();
		expect(value(await store.streams())).toEqual([]);
		const [placed, packed] = ['line/placed' as StreamName, 'file/packed' as StreamName];
		value(await store.appendLocal([local(HOME, 'a'), local(HOME, 'b')]));
		value(await store.appendRemote({ stream: OTHER, updates: [utf8('x')], position: at(1) }));
		value(await store.appendRemote({ stream: placed, updates: [], position: at(1) }));
		value(await store.compactDoc({ stream: packed, snapshot: utf8('s'), through: 9 }));
		expect([...value(await store.streams())].sort()).toEqual([HOME, OTHER, placed, packed].sort());
	});
}

function outboxRules(fresh: () => Promise<Store>, { open, freshName }: Reopening): void {
	it('local updates wait unsealed in order; remote ones never do', async () => {
		const store = await fresh();
		value(await store.appendLocal([local(HOME, 'a'), local(HOME, 'b'), local(HOME, 'c')]));
		value(await store.appendRemote({ stream: OTHER, updates: [utf8('x')], position: at(1) }));
		const rows = value(await store.unsealed(HOME, 2));
		expect(rows.map((row) => text(row.update))).toEqual(['a', 'b']);
		expect(rows[1]?.row).toBeGreaterThan(rows[0]?.row ?? Number.POSITIVE_INFINITY);
		expect(value(await store.pendingStreams())).toEqual([HOME]);
	});

	it('sealing takes exactly the named rows out, keeps the entry and advances the writer', async () => {
		const store = await fresh();
		value(await store.appendLocal([local(HOME, 'a'), local(HOME, 'b'), local(HOME, 'c')]));
		const rows = value(await store.unsealed(HOME, 2)).map((row) => row.row);
		value(await store.commitSealed(commit({ rows, next: writer(1), entry: 'ab', id: 1 })));

		expect(value(await store.unsealed(HOME, 10)).map((row) => text(row.update))).toEqual(['c']);
		expect(value(await store.sealed(HOME)).map((row) => text(row.entry))).toEqual(['ab']);
		expect(value(await store.writer(HOME))).toEqual(writer(1));
		expect(value(await store.writer(OTHER))).toBeUndefined();
		expect(texts(await store.loadDoc(HOME))).toEqual(['a', 'b', 'c']);
	});

	it('sealed entries come back in writer order and keep their stream pending until they settle', async () => {
		const store = await fresh();
		value(await store.commitSealed(commit({ rows: [], next: writer(1), entry: 'first', id: 9 })));
		value(await store.commitSealed(commit({ rows: [], expected: writer(1), next: writer(2), entry: 'second', id: 1 })));
		expect(value(await store.sealed(HOME)).map((row) => text(row.entry))).toEqual(['first', 'second']);
		value(await store.settle({ stream: HOME, id: entryId(9), position: at(4) }));
		expect(value(await store.sealed(HOME)).map((row) => row.id)).toEqual([entryId(1)]);
		expect(value(await store.position(HOME))).toEqual(at(4));
		expect(value(await store.pendingStreams())).toEqual([HOME]);
		value(await store.settle({ stream: HOME, id: entryId(1), position: at(5) }));
		expect(value(await store.pendingStreams())).toEqual([]);
	});

	it('settling twice, or what was never sealed, only moves the place', async () => {
		const store = await fresh();
		value(await store.commitSealed(commit({ rows: [], next: writer(1), id: 1 })));
		value(await store.settle({ stream: HOME, id: entryId(7), position: at(1) }));
		expect(value(await store.sealed(HOME))).toHaveLength(1);
		value(await store.settle({ stream: HOME, id: entryId(1), position: at(2) }));
		value(await store.settle({ stream: HOME, id: entryId(1), position: at(3) }));
		expect(value(await store.sealed(HOME))).toEqual([]);
		expect(value(await store.position(HOME)).seq).toBe(3);
	});

	it.each([
		['an older sequence number', writer(1), writer(2), writer(1)],
		['no writer where there is one', writer(1), writer(2), undefined],
		['another fence', writer(1), writer(2), { ...writer(2), fence: 99 }],
		['another hash', writer(1), writer(2), { ...writer(2), hash: new Uint8Array(32).fill(9) }],
		['another incarnation', writer(1), writer(2), { ...writer(2), writer: 'Z'.repeat(22) as WriterId }],
	])('a seal that expects %s changes nothing and learns the present state', async (_, first, second, expected) => {
		const store = await fresh();
		value(await store.appendLocal([local(HOME, 'a')]));
		const rows = value(await store.unsealed(HOME, 1)).map((row) => row.row);
		value(await store.commitSealed(commit({ rows: [], next: first, id: 1 })));
		value(await store.commitSealed(commit({ rows: [], expected: first, next: second, id: 2 })));

		const late = await store.commitSealed(commit({ rows, expected, next: writer(3), id: 3 }));
		expect(late).toEqual({ ok: false, error: { type: 'WriterMoved', actual: second } });
		expect(value(await store.writer(HOME))).toEqual(second);
		expect(value(await store.unsealed(HOME, 10))).toHaveLength(1);
		expect(value(await store.sealed(HOME)).map((row) => row.id)).toEqual([entryId(1), entryId(2)]);
	});

	it('a seal that expects a writer where there is none is told so', async () => {
		const store = await fresh();
		const late = await store.commitSealed(commit({ rows: [], expected: writer(1), next: writer(2) }));
		expect(late).toEqual({ ok: false, error: { type: 'WriterMoved', actual: undefined } });
	});

	it('of two tabs sealing at once from one state, exactly one wins and every row is sealed once', async () => {
		const name = freshName();
		const [one, two] = [await open(name), await open(name)];
		value(await one.appendLocal([local(HOME, 'a'), local(HOME, 'b')]));
		const rows = value(await one.unsealed(HOME, 10)).map((row) => row.row);
		const outcomes = await Promise.all([
			one.commitSealed(commit({ rows, next: { ...writer(1), hash: new Uint8Array(32).fill(1) }, id: 1 })),
			two.commitSealed(commit({ rows, next: { ...writer(1), hash: new Uint8Array(32).fill(2) }, id: 2 })),
		]);
		const winner = outcomes.findIndex((outcome) => outcome.ok);
		expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
		expect(outcomes[1 - winner]).toMatchObject({ error: { type: 'WriterMoved', actual: { seq: 1 } } });
		expect(value(await one.sealed(HOME)).map((row) => row.id)).toEqual([entryId(winner + 1)]);
		expect(value(await two.unsealed(HOME, 10))).toEqual([]);
	});

	it('what one tab keeps, another tab of the device finds', async () => {
		const name = freshName();
		const [one, two] = [await open(name), await open(name)];
		value(await one.appendLocal([local(HOME, 'typed here')]));
		expect(texts(await two.loadDoc(HOME))).toEqual(['typed here']);
		expect(value(await two.pendingStreams())).toEqual([HOME]);
	});

	it('appends of several tabs at once are all kept', async () => {
		const name = freshName();
		const [one, two] = [await open(name), await open(name)];
		const words = Array.from({ length: 20 }, (_, index) => `word ${index}`);
		const kept = await Promise.all(
			words.map((word, index) => (index % 2 ? one : two).appendLocal([local(HOME, word)])),
		);
		for (const outcome of kept) value(outcome);
		expect([...texts(await one.loadDoc(HOME))].sort()).toEqual([...words].sort());
		const rows = value(await one.unsealed(HOME, 100)).map((row) => row.row);
		expect(new Set(rows).size).toBe(words.length);
	});
}

function valueRules(fresh: () => Promise<Store>, { open, freshName }: Reopening): void {
	it('values are kept under their keys, and undefined deletes', async () => {
		const store = await fresh();
		value(await store.putValues({ 'draft/a': 'one', 'draft/b': { two: [2, utf8('2')] }, theme: 'dark' }));
		expect(value(await store.value('draft/b'))).toEqual({ two: [2, utf8('2')] });
		expect([...value(await store.values('draft/')).keys()].sort()).toEqual(['draft/a', 'draft/b']);
		value(await store.putValues({ 'draft/a': undefined, theme: 'light' }));
		expect(value(await store.value('draft/a'))).toBeUndefined();
		expect([...value(await store.values('')).entries()].sort()).toEqual([
			['draft/b', { two: [2, utf8('2')] }],
			['theme', 'light'],
		]);
	});

	it('a prefix is a beginning, not a pattern', async () => {
		const store = await fresh();
		value(await store.putValues({ 'a%b': 1, a_b: 2, ab: 3, 'a\uffff': 4 }));
		expect([...value(await store.values('a%')).keys()]).toEqual(['a%b']);
		expect(value(await store.values('a')).size).toBe(4);
	});

	it('several values change together for every tab', async () => {
		const name = freshName();
		const [one, two] = [await open(name), await open(name)];
		await Promise.all([one.putValues({ x: 1, y: 1 }), two.putValues({ x: 2, y: 2 })]);
		const seen = value(await two.values(''));
		expect(seen.get('x')).toBe(seen.get('y'));
	});

	it('keys that cannot be taken out again are kept as keys', async () => {
		const name = freshName();
		const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
		value(await (await open(name)).putValues({ identity: { pair } }));
		const kept: unknown = value(await (await open(name)).value('identity'));
		const key = (kept as { readonly pair: CryptoKeyPair }).pair.privateKey;
		expect(key.extractable).toBe(false);
		const signature = await crypto.subtle.sign('Ed25519', key, utf8('still me'));
		expect(await crypto.subtle.verify('Ed25519', pair.publicKey, signature, utf8('still me'))).toBe(true);
	});

	it('a value that cannot be kept is thrown back and takes no other with it', async () => {
		const store = await fresh();
		await expect(store.putValues({ good: 1, bad: () => {} })).rejects.toThrow();
		expect(value(await store.value('good'))).toBeUndefined();
	});
}

function value<T, E>(result: Result<T, E>): T {
	if (!result.ok) throw new Error(`expected a value, got ${JSON.stringify(result.error)}`);
	return result.value;
}

function texts(result: Result<{ readonly updates: readonly Bytes[] }, unknown>): readonly string[] {
	return value(result).updates.map(text);
}

function text(bytes: Bytes): string {
	return new TextDecoder().decode(bytes);
}

function local(stream: StreamName, content: string) {
	return { stream, update: utf8(content) };
}

function at(seq: number): StreamPosition {
	const hash = new Uint8Array(32).fill(seq);
	return { seq, chain: hash, tails: { [`w${seq}`]: { seq, hash } } };
}

function writer(seq: number): WriterState {
	return { writer: 'W'.repeat(22) as WriterId, seq, hash: new Uint8Array(32).fill(seq), fence: seq };
}

function entryId(number: number): EntryId {
	return `${number}`.padStart(22, 'E') as EntryId;
}

function commit(parts: {
	readonly rows: readonly number[];
	readonly next: WriterState;
	readonly expected?: WriterState | undefined;
	readonly entry?: string;
	readonly id?: number;
}): SealedCommit {
	return {
		stream: HOME,
		rows: parts.rows,
		sealed: { id: entryId(parts.id ?? 1), entry: utf8(parts.entry ?? 'entry') },
		expected: parts.expected,
		next: parts.next,
	};
}

function isDisposable(store: Store): store is Store & Disposable {
	return Symbol.dispose in store;
}
