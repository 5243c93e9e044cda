import { readInvitation } from '@pocketeer/core/members/pairing-code';
import { createSignal, onCleanup, onMount, Show } from 'solid-js';
import { Problem } from '../shell/Problem.tsx';
import { createScanner, type Scanner } from './scanner.ts';

/** The camera, until it has seen an invitation or the person goes back to typing. */
export function ScanPanel(props: { onFound: (invitation: string) => void; onClose: () => void }) {
	const [problem, setProblem] = createSignal<string>();
	const [hint, setHint] = createSignal<string>();
	let video: HTMLVideoElement | undefined;
	let scanner: Scanner | undefined;
	const found = (text: string) => {
		const invitation = readInvitation(text);
		// A code of something else, such as a poster behind the phone.
		if (!invitation.ok || !invitation.value.link)
			return setHint('This is another code. Hold the one of the other device here.');
		scanner?.[Symbol.dispose]();
		props.onFound(text);
	};
	onMount(() => {
		if (!video) return;
		scanner = createScanner(video, found);
		void scanner.started.then(setProblem);
	});
	onCleanup(() => scanner?.[Symbol.dispose]());
	return (
		<div class="scan">
			<Show when={problem() === undefined}>
				<video ref={video} class="scan-video" aria-label="Camera" muted playsinline />
				<p class="field-hint" role="status">
					{hint() ?? 'Hold the QR code of the other device in front of the camera.'}
				</p>
			</Show>
			<Problem text={problem()} />
			<button type="button" class="button" onClick={() => props.onClose()}>
				Type the code instead
			</button>
		</div>
	);
}
