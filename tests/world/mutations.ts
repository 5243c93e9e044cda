/** One rule switched off. The world has to notice each within a few hundred schedules. */
export interface Mutation {
	readonly name: string;
	/** All of them at once; each snippet stands exactly once in its file. */
	readonly edits: readonly Edit[];
	/** What has to be said of it; anything, when left out. */
	readonly by?: string;
	/** Seeds in which it was noticed once, tried first. */
	readonly seeds: readonly number[];
}

interface Edit {
	/** From the root of the repository. */
	readonly file: string;
	readonly snippet: string;
	readonly replacement: string;
}

const SYNC = 'packages/core/src/sync';
const RELAY = 'apps/sync/src';

export const MUTATIONS: readonly Mutation[] = [
	{
		name: 'R1 a snapshot also holds what did not come back from the relay',
		edits: [
			{ file: `${SYNC}/snapshot-maker.ts`, snippet: '\tif (hasRows) return false;\n', replacement: '' },
			{
				file: `${SYNC}/stream-link.ts`,
				snippet: 'const isFree = !link.mayHaveRows && !link.underWay && !link.pin && link.blocked === undefined;',
				replacement: 'const isFree = !link.pin;',
			},
		],
		seeds: [17],
	},
	{
		name: 'R1 a snapshot claims the place where the log is, not that of its document',
		edits: [
			{
				file: `${SYNC}/snapshot-maker.ts`,
				snippet: 'const update = encodeWhole(doc);',
				replacement: 'const update = encodeWhole({ ...doc, updates: doc.updates.slice(0, -1) });',
			},
		],
		seeds: [1],
	},
	{
		name: 'R2 numbers of entries that were pruned are given again',
		edits: [
			{
				file: `${RELAY}/store/memory-log-store.ts`,
				snippet: '\t\tentry.entry = undefined;\n',
				replacement: '\t\tstream.entries.splice(stream.pruned--, 1);\n',
			},
		],
		seeds: [1],
	},
	{
		name: 'R3 a snapshot that covers less replaces one that covers more',
		edits: [
			{
				file: `${RELAY}/store/memory-log-store.ts`,
				snippet: "\t\tif (offer.covers <= (present?.covers ?? 0)) return { type: 'stale-snapshot' } as const;\n",
				replacement: '',
			},
		],
		seeds: [49],
	},
	{
		name: 'R4 the cursor passes an entry whose key is still to come',
		edits: [
			{
				file: `${SYNC}/quarantine.ts`,
				snippet: "\t\tif (problem.type !== 'Unreadable' && problem.type !== 'NoUpdate') return undefined;\n",
				replacement: '',
			},
			{ file: `${SYNC}/quarantine.ts`, snippet: 'const MOST_TRIES = 3;', replacement: 'const MOST_TRIES = 1;' },
		],
		seeds: [5],
	},
	{
		name: 'R5 the cursor passes a snapshot that is not on disk',
		edits: [
			{
				file: `${SYNC}/link-reading.ts`,
				snippet: 'updates: [update], position, values });',
				replacement: 'updates: [], position, values });',
			},
		],
		seeds: [1],
	},
	{
		name: 'R5 only a device that never read the stream gets the snapshot',
		edits: [
			{
				file: `${RELAY}/connection/following.ts`,
				snippet: "\t\t\tfollow.mode = 'snapshot';\n\t\t\treturn;",
				replacement:
					"\t\t\tif (follow.next === 1) follow.mode = 'snapshot';\n\t\t\telse follow.next = head.pruned + 1;\n\t\t\treturn;",
			},
			{
				file: `${RELAY}/connection/following.ts`,
				snippet: 'const isLess = cursor < covered',
				replacement: 'const isLess = cursor === 0 && cursor < covered',
			},
		],
		seeds: [14],
	},
	{
		name: 'R6 an entry that comes again is kept again',
		by: 'holds an entry twice',
		edits: [
			{
				file: `${RELAY}/store/memory-log-store.ts`,
				snippet:
					"\t\tif (present !== undefined) return { type: 'kept', seq: present, isNew: false, change: stream.changed };\n",
				replacement: '',
			},
		],
		seeds: [14],
	},
	{
		name: 'R7 a row leaves the outbox when it was sent',
		edits: [
			{
				file: `${SYNC}/link-writing.ts`,
				snippet: "\tdeps.send({ type: 'append', stream: id, id: row.id, entry: row.entry });\n",
				replacement:
					"\tdeps.send({ type: 'append', stream: id, id: row.id, entry: row.entry });\n\tawait deps.store.settle({ stream: name, id: row.id, position });\n",
			},
		],
		seeds: [2],
	},
	{
		name: 'R7 nobody looks at the chain',
		edits: [
			{
				file: `${RELAY}/connection/following.ts`,
				snippet: 'if (!view || !equalBytes(view.chain, chain)) {',
				replacement: 'if (!view) {',
			},
			{
				file: `${SYNC}/link-reading.ts`,
				snippet: 'if (message.seq < from.seq || !equalBytes(message.chain, from.chain)) return foundForked(link);',
				replacement: 'if (message.seq < from.seq) return foundForked(link);',
			},
		],
		seeds: [3],
	},
	{
		name: 'R7 what a restored relay lacks is not published again',
		edits: [
			{
				file: `${SYNC}/link-republish.ts`,
				snippet: 'const { fresh, lacking } = aside.compare(stored.value);',
				replacement: 'const { fresh } = aside.compare(stored.value);\n\tconst lacking = undefined;',
			},
		],
		seeds: [3],
	},
	// Faults that the world found, put back.
	{
		name: 'SY15 an entry is sealed with one epoch and names the one that came meanwhile',
		edits: [{ file: `${SYNC}/outbox.ts`, snippet: '\t\tepoch,\n', replacement: '\t\tepoch: deps.secrets.epoch,\n' }],
		seeds: [229],
	},
	{
		name: 'SY15 a key that comes while an entry is opened with it is not looked at',
		edits: [
			{ file: `${SYNC}/link-reading.ts`, snippet: 'deps.secrets.epoch > epochBefore', replacement: 'epochBefore < 0' },
		],
		seeds: [10],
	},
	{
		name: 'SY7 what is left of the answer to an earlier opening counts as the answer to this one',
		edits: [
			{
				file: `${SYNC}/link-reading.ts`,
				snippet: 'if (message.seq > from.seq && link.headsDue > 0) return;',
				replacement: '',
			},
		],
		seeds: [18],
	},
	{
		name: 'the relay writes once more when it is dead, into the older copy that was put in its place',
		by: 'left out, repeated or reordered',
		edits: [
			{
				file: `${RELAY}/store/memory-stores.ts`,
				snippet: '\t\t\t\tif (!isAlive()) return never();\n',
				replacement: '',
			},
		],
		seeds: [807],
	},
];
