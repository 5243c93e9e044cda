/** What `Markdown` needs of the parser; loaded apart, since an empty chat can do without its 20 kB. */
export { createMarkdownStream } from './stream.ts';
export { markdownTree } from './tree.ts';
