import { createUniqueId, type JSX, Show } from 'solid-js';

/** One group of settings. */
export function Section(props: { title: string; lead?: JSX.Element; children: JSX.Element }) {
	const id = createUniqueId();
	return (
		<section class="settings-section" aria-labelledby={id}>
			<h2 id={id}>{props.title}</h2>
			<Show when={props.lead}>
				<p class="settings-lead">{props.lead}</p>
			</Show>
			<div class="card settings-card">{props.children}</div>
		</section>
	);
}
