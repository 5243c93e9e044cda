import { createMemo, Match, Show, Switch } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { noteHref } from '../notes/routes.ts';
import { AnswerView } from './AnswerView.tsx';
import type { Article, ReminderArticle, SaidArticle } from './articles.ts';
import type { Conversation } from './create-conversation.ts';
import { formatDay, formatDue } from './format.ts';
import { Moment } from './Moment.tsx';

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
			<Match when={only('said')}>{(said) => <Said said={said()} />}</Match>
			<Match when={only('reminder')}>{(reminder) => <Reminder reminder={reminder()} />}</Match>
			<Match when={only('answer')}>
				{(answer) => <AnswerView answer={answer()} conversation={props.conversation} />}
			</Match>
		</Switch>
	);
}

function Said(props: { said: SaidArticle }) {
	return (
		<article class="said" classList={{ 'said-own': props.said.isOwn }} aria-label={props.said.label}>
			<Show when={!props.said.isOwn}>
				<header class="byline">
					<b>{props.said.label}</b>
					<Show when={props.said.task}>{(path) => <a href={noteHref(path())}>{path()}</a>}</Show>
					<Moment at={props.said.at} />
				</header>
			</Show>
			<div class="bubble">{props.said.text}</div>
			<Show when={props.said.isOwn}>
				<Moment at={props.said.at} />
			</Show>
		</article>
	);
}

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
