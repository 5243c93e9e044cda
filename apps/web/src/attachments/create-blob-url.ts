import type { BlobId } from '@pocketeer/core/ids';
import type { Attachment } from '@pocketeer/core/space/records';
import type { BlobError } from '@pocketeer/core/space/space';
import { type Accessor, createSignal, onCleanup } from 'solid-js';
import type { App } from '../app.ts';

/** What an attachment's bytes are at this moment. */
export type BlobState =
	| { readonly type: 'loading' }
	| { readonly type: 'here'; readonly url: string; readonly blob: Blob }
	| { readonly type: 'failed'; readonly error: BlobError };

/** The bytes of an attachment, as an address of this page; asked for again when they arrive from elsewhere. */
export function createBlobUrl(
	app: App,
	attachment: Attachment,
): { readonly state: Accessor<BlobState>; retry(): void } {
	const [state, setState] = createSignal<BlobState>({ type: 'loading' });
	let isGone = false;
	let isAsking = false;
	const ask = async () => {
		if (isAsking || state().type === 'here') return;
		isAsking = true;
		const read = await app.space.blobs.fetch(attachment.blob);
		isAsking = false;
		if (isGone) return;
		if (!read.ok) return setState({ type: 'failed', error: read.error });
		const blob = new Blob([read.value], { type: attachment.mediaType });
		setState({ type: 'here', url: URL.createObjectURL(blob), blob });
	};
	const listening = new DisposableStack();
	listening.use(app.space.blobs.onArrival((arrived: BlobId) => arrived === attachment.blob && void ask()));
	// Offline it was not to be had; online it may come at once.
	listening.use(
		app.sync.subscribe(({ connection }) => {
			if (connection.type === 'online' && state().type === 'failed') void ask();
		}),
	);
	void ask();
	onCleanup(() => {
		isGone = true;
		listening.dispose();
		const last = state();
		if (last.type === 'here') URL.revokeObjectURL(last.url);
	});
	return {
		state,
		retry() {
			setState({ type: 'loading' });
			void ask();
		},
	};
}
