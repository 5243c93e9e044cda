import type { Attachment } from '@pocketeer/core/space/records';
import { type Accessor, createSignal } from 'solid-js';
import type { App } from '../app.ts';

/** A file in the composer: on its way, or ready to be sent. */
export interface AttachedFile {
	readonly key: number;
	readonly name: string;
	/** undefined while it is made ready. */
	readonly attachment: Attachment | undefined;
}

/** What is attached to the message that is being written. */
export interface Attached {
	readonly files: Accessor<readonly AttachedFile[]>;
	/** Why files were not attached, one sentence each. */
	readonly problems: Accessor<readonly string[]>;
	add(files: readonly File[]): void;
	remove(key: number): void;
	/** Resolves when nothing is on its way, with what is ready. */
	ready(): Promise<readonly Attachment[]>;
	/** These were sent. */
	sent(attachments: readonly Attachment[]): void;
}

/** What is needed once something is attached, not before. */
const loadParts = () =>
	Promise.all([
		import('./prepare.ts'),
		import('./words.ts'),
		import('@pocketeer/core/agent/request/attachment-blocks'),
	]).catch(() => undefined);

/** The attachments of one line's draft; what was there before a reload is there again. */
export function createAttached(app: Pick<App, 'space' | 'drafts'>, line: string): Attached {
	const [files, setFiles] = createSignal<readonly AttachedFile[]>([]);
	const [problems, setProblems] = createSignal<readonly string[]>([]);
	/** One after the other: two photos at once are two in memory. */
	let preparing: Promise<unknown> = Promise.resolve();
	let keys = 0;
	const attachments = () => files().flatMap(({ attachment }) => attachment ?? []);
	const change = (next: readonly AttachedFile[]) => {
		setFiles(next);
		app.drafts.writeFiles(line, attachments());
	};
	void app.drafts.readFiles(line).then((kept) => {
		const present = new Set(attachments().map(({ blob }) => blob));
		const before = kept.filter(({ blob }) => !present.has(blob));
		if (before.length === 0) return;
		setFiles([...before.map((attachment) => ({ key: keys++, name: attachment.name, attachment })), ...files()]);
	});

	return {
		files,
		problems,
		add(added) {
			// What is still on its way may be refused yet, or just was.
			if (files().every(({ attachment }) => attachment)) setProblems([]);
			for (const file of added) {
				const key = keys++;
				setFiles([...files(), { key, name: file.name || 'image', attachment: undefined }]);
				preparing = preparing.then(() => prepare(key, file));
			}
		},
		remove(key) {
			setProblems([]);
			change(files().filter((file) => file.key !== key));
		},
		async ready() {
			for (let last: unknown; last !== preparing; ) {
				last = preparing;
				await last;
			}
			return attachments();
		},
		sent(gone) {
			const blobs = new Set(gone.map(({ blob }) => blob));
			setProblems([]);
			change(files().filter(({ attachment }) => !attachment || !blobs.has(attachment.blob)));
		},
	};

	async function prepare(key: number, file: File): Promise<void> {
		const refused = await attempt(key, file);
		if (refused === undefined) return;
		setProblems([...new Set([...problems(), refused])]);
		change(files().filter((one) => one.key !== key));
	}

	/** Why the file is not attached; undefined when it is, or when it was taken out meanwhile. */
	async function attempt(key: number, file: File): Promise<string | undefined> {
		const loaded = await loadParts();
		if (!loaded) return 'The part of the app that attaches files did not load. Try again when you are online.';
		const [{ prepareFile }, words, { MOST_ATTACHED_BYTES, MOST_ATTACHMENTS }] = loaded;
		if (attachments().length >= MOST_ATTACHMENTS) return words.tooMany(MOST_ATTACHMENTS);
		const prepared = await prepareFile(app.space, file);
		if (!prepared.ok) return prepared.error;
		const attachment = prepared.value;
		const together = attachments().reduce((sum, { sizeBytes }) => sum + sizeBytes, attachment.sizeBytes);
		if (together > MOST_ATTACHED_BYTES) return words.tooMuchTogether(attachment.name);
		const isTwice = attachments().some(({ blob }) => blob === attachment.blob);
		change(
			files().flatMap((one) => {
				if (one.key !== key) return [one];
				return isTwice ? [] : [{ key, name: attachment.name, attachment }];
			}),
		);
		return undefined;
	}
}
