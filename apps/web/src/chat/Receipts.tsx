import type { FileId } from '@pocketeer/core/ids';
import type { Receipt } from '@pocketeer/core/space/records';
import { createMemo, createSignal, For, Match, Show, Switch } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import type { IconName } from '../icons/names.ts';
import { noteHref } from '../notes/routes.ts';
import { useToasts } from '../shell/toasts.tsx';
import { formatDue } from './format.ts';
import { canUndo, shownReceipts, undoCancel, undoChange, undoneText } from './receipt-actions.ts';

type Scheduled = Extract<Receipt, { type: 'scheduled' }>;
type Cancelled = Extract<Receipt, { type: 'cancelled' }>;
type FileChanged = Extract<Receipt, { type: 'file' }>;
type Sent = Extract<Receipt, { type: 'sent' }>;
type Found = Extract<Receipt, { type: 'found' }>;

/** What a tool really did, made from its receipts and never from the model's words. */
export function Receipts(props: { receipts: readonly Receipt[] }) {
	const shown = createMemo(() => shownReceipts(props.receipts));
	return (
		<For each={shown()}>
			{(receipt) => (
				<Switch>
					<Match when={receipt.type === 'scheduled' && receipt}>{(it) => <ScheduledCard receipt={it()} />}</Match>
					<Match when={receipt.type === 'cancelled' && receipt}>{(it) => <CancelledCard receipt={it()} />}</Match>
					<Match when={receipt.type === 'file' && receipt}>{(it) => <FileChip receipt={it()} />}</Match>
					<Match when={receipt.type === 'sent' && receipt}>{(it) => <SentChip receipt={it()} />}</Match>
					<Match when={receipt.type === 'found' && receipt}>{(it) => <FoundList receipt={it()} />}</Match>
				</Switch>
			)}
		</For>
	);
}

function ScheduledCard(props: { receipt: Scheduled }) {
	const app = useApp();
	return (
		<a class="receipt" href="/schedule">
			<span class="receipt-icon">
				<Icon name={props.receipt.kind === 'reminder' ? 'bell' : 'repeat'} />
			</span>
			<span class="receipt-body">
				<span class="receipt-title">{props.receipt.kind === 'reminder' ? 'Reminder set' : 'Nudge set'}</span>
				<span class="receipt-due">{formatDue(props.receipt.due, app.clock.now(), props.receipt.zone)}</span>
				<Show when={props.receipt.every}>{(every) => <span class="receipt-every">Repeats: {every()}</span>}</Show>
				<span class="receipt-text">{props.receipt.text}</span>
			</span>
			<Icon name="chevron-right" class="icon-s receipt-arrow" />
		</a>
	);
}

function CancelledCard(props: { receipt: Cancelled }) {
	return (
		<div class="receipt receipt-plain">
			<span class="receipt-icon receipt-icon-off">
				<Icon name="calendar-x" />
			</span>
			<span class="receipt-body">
				<span class="receipt-title">Cancelled</span>
				<span class="receipt-text">{props.receipt.text}</span>
			</span>
			<Show when={props.receipt.task}>{(task) => <CancelUndo receipt={{ ...props.receipt, task: task() }} />}</Show>
		</div>
	);
}

function CancelUndo(props: { receipt: Cancelled & { readonly task: FileId } }) {
	const app = useApp();
	const toasts = useToasts();
	const [state, setState] = createSignal<'done' | 'undoing' | 'undone'>('done');
	const undo = async () => {
		const { receipt } = props;
		setState('undoing');
		const undone = await undoCancel(app.space, receipt);
		setState(undone.ok ? 'undone' : 'done');
		toasts.show({
			about: receipt.task,
			...(undone.ok ? { text: `Scheduled again: ${receipt.text}` } : { text: undone.error, tone: 'danger' }),
		});
	};
	return (
		<Show when={state() !== 'undone'} fallback={<span class="undone">Undone</span>}>
			<button
				type="button"
				class="button button-quiet button-small receipt-undo"
				aria-label={`Undo cancelling ${props.receipt.text}`}
				disabled={state() === 'undoing'}
				onClick={undo}
			>
				<Icon name="undo-2" class="icon-s" />
				Undo
			</button>
		</Show>
	);
}

const CHANGE_ICONS: Record<FileChanged['change'], IconName> = {
	created: 'file-plus',
	edited: 'file-diff',
	moved: 'file-text',
	deleted: 'trash-2',
};

function FileChip(props: { receipt: FileChanged }) {
	const app = useApp();
	const toasts = useToasts();
	const [state, setState] = createSignal<'done' | 'undoing' | 'undone'>('done');
	const undo = async () => {
		setState('undoing');
		const undone = await undoChange(app.space, props.receipt);
		setState(undone.ok ? 'undone' : 'done');
		toasts.show({
			about: props.receipt.file,
			...(undone.ok ? { text: undoneText(props.receipt) } : { text: undone.error, tone: 'danger' }),
		});
	};
	return (
		<div class="file-change" classList={{ 'file-undone': state() === 'undone' }}>
			<Show when={props.receipt.change !== 'deleted'} fallback={<span class="chip">{chipContent(props.receipt)}</span>}>
				<a class="chip" href={noteHref(props.receipt.path)}>
					{chipContent(props.receipt)}
				</a>
			</Show>
			<Show when={canUndo(props.receipt)}>
				<Show when={state() !== 'undone'} fallback={<span class="undone">Undone</span>}>
					<button
						type="button"
						class="button button-quiet button-small"
						aria-label={`Undo the change of ${props.receipt.path}`}
						disabled={state() === 'undoing'}
						onClick={undo}
					>
						<Icon name="undo-2" class="icon-s" />
						Undo
					</button>
				</Show>
			</Show>
		</div>
	);
}

function chipContent(receipt: FileChanged) {
	return (
		<>
			<Icon name={CHANGE_ICONS[receipt.change]} class="icon-s" />
			<span class="chip-text">
				<Show when={receipt.from}>{(from) => <>{from()} → </>}</Show>
				{receipt.path}
			</span>
			<Show when={receipt.change !== 'moved'}>
				<span class="added">+{receipt.linesAdded}</span>
				<Show when={receipt.linesRemoved > 0}>
					<span class="removed">−{receipt.linesRemoved}</span>
				</Show>
			</Show>
		</>
	);
}

function SentChip(props: { receipt: Sent }) {
	return (
		<div class="file-change">
			<a class="chip" href={`/chat/${props.receipt.line}`}>
				<Icon name="send" class="icon-s" />
				<span class="chip-text">Sent to {props.receipt.lineName}</span>
			</a>
		</div>
	);
}

function FoundList(props: { receipt: Found }) {
	return (
		<Show
			when={props.receipt.paths.length > 0}
			fallback={<p class="found-none">Nothing found for “{props.receipt.query}”</p>}
		>
			<ul class="found" aria-label={`Found for ${props.receipt.query}`}>
				<For each={props.receipt.paths}>
					{(path) => (
						<li>
							<Show when={/\.(md|js)$/.test(path)} fallback={<span class="chip">{path}</span>}>
								<a class="chip" href={noteHref(path)}>
									<Icon name="file-text" class="icon-s" />
									<span class="chip-text">{path}</span>
								</a>
							</Show>
						</li>
					)}
				</For>
			</ul>
		</Show>
	);
}
