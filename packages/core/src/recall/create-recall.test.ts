import { describe, expect, test } from 'vitest';
import type { StreamName } from '../ids.ts';
import { err } from '../result.ts';
import { createTaskWorld } from '../testing/task-world.ts';
import { createRecall } from './create-recall.ts';
import { splitPassages } from './passages.ts';
import { queryTermsOf, termsOf } from './terms.ts';

async function world(files: Readonly<Record<string, string>>) {
	const { space, actor } = await createTaskWorld();
	for (const [path, text] of Object.entries(files)) await space.files.write({ path, text }, actor());
	return { files: space.files, actor, recall: createRecall(space) };
}

const MEMORY = {
	'notes/memory.md':
		'# Memory\n\n- My sister is allergic to nuts\n- The car is parked on level 3\n- Anna likes strong coffee\n',
	'people/mum/profile.md':
		'# Mum\n\nShe lives in Thessaloniki and was born in 1951.\n\n## Health\n\nTakes blood pressure pills in the morning.\n',
	'journal/2026-11-18.md': '- 09:10 | Went swimming with Zoë #sport\n- 21:40 | Bought a new bicycle\n',
	'notes/reise.md': '# Reise\n\nDas Café an der Straße in Zürich hat die besten Brötchen.\n',
	'notes/tokyo.md': '# 東京\n\n来週の会議は東京駅の近くの喫茶店で行います。\n',
};

describe('finding', () => {
	test.each([
		['what do you know about my sister?', 'notes/memory.md', 3],
		['sister allergies', 'notes/memory.md', 3],
		['What is my sister allergic to', 'notes/memory.md', 3],
		['where did I park the car', 'notes/memory.md', 4],
		['coffees', 'notes/memory.md', 5],
		['mother’s pills', 'people/mum/profile.md', 7],
		['swim', 'journal/2026-11-18.md', 1],
		['when did I buy a bicycle?', 'journal/2026-11-18.md', 2],
		['zoe', 'journal/2026-11-18.md', 1],
		['zurich strasse', 'notes/reise.md', 3],
		['東京駅の喫茶店', 'notes/tokyo.md', 3],
		['会議', 'notes/tokyo.md', 3],
		['bicyc', 'journal/2026-11-18.md', 2],
	])('"%s" finds %s line %i first', async (query, path, lineNumber) => {
		const { recall } = await world(MEMORY);
		const [hit] = await recall.search(query, 5);
		expect(hit).toMatchObject({ path, lineNumber });
	});

	test('a file that cannot be read is named instead of being passed over, until it can', async () => {
		const { files, recall } = await world(MEMORY);
		const disk = { isBroken: true };
		const broken: typeof files = {
			...files,
			read: async (path) =>
				disk.isBroken && path === 'notes/memory.md'
					? err({ type: 'CorruptRow', stream: 'file/x' as StreamName, reason: 'a row is not what was written' })
					: files.read(path),
		};
		const wary = createRecall({ files: broken });
		expect(await wary.search('sister', 5)).toEqual([]);
		expect(wary.unread()).toEqual(['notes/memory.md']);
		disk.isBroken = false;
		expect(await wary.search('sister', 5)).toHaveLength(1);
		expect(wary.unread()).toEqual([]);
		expect(recall.unread()).toEqual([]);
	});

	test('one matching word is enough, more of them rank higher', async () => {
		const { recall } = await world({
			'notes/a.md': 'red apple',
			'notes/b.md': 'red apple pie',
			'notes/c.md': 'green pear',
		});
		const hits = await recall.search('apple pie with cinnamon', 5);
		expect(hits.map(({ path }) => path)).toEqual(['notes/b.md', 'notes/a.md']);
	});

	test('words of headings and paths count for what stands under them', async () => {
		const { recall } = await world(MEMORY);
		expect(await recall.search('health', 5)).toMatchObject([
			{ path: 'people/mum/profile.md' },
			{ path: 'people/mum/profile.md' },
		]);
	});

	test('a snippet shows a list item without its neighbours, else the lines around, at most 400 characters', async () => {
		const nested = '- Wifi\n  - the password is heron\n- My sister is Ann\n  - she likes figs\n- The end\n';
		const page = 'It rained.\nThe lamp broke.\nWe went home.\n- [ ] buy bread\n';
		const { recall } = await world({
			...MEMORY,
			'notes/nested.md': nested,
			'notes/page.md': page,
			'notes/long.md': `zebra ${'word '.repeat(1_000)}`,
		});
		const snippet = async (query: string) => (await recall.search(query, 1))[0]?.snippet;
		expect(await snippet('parked')).toBe('- The car is parked on level 3');
		expect(await snippet('heron')).toBe('- Wifi\n  - the password is heron');
		expect(await snippet('sister Ann')).toBe('- My sister is Ann\n  - she likes figs');
		expect(await snippet('figs')).toBe('- My sister is Ann\n  - she likes figs');
		expect(await snippet('lamp')).toBe('It rained.\nThe lamp broke.\nWe went home.');
		const [long] = await recall.search('zebra', 1);
		expect(long?.snippet.length).toBe(400);
	});

	test('the same text in two places is told once, and one file does not fill the answer', async () => {
		const items = Array.from({ length: 20 }, (_, number) => `- tomato number ${number}`).join('\n');
		const { recall } = await world({ 'notes/a.md': 'A potato.', 'notes/b.md': '- a potato', 'notes/c.md': items });
		expect(await recall.search('potato', 10)).toHaveLength(1);
		expect(await recall.search('tomato', 10)).toHaveLength(3);
	});

	test.each(['', '   ', '?', 'the', 'xylophone'])('"%s" finds nothing', async (query) => {
		const { recall } = await world(MEMORY);
		expect(await recall.search(query, 5)).toEqual([]);
	});

	test('shipped texts are not memory', async () => {
		const { recall } = await world({});
		expect(await recall.search('assistant journal notes reminder person', 5)).toEqual([]);
	});
});

