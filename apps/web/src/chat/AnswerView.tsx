import { createMemo, For, Match, Show, Switch } from 'solid-js';
import { Icon } from '../icons/Icon.tsx';
import { linkTarget } from '../markdown/link-target.ts';
import { Markdown } from '../markdown/Markdown.tsx';
import { Mark } from '../shell/Brand.tsx';
import type { AnswerArticle, Part, SourcesPart, TextPart, ThinkingPart } from './articles.ts';
import type { Conversation } from './create-conversation.ts';
import { Moment } from './Moment.tsx';
import { LiveNote, Outcome } from './Outcome.tsx';
import { Receipts } from './Receipts.tsx';
import { ToolCard } from './ToolCard.tsx';

/** One turn: its words, its deeds, how it ended. */
export function AnswerView(props: { answer: AnswerArticle; conversation: Conversation }) {
	const keys = createMemo(() => props.answer.parts.map((part) => part.key));
	const partOf = (key: string) => props.answer.parts.find((part) => part.key === key);
	return (
		<article class="answer" aria-label={props.answer.label} aria-busy={props.answer.live !== undefined}>
			<header class="byline">
				<Mark class={props.answer.label === 'Clerk' ? 'mark-clerk' : ''} />
				<b>{props.answer.label}</b>
				<Show when={props.answer.forPerson}>{(name) => <span class="byline-for">for {name()}</span>}</Show>
				<Moment at={props.answer.at} />
			</header>
			<div class="answer-parts">
				<For each={keys()}>
					{(key) => (
						<PartView
							part={partOf(key)}
							isLast={keys().at(-1) === key}
							isStopped={props.answer.outcome?.type === 'stopped'}
						/>
					)}
				</For>
				<Show when={props.answer.live}>{(live) => <LiveNote live={live()} hasParts={keys().length > 0} />}</Show>
				<Outcome answer={props.answer} conversation={props.conversation} />
			</div>
		</article>
	);
}

function PartView(props: { part: Part | undefined; isLast: boolean; isStopped: boolean }) {
	const only = <T extends Part['type']>(type: T) =>
		props.part?.type === type ? (props.part as Extract<Part, { type: T }>) : undefined;
	return (
		<Switch>
			<Match when={only('text')}>
				{(part) => <Text part={part()} isLast={props.isLast} isStopped={props.isStopped} />}
			</Match>
			<Match when={only('thinking')}>{(part) => <Thinking part={part()} />}</Match>
			<Match when={only('tool')}>
				{(part) => (
					<>
						<ToolCard part={part()} />
						<Receipts receipts={part().receipts} />
					</>
				)}
			</Match>
			<Match when={only('sources')}>{(part) => <Sources part={part()} />}</Match>
		</Switch>
	);
}

function Text(props: { part: TextPart; isLast: boolean; isStopped: boolean }) {
	return (
		<div classList={{ 'text-cut': props.part.isCut && !props.isLast }}>
			<Markdown text={props.part.text} isGrowing={props.part.isGrowing} />
			{/* A stop is said at the end of the turn. */}
			<Show when={props.part.isCut && !(props.isLast && props.isStopped)}>
				<p class="cut-mark">{props.isLast ? 'Cut off here' : 'Cut off here, then asked again'}</p>
			</Show>
		</div>
	);
}

function Thinking(props: { part: ThinkingPart }) {
	return (
		<details class="fold">
			<summary>
				<Icon name="brain" class="icon-s" />
				<span>{props.part.isGrowing ? 'Thinking…' : 'Thinking'}</span>
				<Icon name="chevron-down" class="icon-s fold-arrow" />
			</summary>
			<div class="thinking">{props.part.text}</div>
		</details>
	);
}

function Sources(props: { part: SourcesPart }) {
	return (
		<ul class="sources" aria-label="Sources">
			<For each={props.part.sources}>
				{(source) => (
					<li>
						<Show when={linkTarget(source.url)} fallback={<span class="chip">{source.title}</span>}>
							{(href) => (
								<a class="chip" href={href()} target="_blank" rel="noopener noreferrer">
									<Icon name="link" class="icon-s" />
									<span class="chip-text">{source.title}</span>
								</a>
							)}
						</Show>
					</li>
				)}
			</For>
		</ul>
	);
}
