import { createSignal, createUniqueId, onMount, Show } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { useStoreTrouble } from '../shell/store-trouble.ts';
import type { Conversation } from './create-conversation.ts';
import { refuseMessage, refusePaste } from './message-limit.ts';
import { PastedText } from './PastedText.tsx';
import { describeSendError } from './send-error.ts';

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
	const [pasted, setPasted] = createSignal('');
	const [problem, setProblem] = createSignal<string>();
	const [isSending, setIsSending] = createSignal(false);
	let isAskedAgain = false;
	let box: HTMLTextAreaElement | undefined;

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
		void app.drafts.read(conversation.line).then((draft) => {
			if (draft !== '' && text() === '') change(draft);
		});
	});

	const send = async () => {
		const sent = text();
		isAskedAgain = isSending();
		if (sent.trim() === '' || isSending()) return;
		const refusal = refuseMessage(sent.length);
		if (refusal !== undefined) return setProblem(refusal);
		setIsSending(true);
		const result = await conversation.send(sent);
		setIsSending(false);
		if (!result.ok) {
			if (result.error.type !== 'AgentMissing') trouble.report(result.error);
			return setProblem(`Not sent; your text is still here. ${describeSendError(result.error)}`);
		}
		trouble.clear();
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
			<Show when={pasted()}>
				<PastedText
					text={pasted()}
					onGone={() => {
						setPasted('');
						setProblem(refuseMessage(text().length));
					}}
				/>
			</Show>
			<p id={`${id}-problem`} class="composer-problem" role="alert">
				{problem()}
			</p>
			<div class="composer-box">
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
				<Show when={conversation.live()}>
					<button
						type="button"
						class="composer-button composer-stop"
						aria-label="Stop"
						onClick={() => conversation.stop()}
					>
						<Icon name="square" />
					</button>
				</Show>
				<Show when={!conversation.live() || text().trim() !== ''}>
					<button
						type="submit"
						class="composer-button composer-send"
						aria-label="Send"
						disabled={text().trim() === '' || isSending()}
					>
						<Icon name="arrow-up" />
					</button>
				</Show>
			</div>
		</form>
	);
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
