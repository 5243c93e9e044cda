import { type Accessor, createContext, createSignal, useContext } from 'solid-js';
import type { MarkdownNode } from './node.ts';
import type { MarkdownStream } from './stream.ts';

/** What `Markdown` needs of the parser. */
export interface MarkdownRenderer {
	markdownTree(text: string): readonly MarkdownNode[];
	createMarkdownStream(): MarkdownStream;
}

const RendererContext = createContext<Accessor<MarkdownRenderer | undefined>>();
export const MarkdownRendererProvider = RendererContext.Provider;

/** Begins to load the parser, whose 20 kB an empty chat can do without; undefined until it is there. */
export function createMarkdownRenderer(): Accessor<MarkdownRenderer | undefined> {
	const [renderer, setRenderer] = createSignal<MarkdownRenderer>();
	import('./renderer.ts').then(
		({ createMarkdownStream, markdownTree }) => setRenderer({ createMarkdownStream, markdownTree }),
		// Answers stay readable as the plain text they are.
		() => undefined,
	);
	return renderer;
}

/** The renderer of the surrounding provider; throws outside of one. */
export function useMarkdownRenderer(): Accessor<MarkdownRenderer | undefined> {
	const renderer = useContext(RendererContext);
	if (!renderer) throw new Error('useMarkdownRenderer outside of MarkdownRendererProvider');
	return renderer;
}
