import { useNavigate, useParams } from '@solidjs/router';
import { createSignal, onMount, Show } from 'solid-js';
import { useApp } from '../app.ts';
import { makeDayOf } from '../chat/format.ts';
import { Icon } from '../icons/Icon.tsx';
import { addDays } from '../schedule/moments.ts';
import { useToasts } from '../shell/toasts.tsx';
import { createFileList } from './create-file-list.ts';
import { FilePage } from './FilePage.tsx';
import { FileTree } from './FileTree.tsx';
import { NameDialog } from './NameDialog.tsx';
import { firstText } from './names.ts';
import { noteHref, pathOfRoute } from './routes.ts';
import { folderOf } from './tree.ts';
import { describeFileError, selfAsActor } from './words.ts';
import './notes.css';

/** Everything the assistant remembers, as files to read and edit. Route `/notes/*path`. */
export default function NotesScreen() {
	const app = useApp();
	const toasts = useToasts();
	const navigate = useNavigate();
	const params = useParams<{ path?: string }>();
	const path = () => pathOfRoute(params.path);
	const { files } = app.space;
	const list = createFileList(files);
	const [filter, setFilter] = createSignal('');
	const [isNaming, setNaming] = createSignal(false);

	/** Where a new note goes: beside the open file, unless that is a standing file or a page of the day. */
	const folder = () => {
		const beside = folderOf(path());
		return beside === '' || beside === 'journal' ? 'notes' : beside;
	};

	function today(): string {
		return makeDayOf(app.clock.zone())(app.clock.now());
	}

	async function create(target: string): Promise<string | undefined> {
		if (files.find(target)) return `There is already a file ${target}. Choose another name.`;
		const text = firstText(target, addDays(today(), 1));
		const made = await files.write({ path: target, text }, selfAsActor(app.space.self));
		if (!made.ok) return describeFileError(made.error);
		navigate(noteHref(made.value.entry.path), { state: { isNew: true } });
		return undefined;
	}

	async function openToday() {
		const page = `journal/${today()}.md`;
		if (files.find(page)) return navigate(noteHref(page));
		const failed = await create(page);
		if (failed !== undefined) toasts.show({ text: failed });
	}

	onMount(() => {
		// The shortcut of the installed app.
		if (new URLSearchParams(location.search).get('open') === 'today') void openToday();
	});

	return (
		<section class="notes" classList={{ 'notes-file-open': path() !== '' }} aria-label="Notes">
			<div class="notes-side">
				<header class="notes-head">
					<h1>Notes</h1>
					<button type="button" class="button button-small" onClick={() => void openToday()}>
						<Icon name="book-open" class="icon-s" />
						Today
					</button>
					<button type="button" class="button button-small button-primary" onClick={() => setNaming(true)}>
						<Icon name="plus" class="icon-s" />
						New note
					</button>
				</header>
				<div class="notes-filter">
					<Icon name="search" class="icon-s" />
					<input
						class="input"
						type="search"
						aria-label="Filter files"
						placeholder={`Filter ${list().length.toLocaleString('en')} files`}
						value={filter()}
						onInput={(event) => setFilter(event.currentTarget.value)}
					/>
				</div>
				<FileTree files={list()} selected={path()} filter={filter()} onOpen={(target) => navigate(noteHref(target))} />
			</div>
			<div class="notes-main">
				<Show when={path()} keyed fallback={<NothingOpen />}>
					{(open) => <FilePage path={open} onBack={() => navigate('/notes')} />}
				</Show>
			</div>
			<Show when={isNaming()}>
				<NameDialog
					title="New note"
					action="Create"
					initial=""
					folder={folder()}
					onSubmit={create}
					onClose={() => setNaming(false)}
				/>
			</Show>
		</section>
	);
}

function NothingOpen() {
	return (
		<div class="notes-nothing">
			<Icon name="file-text" />
			<p>Everything your assistant knows stands in these files. Open one to read or change it.</p>
		</div>
	);
}
