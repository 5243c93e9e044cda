import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MarkdownNode } from './node.ts';
import { createMarkdownStream } from './stream.ts';
import { markdownTree } from './tree.ts';

const ANSWER = `# Plan

Some *text* that goes on
over two lines, #tag

- one
- two

  still two
- [ ] three

Para
---

> quote
> more

| a | b |
|---|---|
| 1 | 2 |

\`\`\`js
const a = 1;

# not a heading
\`\`\`

1. first
2. second

Setext
===

    indented

last line with **bold`;

/** What is on screen after the text arrived in pieces that end at `cuts`. */
function stream(text: string, cuts: readonly number[]): { nodes: readonly MarkdownNode[]; redrawn: number } {
	const markdown = createMarkdownStream();
	let finished: readonly MarkdownNode[] = [];
	let tail: readonly MarkdownNode[] = [];
	let redrawn = 0;
	for (const cut of [...cuts, text.length]) {
		const update = markdown.update(text.slice(0, cut));
		finished = update.isReset ? update.finished : [...finished, ...update.finished];
		tail = update.tail;
		redrawn += update.finished.length + update.tail.length;
	}
	return { nodes: [...finished, ...tail], redrawn };
}

describe('markdown that streams in', () => {
	it('ends as the same elements as the whole text at once, one character at a time', () => {
		const cuts = Array.from({ length: ANSWER.length }, (_, index) => index);
		expect(stream(ANSWER, cuts).nodes).toEqual(markdownTree(ANSWER));
	});

	it('shows at each moment what the text so far means', () => {
		const markdown = createMarkdownStream();
		let finished: readonly MarkdownNode[] = [];
		for (let end = 0; end <= ANSWER.length; end += 1) {
			const update = markdown.update(ANSWER.slice(0, end));
			finished = [...finished, ...update.finished];
			expect([...finished, ...update.tail]).toEqual(markdownTree(ANSWER.slice(0, end)));
		}
	});

	it('ends the same however random markdown is cut', () => {
		const piece = fc.constantFrom(
			'a',
			' ',
			'\n',
			'\n\n',
			'- ',
			'# ',
			'> ',
			'```',
			'|',
			'-',
			'=',
			'    ',
			'1. ',
			'*',
			'`',
			'[x]',
		);
		fc.assert(
			fc.property(
				fc.array(piece, { maxLength: 60 }),
				fc.array(fc.nat({ max: 100 }), { maxLength: 8 }),
				(pieces, cuts) => {
					const text = pieces.join('');
					const inside = cuts.filter((cut) => cut <= text.length).sort((a, b) => a - b);
					expect(stream(text, inside).nodes).toEqual(markdownTree(text));
				},
			),
			{ numRuns: 500, seed: 2026 },
		);
	});

	it('draws finished blocks once, however long the answer', () => {
		const paragraphs = 200;
		const text = 'word word word\n\n'.repeat(paragraphs);
		const cuts = Array.from({ length: text.length / 8 }, (_, index) => index * 8);
		const { redrawn } = stream(text, cuts);
		expect(redrawn).toBeLessThan(paragraphs + cuts.length * 2);
	});

	it('starts over when the text is another one', () => {
		const markdown = createMarkdownStream();
		markdown.update('one\n\ntwo\n\nthree');
		const update = markdown.update('other');
		expect(update).toEqual({ isReset: true, finished: [], tail: [{ tag: 'p', attrs: {}, children: ['other'] }] });
	});
});
