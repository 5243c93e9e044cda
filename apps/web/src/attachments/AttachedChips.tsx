import { sizeInWords } from '@pocketeer/core/agent/request/attachment-blocks';
import { isImageType } from '@pocketeer/core/space/media-types';
import type { Attachment } from '@pocketeer/core/space/records';
import { For, Show } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import './attachments.css';
import type { Attached, AttachedFile } from './create-attached.ts';
import { createBlobUrl } from './create-blob-url.ts';

/** What will go with the message: each with its picture, name and size, and a way to take it out. */
export default function AttachedChips(props: { attached: Attached; onRemoved: () => void }) {
	return (
		<>
			<Show when={props.attached.files().length > 0}>
				<ul class="attached" aria-label="Attached">
					<For each={props.attached.files()}>
						{(file) => (
							<li>
								<AttachedChip
									file={file}
									onRemove={() => {
										props.attached.remove(file.key);
										// Its button is gone, and the focus with it.
										props.onRemoved();
									}}
								/>
							</li>
						)}
					</For>
				</ul>
			</Show>
			<Show when={props.attached.problems().length > 0}>
				<div class="composer-problem" role="alert">
					<For each={props.attached.problems()}>{(problem) => <p>{problem}</p>}</For>
				</div>
			</Show>
		</>
	);
}

function AttachedChip(props: { file: AttachedFile; onRemove: () => void }) {
	return (
		<div class="file-chip">
			<Show when={props.file.attachment} fallback={<Icon name="loader-circle" class="spin" />}>
				{(attachment) => (
					<Show when={isImageType(attachment().mediaType)} fallback={<Icon name="file-text" />}>
						<Thumb attachment={attachment()} />
					</Show>
				)}
			</Show>
			<span class="file-chip-body">
				<b>{props.file.name}</b>
				<span role="status">{sizeOf(props.file.attachment)}</span>
			</span>
			<button
				type="button"
				class="icon-button"
				aria-label={`Remove ${props.file.name}`}
				onClick={() => props.onRemove()}
			>
				<Icon name="x" class="icon-s" />
			</button>
		</div>
	);
}

function Thumb(props: { attachment: Attachment }) {
	const app = useApp();
	const { state } = createBlobUrl(app, props.attachment);
	const url = () => {
		const now = state();
		return now.type === 'here' ? now.url : undefined;
	};
	return (
		<Show when={url()} fallback={<Icon name="loader-circle" class="spin" />}>
			{(src) => <img class="thumb" src={src()} alt="" width={40} height={40} />}
		</Show>
	);
}

function sizeOf(attachment: Attachment | undefined): string {
	if (!attachment) return 'Getting ready…';
	const { width, height, sizeBytes } = attachment;
	return width && height ? `${width} × ${height}, ${sizeInWords(sizeBytes)}` : sizeInWords(sizeBytes);
}
