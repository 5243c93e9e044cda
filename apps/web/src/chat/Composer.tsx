import { createSignal, createUniqueId, lazy, onCleanup, onMount, Show, Suspense } from 'solid-js';
import { useApp } from '../app.ts';
import { createAttached } from '../attachments/create-attached.ts';
import { Icon } from '../icons/Icon.tsx';
import { useStoreTrouble } from '../shell/store-trouble.ts';
import type { Conversation } from './create-conversation.ts';
import { PastedText } from './later-parts.ts';
import { messageBoxFrom } from './message-box.ts';
import { refuseMessage, refusePaste } from './message-limit.ts';
import { describeSendError } from './send-error.ts';

const AttachedChips = lazy(() => import('../attachments/AttachedChips.tsx'));

/** Named one by one: for these, iPhones hand over their photos as JPEG. */
const ACCEPTED = 'image/png,image/jpeg,image/gif,image/webp,application/pdf,text/*,.md,.csv,.json,.log,.ics';

/** What the screen around may ask of the composer. */
export interface ComposerHandle {
	/** Puts an example in, unless something was typed, and goes there. */
	suggest(text: string): void;
}

/** Where one types. What was typed stays until it is on disk. */
export function Composer(props: {
	conversation: Conversation;
	isAtEnd: boolean;
	onJump: () => void;
	onSent: () => void;
	ref: (handle: ComposerHandle) => void;
}) {
	const app = useApp();
	const trouble = useStoreTrouble();
	const { conversation } = props;
	const id = createUniqueId();
	const [text, setText] = createSignal('');
	const attached = createAttached(app, conversation.line);
	const [pasted, setPasted] = createSignal('');
	const [problem, setProblem] = createSignal<string>();
	const [isSending, setIsSending] = createSignal(false);
	let isAskedAgain = false;
	let box: HTMLTextAreaElement | undefined;
	let picker: HTMLInputElement | undefined;
	const isEmpty = () => text().trim() === '' && attached.files().length === 0;

	const change = (next: string) => {
		setText(next);
		if (box && box.value !== next) box.value = next;
		setProblem(refuseMessage(next.length));
		if (box) fitHeight(box);
		app.drafts.write(conversation.line, next);
	};
	onMount(() => {
		props.ref({
			suggest(example) {
				if (text().trim() === '') change(example);
				box?.focus();
			},
		});
		const isAsked = new URLSearchParams(location.search).get('focus') === 'message';
		// On a phone this would open the keyboard over what one came to read.
		if (isAsked || matchMedia('(pointer: fine) and (min-width: 900px)').matches) box?.focus({ preventScroll: true });
		const drafted = app.drafts.read(conversation.line).then((draft) => {
			if (draft !== '' && text() === '') change(draft);
		});
		void drafted.then(() =>
			takeShared(({ text: shared, files }) => {
				if (shared !== '') change(text() === '' ? shared : `${text()}\n${shared}`);
				attached.add(files);
			}),
		);
		const column = box?.closest<HTMLElement>('.conversation');
		if (column) onCleanup(acceptDrops(column, attached.add));
	});

	const send = async () => {
		const sent = text();
		isAskedAgain = isSending();
		if (isEmpty() || isSending()) return;
		const refusal = refuseMessage(sent.length);
		if (refusal !== undefined) return setProblem(refusal);
		setIsSending(true);
		const known = attached.problems();
		const attachments = await attached.ready();
		// Some file was refused meanwhile: whether to send without it is not ours to say.
		const isRefused = attached.problems() !== known && attached.problems().length > 0;
		if (isRefused || (sent.trim() === '' && attachments.length === 0)) return void setIsSending(false);
		const result = await conversation.send(sent, attachments);
		setIsSending(false);
		if (!result.ok) {
			if (result.error.type !== 'AgentMissing') trouble.report(result.error);
			return setProblem(`Not sent; your text is still here. ${describeSendError(result.error)}`);
		}
		trouble.clear();
		attached.sent(attachments);
		// What was typed meanwhile is the beginning of the next message.
		const now = text();
		change(now.startsWith(sent) ? now.slice(sent.length) : now);
		props.onSent();
		// Enter came before the disk had answered for the message before.
		if (isAskedAgain) void send();
	};
	const onKeyDown = (event: KeyboardEvent) => {
		// 229: Safari ends a composition before the keydown of the Enter that ended it.
		const isComposing = event.isComposing || event.keyCode === 229;
		if (event.key !== 'Enter' || event.shiftKey || isComposing) return;
		event.preventDefault();
		void send();
	};
	const onPaste = (event: ClipboardEvent) => {
		const clip = event.clipboardData?.getData('text/plain') ?? '';
		const files = [...(event.clipboardData?.files ?? [])];
		// A copied table brings its picture along; its words are what was meant.
		if (files.length > 0 && clip === '') {
			event.preventDefault();
			return attached.add(files);
		}
		const refusal = refusePaste(clip.length, text().length);
		if (refusal === undefined) return;
		// Laying out megabytes in a text field would freeze the page.
		event.preventDefault();
		setPasted(clip);
		setProblem(refusal);
	};
	const submit = (event: SubmitEvent) => {
		event.preventDefault();
		void send();
	};
	return (
		<form class="composer" onSubmit={submit}>
			<Show when={!props.isAtEnd}>
				<button type="button" class="jump" aria-label="Jump to latest" onClick={() => props.onJump()}>
					<Icon name="arrow-down" />
				</button>
			</Show>
			<Suspense>
				<Show when={pasted()}>
					<PastedText
						text={pasted()}
						onAttach={(file) => attached.add([file])}
						onGone={() => {
							setPasted('');
							setProblem(refuseMessage(text().length));
						}}
					/>
				</Show>
			</Suspense>
			<Suspense>
				<Show when={attached.files().length > 0 || attached.problems().length > 0}>
					<AttachedChips attached={attached} onRemoved={() => box?.focus()} />
				</Show>
			</Suspense>
			<p id={`${id}-problem`} class="composer-problem" role="alert">
				{problem()}
			</p>
			<div class="composer-box">
				<input
					ref={picker}
					type="file"
					class="composer-picker"
					aria-label="Files to attach"
					tabindex="-1"
					multiple
					accept={ACCEPTED}
					onChange={(event) => {
						attached.add([...(event.currentTarget.files ?? [])]);
						// The same file may be chosen again after it was taken out.
						event.currentTarget.value = '';
					}}
				/>
				<button
					type="button"
					class="composer-button composer-attach"
					aria-label="Attach"
					onClick={() => picker?.click()}
				>
					<Icon name="paperclip" />
				</button>
				<label class="sr-only" for={id}>
					Message
				</label>
				<textarea
					ref={box}
					id={id}
					class="composer-text"
					rows={1}
					placeholder="Message"
					enterkeyhint="send"
					autocapitalize="sentences"
					aria-describedby={`${id}-problem`}
					aria-invalid={problem() !== undefined}
					onInput={(event) => change(event.currentTarget.value)}
					onKeyDown={onKeyDown}
					onPaste={onPaste}
				/>
				<Show when={conversation.isRunning()}>
					<button
						type="button"
						class="composer-button composer-stop"
						aria-label="Stop"
						onClick={() => {
							messageBoxFrom(box ?? null)?.focus({ preventScroll: true });
							conversation.stop();
						}}
					>
						<Icon name="square" />
					</button>
				</Show>
				<Show when={!conversation.isRunning() || !isEmpty()}>
					<button
						type="submit"
						class="composer-button composer-send"
						aria-label="Send"
						disabled={isEmpty() || isSending()}
					>
						<Icon name="arrow-up" />
					</button>
				</Show>
			</div>
		</form>
	);
}

