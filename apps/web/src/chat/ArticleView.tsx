import type { MessageId } from '@pocketeer/core/ids';
import type { Space } from '@pocketeer/core/space/space';
import { createMemo, lazy, Match, Show, Suspense, Switch } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { Markdown } from '../markdown/Markdown.tsx';
import { noteHref } from '../notes/routes.ts';
import { AnswerView } from './AnswerView.tsx';
import type { Article, ReminderArticle, SaidArticle } from './articles.ts';
import type { Conversation } from './create-conversation.ts';
import { formatDay, formatDue } from './format.ts';
import { lineTitle } from './lines.ts';
import { Moment } from './Moment.tsx';
import type { Queued } from './queue.ts';
import { Reactions } from './Reactions.tsx';

const Attachments = lazy(() => import('../attachments/Attachments.tsx'));
const CompactionView = lazy(() => import('./CompactionView.tsx'));

/** One row of the transcript. */
export function ArticleView(props: { id: string; conversation: Conversation }) {
	const app = useApp();
	const article = createMemo(() => props.conversation.article(props.id));
	const only = <K extends Article['kind']>(kind: K) => {
		const found = article();
		return found?.kind === kind ? (found as Extract<Article, { kind: K }>) : undefined;
	};
	return (
		<Switch>
			<Match when={only('day')}>
				{(day) => <div class="day">{formatDay(day().at, app.clock.now(), app.clock.zone())}</div>}
			</Match>
			<Match when={only('said')}>{(said) => <Said said={said()} conversation={props.conversation} />}</Match>
			<Match when={only('reminder')}>{(reminder) => <Reminder reminder={reminder()} />}</Match>
			<Match when={only('compaction')}>
				{(compaction) => (
					<Suspense>
						<CompactionView compaction={compaction()} conversation={props.conversation} />
					</Suspense>
				)}
			</Match>
			<Match when={only('answer')}>
				{(answer) => <AnswerView answer={answer()} conversation={props.conversation} />}
			</Match>
		</Switch>
	);
}

function Said(props: { said: SaidArticle; conversation: Conversation }) {
	const app = useApp();
	const queued = () => props.conversation.queued(props.said.id);
	const from = () => {
		const id = props.said.fromLine;
		return id && (app.space.lines.list().find((line) => line.id === id) ?? { id, name: id });
	};
	return (
		<article class="said" classList={{ 'said-own': props.said.isOwn }} aria-label={props.said.label}>
			<Show when={!props.said.isOwn}>
				<header class="byline">
					<b>{props.said.label}</b>
					<Show when={props.said.task}>{(path) => <a href={noteHref(path())}>{path()}</a>}</Show>
					<Show when={from()}>
						{(line) => (
							<span class="byline-for">
								from <a href={`/chat/${line().id}`}>{lineTitle(line())}</a>
							</span>
						)}
					</Show>
					<Moment at={props.said.at} />
				</header>
			</Show>
			<Show when={props.said.attachments.length > 0}>
				<Suspense>
					<Attachments attachments={props.said.attachments} />
				</Suspense>
			</Show>
			<Show when={props.said.text !== ''}>
				<div class="bubble" classList={{ 'bubble-md': props.said.fromLine !== undefined }}>
					<Show when={props.said.fromLine} fallback={props.said.text}>
						<Markdown text={props.said.text} />
					</Show>
				</div>
			</Show>
			<Show when={props.said.untrusted}>
				{(source) => <span class="from-outside">written after reading text from {source()}</span>}
			</Show>
			<div class="said-foot">
				<Reactions
					reactions={props.said.reactions}
					to={{ message: props.said.id as MessageId }}
					conversation={props.conversation}
				/>
				<Show when={queued()}>{(state) => <span class="queued">{describeQueued(state(), app.space)}</span>}</Show>
				<Show when={props.said.isOwn}>
					<Moment at={props.said.at} />
				</Show>
			</div>
		</article>
	);
}

function describeQueued(state: Queued, space: Space): string {
	if (state !== 'elsewhere') return QUEUED[state];
	const { device, person } = space.self;
	const keyed = space.directory
		.devices()
		.filter((other) => other.hasModel && other.person === person && other.id !== device);
	const [only] = keyed;
	return only?.name && keyed.length === 1
		? `Waiting for ${only.name}`
		: 'Waiting for a device of yours that has a model key';
}

const QUEUED: Readonly<Record<Exclude<Queued, 'elsewhere'>, string>> = {
	'next-step': 'Will be seen at the next step',
	'next-turn': 'Will be answered next',
	taken: 'Taken up above',
	left: 'Not answered: you stopped before it',
};

function Reminder(props: { reminder: ReminderArticle }) {
	const app = useApp();
	return (
		<article class="reminder" aria-label="Reminder">
			<span class="reminder-icon">
				<Icon name="bell-ring" />
			</span>
			<div>
				<p class="reminder-text">{props.reminder.text}</p>
				<p class="reminder-due">Due {formatDue(props.reminder.due, app.clock.now(), app.clock.zone())}</p>
			</div>
		</article>
	);
}
