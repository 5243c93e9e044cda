import { sizeInWords } from '@pocketeer/core/agent/request/attachment-blocks';
import { isImageType } from '@pocketeer/core/space/media-types';
import type { Attachment } from '@pocketeer/core/space/records';
import { createSignal, For, type JSX, Match, Show, Switch } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { Dialog } from '../shell/Dialog.tsx';
import { describeStoreError } from '../shell/sentences.ts';
import '../styles/settings.css';
import './attachments.css';
import { type BlobState, createBlobUrl } from './create-blob-url.ts';
import { thumbSize } from './fit.ts';

/** What came with a message: pictures to look at, documents and texts to save. */
export default function Attachments(props: { attachments: readonly Attachment[] }) {
	return (
		<ul class="attachments" aria-label="Attachments">
			<For each={props.attachments}>
				{(attachment) => (
					<li>
						{isImageType(attachment.mediaType) ? (
							<Picture attachment={attachment} />
						) : (
							<Document attachment={attachment} />
						)}
					</li>
				)}
			</For>
		</ul>
	);
}

function Picture(props: { attachment: Attachment }) {
	const app = useApp();
	const { attachment } = props;
	const { state, retry } = createBlobUrl(app, attachment);
	const [isOpen, setIsOpen] = createSignal(false);
	const size = thumbSize(attachment);
	const here = () => {
		const now = state();
		return now.type === 'here' ? now : undefined;
	};
	return (
		<Switch>
			<Match when={here()}>
				{(shown) => (
					<>
						<button
							type="button"
							class="picture"
							aria-label={`Open ${attachment.name}`}
							onClick={() => setIsOpen(true)}
						>
							<img src={shown().url} alt="" width={size.width} height={size.height} />
						</button>
						<Show when={isOpen()}>
							<PictureDialog attachment={attachment} url={shown().url} onClose={() => setIsOpen(false)} />
						</Show>
					</>
				)}
			</Match>
			<Match when={state().type === 'loading'}>
				<svg
					class="picture picture-coming"
					width={size.width}
					height={size.height}
					viewBox={`0 0 ${size.width} ${size.height}`}
					role="img"
				>
					<title>{`${attachment.name}, loading`}</title>
				</svg>
			</Match>
			<Match when={state().type === 'failed'}>
				<Chip attachment={attachment} icon="image-off" note={noteOf(state())}>
					<button
						type="button"
						class="button button-small"
						aria-label={`Try again to load ${attachment.name}`}
						onClick={retry}
					>
						Try again
					</button>
				</Chip>
			</Match>
		</Switch>
	);
}

function PictureDialog(props: { attachment: Attachment; url: string; onClose: () => void }) {
	const { name, width, height } = props.attachment;
	return (
		<Dialog title={name} onClose={props.onClose}>
			<img class="picture-large" src={props.url} alt={name} width={width} height={height} />
			<div class="dialog-buttons">
				<a class="button" href={props.url} download={name}>
					<Icon name="download" class="icon-s" />
					Save
				</a>
				<button type="button" class="button button-primary" onClick={() => props.onClose()}>
					Close
				</button>
			</div>
		</Dialog>
	);
}

/** Fetched when asked for: a PDF may be many times what a picture is. */
function Document(props: { attachment: Attachment }) {
	const app = useApp();
	const { attachment } = props;
	const [state, setState] = createSignal<BlobState | { readonly type: 'resting' }>({ type: 'resting' });
	const save = async () => {
		setState({ type: 'loading' });
		const read = await app.space.blobs.fetch(attachment.blob);
		if (!read.ok) return setState({ type: 'failed', error: read.error });
		setState({ type: 'resting' });
		saveAs(new Blob([read.value], { type: attachment.mediaType }), attachment.name);
	};
	return (
		<Chip attachment={attachment} icon="file-text" note={noteOf(state())}>
			<button
				type="button"
				class="icon-button"
				aria-label={`Save ${attachment.name}`}
				disabled={state().type === 'loading'}
				onClick={save}
			>
				<Icon name="download" class="icon-s" />
			</button>
		</Chip>
	);
}

function Chip(props: {
	attachment: Attachment;
	icon: 'file-text' | 'image-off';
	note: string | undefined;
	children: JSX.Element;
}) {
	return (
		<div class="file-chip">
			<Icon name={props.icon} />
			<span class="file-chip-body">
				<b>{props.attachment.name}</b>
				<span role="status">{props.note ?? sizeInWords(props.attachment.sizeBytes)}</span>
			</span>
			{props.children}
		</div>
	);
}

function noteOf(state: BlobState | { readonly type: 'resting' }): string | undefined {
	if (state.type === 'loading') return 'Loading…';
	if (state.type !== 'failed') return undefined;
	const { error } = state;
	if (error.type === 'NotHere') return 'Not on this device yet';
	return error.type === 'TooLarge' ? 'Too large for this device' : describeStoreError(error);
}

function saveAs(blob: Blob, name: string): void {
	const url = URL.createObjectURL(blob);
	const link = document.createElement('a');
	link.href = url;
	link.download = name;
	link.click();
	// The browser has begun to read it by then.
	setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
