import { describe, expect, it } from 'vitest';
import type { MarkdownNode } from './node.ts';
import { createMarkdownStream } from './stream.ts';
import { markdownTree } from './tree.ts';

/** The tree as markup, to read it at a glance. */
function show(nodes: readonly MarkdownNode[]): string {
	return nodes
		.map((node) => {
			if (typeof node === 'string') return node.replaceAll('<', '&lt;');
			const attrs = Object.entries(node.attrs).map(([name, value]) =>
				value === '' ? ` ${name}` : ` ${name}="${value}"`,
			);
			return `<${node.tag}${attrs.join('')}>${show(node.children)}</${node.tag}>`;
		})
		.join('');
}
const render = (text: string) => show(markdownTree(text));
const LINK = 'rel="noopener noreferrer" target="_blank"';

describe('markdown as elements', () => {
	it('renders paragraphs, emphasis, code and breaks', () => {
		expect(render('One *two* **three** ~~four~~ `a < b`\nnext')).toBe(
			'<p>One <em>two</em> <strong>three</strong> <del>four</del> <code>a &lt; b</code><br></br>next</p>',
		);
	});

	it('keeps emphasis inside emphasis, and spaces between', () => {
		expect(render('**bold _and_ more** end')).toBe('<p><strong>bold <em>and</em> more</strong> end</p>');
	});

	it('starts headings below those of the screen, and those most answers begin with at the first level left', () => {
		expect(render('# Top #\n\n## Second\n\n### Third')).toBe(
			'<h3 class="md-top">Top</h3><h3>Second</h3><h4>Third</h4>',
		);
	});

	it('tells tight lists from loose ones and keeps the number a list starts at', () => {
		expect(render('3. a\n4. b')).toBe('<ol start="3"><li>a</li><li>b</li></ol>');
		expect(render('- a\n\n- b')).toBe('<ul><li><p>a</p></li><li><p>b</p></li></ul>');
		expect(render('- a\n  - b')).toBe('<ul><li>a<ul><li>b</li></ul></li></ul>');
	});

	it('renders task lists as boxes that cannot be ticked', () => {
		expect(render('- [x] milk\n- [ ] eggs')).toBe(
			'<ul><li class="md-task"><input type="checkbox" disabled aria-label="done" checked></input> milk</li>' +
				'<li class="md-task"><input type="checkbox" disabled aria-label="to do"></input> eggs</li></ul>',
		);
	});

	it('renders tables with the alignment of their columns', () => {
		expect(render('a | b | c\n--|:-:|--:\n1 | **2** | 3')).toBe(
			'<div class="md-table" tabindex="0"><table><thead><tr><th>a</th><th class="md-center">b</th><th class="md-end">c</th></tr></thead>' +
				'<tbody><tr><td>1</td><td class="md-center"><strong>2</strong></td><td class="md-end">3</td></tr></tbody></table></div>',
		);
	});

	it('drops the marks of a quote from each of its lines', () => {
		expect(render('> a\n> b\n>\n> - c')).toBe('<blockquote><p>a<br></br>b</p><ul><li>c</li></ul></blockquote>');
	});

	it('renders code blocks with their language, a copy button and nothing interpreted', () => {
		expect(render('```ts\nconst a = *b*;\n\n<b>\n```')).toBe(
			'<figure class="md-code"><figcaption><span>ts</span><button type="button" class="md-copy" aria-label="Copy code">Copy</button></figcaption>' +
				'<pre tabindex="0"><code>const a = *b*;\n\n&lt;b></code></pre></figure>',
		);
	});

	it('strips list indentation and quote marks from code inside of them', () => {
		expect(render('- a\n  ```\n  x\n    y\n  ```')).toContain('<code>x\n  y</code>');
		expect(render('> ```\n> x\n> y\n> ```')).toContain('<code>x\ny</code>');
	});

	it('links http, https and mail, bare or named, and opens them apart from the app', () => {
		expect(render('[a *b*](https://x.org/?q=1&r=2 "t")')).toBe(
			`<p><a href="https://x.org/?q=1&r=2" ${LINK}>a <em>b</em></a></p>`,
		);
		expect(render('see https://x.org and www.y.org and a@b.org')).toBe(
			`<p>see <a href="https://x.org/" ${LINK}>https://x.org</a> and <a href="https://www.y.org/" ${LINK}>www.y.org</a> and <a href="mailto:a@b.org" ${LINK}>a@b.org</a></p>`,
		);
		expect(render('<https://x.org>')).toBe(`<p><a href="https://x.org/" ${LINK}>https://x.org</a></p>`);
	});

	it('resolves links by reference wherever they are defined', () => {
		const target = `<a href="https://x.org/" ${LINK}>`;
		expect(render('[one][A b] and [a  B]\n\n[a b]: https://x.org')).toBe(
			`<p>${target}one</a> and ${target}a  B</a></p>`,
		);
		expect(render('[not] a link')).toBe('<p>[not] a link</p>');
	});

	it('never loads an image: it is a link that says so', () => {
		expect(render('![a cat](https://x.org/c.png)')).toBe(
			`<p><a href="https://x.org/c.png" ${LINK.replace('rel', 'rel')} class="md-image">a cat</a></p>`,
		);
		expect(render('![](data:image/png;base64,AAAA)')).toBe('<p><span class="md-image">image</span></p>');
	});

	it('decodes entities and escapes, and leaves unknown ones as written', () => {
		expect(render('\\*a\\* &amp; &#x2014; &mdash; &nosuch; &#0; &#xD800;')).toBe(
			'<p>*a* & — — &nosuch; \ufffd \ufffd</p>',
		);
	});
});

