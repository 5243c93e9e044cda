import type { FileEntry } from '@pocketeer/core/space/space';
import { createEffect, createMemo, createSignal, For, Match, on, Show, Switch } from 'solid-js';
import { Icon } from '../icons/Icon.tsx';
import { buildTree, foldersAbove, keepRows, PAGE, type Row, rowKey, visibleRows } from './tree.ts';

/** The workspace as a tree; arrow keys move, Enter opens, folders open and close. */
export function FileTree(props: {
	files: readonly FileEntry[];
	/** Path of the file that is open; its folders are shown expanded. */
	selected: string;
	filter: string;
	onOpen: (path: string) => void;
}) {
	const [expanded, setExpanded] = createSignal<ReadonlySet<string>>(new Set());
	const [shown, setShown] = createSignal<ReadonlyMap<string, number>>(new Map());
	const [activeKey, setActiveKey] = createSignal('');
	let element: HTMLDivElement | undefined;

	const tree = createMemo(() => buildTree(props.files));
	const rows = createMemo<readonly Row[]>(
		(previous) =>
			keepRows(previous, visibleRows(tree(), { expanded: expanded(), shown: shown(), filter: props.filter })),
		[],
	);
	const rowsByKey = createMemo(() => new Map(rows().map((row) => [rowKey(row), row])));
	/** The one row that Tab reaches: the last one used, else the open file, else the first. */
	const tabKey = createMemo(() => {
		const [first] = rowsByKey().keys();
		return [activeKey(), `file:${props.selected}`].find((key) => rowsByKey().has(key)) ?? first ?? '';
	});

	createEffect(
		on(
			() => props.selected,
			(path) => setExpanded((open) => new Set([...open, ...foldersAbove(path)])),
		),
	);

	function toggle(path: string, isOpen: boolean) {
		setExpanded((open) => {
			const next = new Set(open);
			if (isOpen) next.add(path);
			else next.delete(path);
			return next;
		});
	}

	function use(row: Row) {
		setActiveKey(rowKey(row));
		if (row.kind === 'file') props.onOpen(row.path);
		else if (row.kind === 'folder') toggle(row.path, !row.isExpanded);
		else setShown((counts) => new Map(counts).set(row.path, (counts.get(row.path) ?? PAGE) + 5 * PAGE));
	}

	function focus(row: Row | undefined) {
		if (!row) return;
		setActiveKey(rowKey(row));
		element?.querySelector<HTMLElement>(`[data-key="${CSS.escape(rowKey(row))}"]`)?.focus();
	}

	function onKeyDown(event: KeyboardEvent) {
		if (event.ctrlKey || event.metaKey || event.altKey) return;
		const list = rows();
		const index = list.findIndex((row) => rowKey(row) === tabKey());
		const row = list[index];
		if (!row) return;
		const isFolder = row.kind === 'folder';
		if (event.key === 'ArrowDown') focus(list[index + 1]);
		else if (event.key === 'ArrowUp') focus(list[index - 1]);
		else if (event.key === 'Home') focus(list[0]);
		else if (event.key === 'End') focus(list.at(-1));
		else if (event.key === 'Enter' || event.key === ' ') use(row);
		else if (event.key === 'ArrowRight' && isFolder && !row.isExpanded) toggle(row.path, true);
		else if (event.key === 'ArrowRight' && isFolder) focus(list[index + 1]);
		else if (event.key === 'ArrowLeft' && isFolder && row.isExpanded) toggle(row.path, false);
		else if (event.key === 'ArrowLeft') focus(list.slice(0, index).findLast((above) => above.depth < row.depth));
		else return;
		event.preventDefault();
	}

	return (
		<div class="tree" role="tree" aria-label="Files" tabIndex={-1} ref={element} onKeyDown={onKeyDown}>
			<For each={[...rowsByKey().keys()]}>
				{(key) => {
					// By key, so that a row that changes (a folder that opens) stays the element that has the focus.
					const row = createMemo<Row | undefined>((previous) => rowsByKey().get(key) ?? previous, undefined);
					return (
						<Show when={row()}>
							{(now) => (
								<TreeRow
									row={now()}
									isSelected={key === `file:${props.selected}`}
									isReachable={key === tabKey()}
									onUse={() => use(now())}
								/>
							)}
						</Show>
					);
				}}
			</For>
			<Show when={rows().length === 0}>
				<p class="tree-none">No file has this in its path.</p>
			</Show>
		</div>
	);
}

function TreeRow(props: { row: Row; isSelected: boolean; isReachable: boolean; onUse: () => void }) {
	const place = () => (props.row.kind === 'more' ? undefined : props.row);
	return (
		// biome-ignore lint/a11y/useKeyWithClickEvents: the tree around it handles the keys.
		<div
			class="tree-row"
			role="treeitem"
			data-key={rowKey(props.row)}
			data-kind={props.row.kind}
			tabIndex={props.isReachable ? 0 : -1}
			aria-level={props.row.depth + 1}
			aria-posinset={place()?.position}
			aria-setsize={place()?.setSize}
			aria-selected={props.isSelected}
			aria-expanded={props.row.kind === 'folder' ? props.row.isExpanded : undefined}
			style={{ '--depth': props.row.depth }}
			onClick={() => props.onUse()}
		>
			<Switch>
				<Match when={props.row.kind === 'folder' && props.row}>
					{(row) => (
						<>
							<Icon name="chevron-right" class="icon-s tree-arrow" />
							<span class="tree-name">{row().name}</span>
							<span class="tree-count">{row().count}</span>
						</>
					)}
				</Match>
				<Match when={props.row.kind === 'file' && props.row}>
					{(row) => (
						<>
							<span class="tree-name">
								<Show when={row().folder}>
									<span class="tree-folder">{row().folder}/</span>
								</Show>
								<span>{row().name}</span>
								<Show when={row().about}>
									<span class="tree-about">{row().about}</span>
								</Show>
							</span>
							<Show when={row().isDefault}>
								<span class="tree-badge">shipped default</span>
							</Show>
						</>
					)}
				</Match>
				<Match when={props.row.kind === 'more' && props.row}>
					{(row) => <span class="tree-more">Show {Math.min(row().hidden, 5 * PAGE)} more</span>}
				</Match>
			</Switch>
		</div>
	);
}
