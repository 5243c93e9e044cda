import { createEffect, onCleanup } from 'solid-js';
import type { MarkdownNode } from './node.ts';
import { useMarkdownRenderer } from './renderer-context.ts';
import type { MarkdownStream } from './stream.ts';
import { patchChildren } from './write-dom.ts';

/** Shows markdown; while `isGrowing` only the end of the text is parsed and drawn anew. Plain text until the parser is there. */
export function Markdown(props: { text: string; isGrowing?: boolean }) {
	const renderer = useMarkdownRenderer();
	let host: HTMLDivElement | undefined;
	let shown: readonly MarkdownNode[] = [];
	let finished = 0;
	let stream: MarkdownStream | undefined;

	const draw = (parent: Node, from: number, nodes: readonly MarkdownNode[]) => {
		patchChildren({ parent, from, before: shown.slice(from), after: nodes });
		shown = [...shown.slice(0, from), ...nodes];
	};

	createEffect(() => {
		const markdown = renderer();
		if (!host) return;
		if (!markdown || !props.isGrowing) {
			stream = undefined;
			draw(host, 0, markdown ? markdown.markdownTree(props.text) : [props.text]);
			return;
		}
		if (!stream) finished = 0;
		stream ??= markdown.createMarkdownStream();
		const update = stream.update(props.text);
		if (update.isReset) finished = 0;
		draw(host, finished, [...update.finished, ...update.tail]);
		finished += update.finished.length;
	});

	let reset: ReturnType<typeof setTimeout> | undefined;
	onCleanup(() => clearTimeout(reset));
	const copy = async (event: MouseEvent) => {
		const button = event.target instanceof Element ? event.target.closest('.md-copy') : null;
		const code = button?.closest('.md-code')?.querySelector('code');
		if (!button || !code) return;
		const isCopied = await navigator.clipboard.writeText(code.textContent ?? '').then(
			() => true,
			() => false,
		);
		button.textContent = isCopied ? 'Copied' : 'Not allowed';
		clearTimeout(reset);
		reset = setTimeout(() => {
			button.textContent = 'Copy';
		}, 1600);
	};

	const attach = (element: HTMLDivElement) => {
		host = element;
		// One listener for the copy buttons inside, which come and go outside of Solid.
		element.addEventListener('click', (event) => void copy(event));
	};
	return (
		<div ref={attach} class="md" classList={{ 'md-growing': props.isGrowing === true, 'md-plain': !renderer() }} />
	);
}