describe('hostile markdown', () => {
	it.each([
		'[x](javascript:alert(1))',
		'[x](JaVaScRiPt:alert(1))',
		'[x](java\nscript:alert(1))',
		'[x](&#106;avascript:alert(1))',
		'[x](javascript&colon;alert(1))',
		'[x](\\javascript:alert(1))',
		'[x](data:text/html,<script>alert(1)</script>)',
		'[x](vbscript:x)',
		'[x](file:///etc/passwd)',
		'[x](blob:https://x.org/1)',
		'[x](//evil.org)',
		'[x](/settings)',
		'[x](#a)',
		'![x](javascript:alert(1))',
		'<javascript:alert(1)>',
		'[x][y]\n\n[y]: javascript:alert(1)',
		'<img src=x onerror=alert(1)>',
		'<script>alert(1)</script>',
		'<a href="javascript:alert(1)">x</a>',
		'<svg/onload=alert(1)>',
		'a <b onmouseover=alert(1)>b</b>',
		'<!-- --><style>*{}</style>',
		'<iframe srcdoc="x">',
	])('makes nothing that acts out of %s', (text) => {
		const seen: string[] = [];
		const walk = (nodes: readonly MarkdownNode[]) => {
			for (const node of nodes) {
				if (typeof node === 'string') continue;
				seen.push(node.tag, ...Object.keys(node.attrs).filter((name) => name === 'href' || name.startsWith('on')));
				walk(node.children);
			}
		};
		walk(markdownTree(text));
		expect(seen.filter((name) => !['p', 'span', 'class', 'br'].includes(name))).toEqual([]);
	});

	it('shows raw HTML as the text it is', () => {
		expect(render('a <b>c</b>')).toBe('<p>a &lt;b>c&lt;/b></p>');
		expect(render('<div>\nx\n</div>')).toBe('<p>&lt;div><br></br>x<br></br>&lt;/div></p>');
	});

	it('says where a refused link wanted to go', () => {
		expect(render('[click](javascript:alert(1))')).toBe('<p>click (javascript:alert(1))</p>');
	});

	it.each([
		['quotes', `${'>'.repeat(20_000)} deep`],
		['lists in quotes', `${'- > '.repeat(3_000)}deep`],
		['pictures', `${'!['.repeat(10_000)}deep${'](y)'.repeat(10_000)}`],
		['emphasis', `${'*'.repeat(20_000)}deep${'*'.repeat(20_000)}`],
	])('shows %s nested tens of thousands deep as they were written, whole or streamed', (_, text) => {
		const whole = markdownTree(text);
		expect(show(whole)).toContain('deep');
		const stream = createMarkdownStream();
		stream.update(text.slice(0, text.length / 2));
		expect(show(stream.update(text).tail)).toContain('deep');
	});

	it('bears what is nested a thousand times', () => {
		expect(() => markdownTree(`${'>'.repeat(1000)} a`)).not.toThrow();
		expect(() => markdownTree(`${'- '.repeat(500)}a`)).not.toThrow();
		expect(() => markdownTree(`${'['.repeat(3000)}a${'](b)'.repeat(3000)}`)).not.toThrow();
		expect(() => markdownTree('*a _b '.repeat(2000))).not.toThrow();
	});
});
