import { useNavigate } from '@solidjs/router';
import { createSignal } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { noteHref } from '../notes/routes.ts';
import { describeFileError, selfAsActor } from '../notes/words.ts';
import { formatCount, makeDayOf } from './format.ts';

/** A paste too long for a message, kept until the person has decided about it. */
export default function PastedText(props: { text: string; onAttach: (file: File) => void; onGone: () => void }) {
	const app = useApp();
	const navigate = useNavigate();
	const [problem, setProblem] = createSignal<string>();
	const [isSaving, setIsSaving] = createSignal(false);
	const save = async () => {
		setIsSaving(true);
		const now = app.clock.now();
		const path = `notes/pasted-${makeDayOf(app.clock.zone())(now)}-${now.toString(36)}.md`;
		const written = await app.space.files.write({ path, text: props.text }, selfAsActor(app.space.self));
		setIsSaving(false);
		if (!written.ok) return setProblem(describeFileError(written.error));
		props.onGone();
		navigate(noteHref(path));
	};
	const attach = () => {
		props.onAttach(new File([props.text], 'pasted-text.txt', { type: 'text/plain' }));
		props.onGone();
	};
	return (
		<div class="pasted">
			<Icon name="file-text" />
			<div class="pasted-body">
				<b>Pasted text, {formatCount(props.text.length)} characters</b>
				<span class="problem" role="alert">
					{problem()}
				</span>
			</div>
			<button type="button" class="button button-small" disabled={isSaving()} onClick={attach}>
				Attach
				<span class="sr-only"> the pasted text</span>
			</button>
			<button type="button" class="button button-small" disabled={isSaving()} onClick={save}>
				Save as a note
			</button>
			<button type="button" class="icon-button" aria-label="Discard the pasted text" onClick={() => props.onGone()}>
				<Icon name="x" class="icon-s" />
			</button>
		</div>
	);
}
