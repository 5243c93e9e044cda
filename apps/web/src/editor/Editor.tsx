import { createEffect, on, onCleanup, onMount } from 'solid-js';
import type * as Y from 'yjs';
import { createEditor } from './create-editor.ts';
import './editor.css';

/** The text of one file as a textbox; a chunk of its own, loaded when the first file is opened. */
export default function Editor(props: {
	path: string;
	text: Y.Text;
	/** Take the keyboard at once: the file was made to be written in. */
	isFocused: boolean;
	onRefused: (length: number) => void;
	/** A `[[link]]` or address was followed with Ctrl or Command held. */
	onFollow: (target: string) => void;
}) {
	let parent: HTMLDivElement | undefined;
	onMount(() => {
		if (!parent) return;
		const editor = createEditor({
			parent,
			text: props.text,
			label: `Text of ${props.path}`,
			isMarkdown: props.path.endsWith('.md'),
			refused: (length) => props.onRefused(length),
			follow: (target) => props.onFollow(target),
		});
		onCleanup(() => editor[Symbol.dispose]());
		createEffect(
			on(
				() => props.isFocused,
				(isFocused) => isFocused && editor.focusEnd(),
			),
		);
	});
	return <div class="editor" ref={parent} />;
}