describe('keeping up', () => {
	test('what is written, moved or deleted after the first search is seen by the next', async () => {
		const { recall, files, actor } = await world(MEMORY);
		expect(await recall.search('umbrella', 5)).toEqual([]);
		await files.append({ path: 'notes/memory.md', text: '- The umbrella is in the car' }, actor());
		expect(await recall.search('umbrella', 5)).toMatchObject([{ path: 'notes/memory.md', lineNumber: 6 }]);
		await files.move({ from: 'notes/memory.md', to: 'notes/facts.md' }, actor());
		expect(await recall.search('umbrella', 5)).toMatchObject([{ path: 'notes/facts.md' }]);
		await files.remove('notes/facts.md', actor());
		expect(await recall.search('umbrella', 5)).toEqual([]);
	});

	test('searches at once see the same, whole index', async () => {
		const { recall } = await world(MEMORY);
		const [a, b] = await Promise.all([recall.search('sister', 5), recall.search('sister', 5)]);
		expect(a).toEqual(b);
		expect(a).toHaveLength(1);
	});

	test('a file is read once a revision, and none before the first search', async () => {
		const { files, actor } = await world(MEMORY);
		const read: string[] = [];
		const recall = createRecall({
			files: {
				...files,
				read(path) {
					read.push(path);
					return files.read(path);
				},
			},
		});
		expect(read).toEqual([]);
		await recall.search('sister', 5);
		await recall.search('car', 5);
		expect(read).toHaveLength(Object.keys(MEMORY).length);
		await files.append({ path: 'notes/memory.md', text: '- one more' }, actor());
		await recall.search('sister', 5);
		expect(read.slice(Object.keys(MEMORY).length)).toEqual(['notes/memory.md']);
	});
});

describe('passages and terms', () => {
	test('front matter is left out, items stand alone, paragraphs stay together', () => {
		const passages = splitPassages('---\nwhen: x\n---\n# Title\n\nOne\ntwo\n\n- a\n- b\n  more b\n\n## Sub\n\nthree');
		expect(passages.map(({ lineNumber, text, heading }) => [lineNumber, text, heading])).toEqual([
			[4, 'Title', 'Title'],
			[6, 'One\ntwo', 'Title'],
			[9, '- a', 'Title'],
			[10, '- b\n  more b', 'Title'],
			[13, 'Sub', 'Title / Sub'],
			[15, 'three', 'Title / Sub'],
		]);
	});

	test('terms are stems without accents and stop words', () => {
		expect(termsOf("My sister's allergies, naïve café & Ελλάδα: 42")).toEqual([
			'sister',
			'allergi',
			'naiv',
			'cafe',
			'ελλαδα',
			'42',
		]);
		expect(termsOf('東京駅 x')).toEqual(['東京', '京駅', 'x']);
		expect(queryTermsOf('What do you know about my sister?')).toEqual(['sister']);
		expect(queryTermsOf('tell me about Anna')).toEqual(['anna']);
		expect(queryTermsOf('remember')).toEqual(['rememb']);
	});
});