/** Takes what other apps shared with this one, if the address says that there is something; once. */
async function takeShared(use: (shared: { readonly text: string; readonly files: readonly File[] }) => void) {
	if (!new URLSearchParams(location.search).has('shared')) return;
	const { takeSharedHere } = await import('../attachments/take-shared.ts');
	const shared = await takeSharedHere();
	if (shared) use(shared);
}

/** Takes files that are dropped anywhere: beside the column, the browser would open them in place of the app. */
function acceptDrops(column: HTMLElement, add: (files: readonly File[]) => void): () => void {
	const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
	const mark = (isOver: boolean) => column.toggleAttribute('data-drop', isOver);
	const onOver = (event: DragEvent) => {
		if (!hasFiles(event)) return;
		event.preventDefault();
		mark(true);
	};
	const onLeave = (event: DragEvent) => {
		if (event.relatedTarget === null) mark(false);
	};
	const onDrop = (event: DragEvent) => {
		mark(false);
		if (!hasFiles(event)) return;
		event.preventDefault();
		add([...(event.dataTransfer?.files ?? [])]);
	};
	document.addEventListener('dragover', onOver);
	document.addEventListener('dragleave', onLeave);
	document.addEventListener('drop', onDrop);
	return () => {
		document.removeEventListener('dragover', onOver);
		document.removeEventListener('dragleave', onLeave);
		document.removeEventListener('drop', onDrop);
	};
}

/** Beyond this many characters the field has its greatest height anyway, and measuring it takes long. */
const MEASURED_CHARACTERS = 5000;

/** Makes the field as high as its text, where CSS cannot (`field-sizing`). */
function fitHeight(box: HTMLTextAreaElement): void {
	if (CSS.supports('field-sizing', 'content')) return;
	if (box.value.length > MEASURED_CHARACTERS) {
		box.style.height = '40vh';
		return;
	}
	box.style.height = 'auto';
	box.style.height = `${box.scrollHeight}px`;
}
