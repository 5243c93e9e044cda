import { createUniqueId } from 'solid-js';

/** Something that is on or off, with what that means. */
export function Toggle(props: { label: string; hint: string; isOn: boolean; onChange: (isOn: boolean) => void }) {
	const id = createUniqueId();
	return (
		<div class="toggle">
			<label class="toggle-label" for={id}>
				{props.label}
			</label>
			<input
				id={id}
				type="checkbox"
				class="switch"
				aria-describedby={`${id}-hint`}
				checked={props.isOn}
				onChange={(event) => props.onChange(event.currentTarget.checked)}
			/>
			<p id={`${id}-hint`} class="field-hint">
				{props.hint}
			</p>
		</div>
	);
}
