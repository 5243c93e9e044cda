import { createMemo, createSignal, For, lazy, Match, Show, Suspense, Switch } from 'solid-js';
import { Icon } from '../icons/Icon.tsx';
import { linkTarget } from '../markdown/link-target.ts';
import { Markdown } from '../markdown/Markdown.tsx';
import { Mark } from '../shell/Brand.tsx';
import type {
	AnswerArticle,
	MeanwhilePart,
	Part,
	SourcesPart,
	TakeoverPart,
	TextPart,
	ThinkingPart,
} from './articles.ts';
import type { Conversation } from './create-conversation.ts';
import { CallView } from './later-parts.ts';
import { Moment } from './Moment.tsx';
import { LiveNote, Outcome } from './Outcome.tsx';
import { Reactions } from './Reactions.tsx';
import { TurnTook } from './TurnTook.tsx';

const WaitingCard = lazy(() => import('./WaitingCard.tsx'));

/** One turn: its words, its deeds, how it ended. */
export function AnswerView(props: { answer: AnswerArticle; conversation: Conversation }) {
	const keys = createMemo(() => props.answer.parts.map((part) => part.key));
	const partOf = (key: string) => props.answer.parts.find((part) => part.key === key);
	const waits = () => keys().some((key) => props.conversation.waiting(key) !== undefined);
	// What is busy is not read out, and what waits for the person must be.
	const isBusy = () => props.answer.live !== undefined && props.answer.live.phase !== 'asking';
	return (
		<article class="answer" aria-label={props.answer.label} aria-busy={isBusy()}>
			<header class="byline">
				<Mark class={props.answer.label === 'Clerk' ? 'mark-clerk' : ''} />
				<b>{props.answer.label}</b>
				<Show when={props.answer.forPerson}>{(name) => <span class="byline-for">for {name()}</span>}</Show>
				<Show when={props.answer.onDevice}>{(name) => <span class="byline-for">on {name()}</span>}</Show>
				<Moment at={props.answer.at} />
				<TurnTook answer={props.answer} />
				<Show when={props.answer.outcome}>
					<Reactions
						reactions={props.answer.reactions}
						to={{ turn: props.answer.id }}
						conversation={props.conversation}
					/>
				</Show>
			</header>
			<div class="answer-parts">
				<For each={keys()}>
					{(key) => (
						<PartView
							part={partOf(key)}
							answer={props.answer}
							conversation={props.conversation}
							isLast={keys().at(-1) === key}
							isStopped={props.answer.outcome?.type === 'stopped'}
						/>
					)}
				</For>
				<Show when={props.answer.live}>{(live) => <LiveNote live={live()} hasParts={keys().length > 0} />}</Show>
				<Show when={!waits()}>
					<Outcome answer={props.answer} conversation={props.conversation} />
				</Show>
			</div>
		</article>
	);
}

function PartView(props: {
	part: Part | undefined;
	answer: AnswerArticle;
	conversation: Conversation;
	isLast: boolean;
	isStopped: boolean;
}) {
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
					<Show
						when={props.conversation.waiting(part().key)}
						fallback={
							<Suspense>
								<CallView part={part()} />
							</Suspense>
						}
					>
						{(call) => (
							<Suspense fallback={<p class="live-note">Waiting for you</p>}>
								<WaitingCard call={call()} conversation={props.conversation} forPerson={props.answer.forPerson} />
							</Suspense>
						)}
					</Show>
				)}
			</Match>
			<Match when={only('sources')}>{(part) => <Sources part={part()} />}</Match>
			<Match when={only('meanwhile')}>{(part) => <Meanwhile part={part()} />}</Match>
			<Match when={only('takeover')}>
				{(part) => <Takeover part={part()} answer={props.answer} conversation={props.conversation} />}
			</Match>
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

/** What was said while the turn ran: from here on the model had read it. */
function Meanwhile(props: { part: MeanwhilePart }) {
	return (
		<div class="meanwhile">
			<Icon name="corner-down-right" class="icon-s" />
			<div>
				<span class="meanwhile-lead">Read meanwhile</span>
				<For each={props.part.messages}>{(text) => <p class="meanwhile-text">{text}</p>}</For>
			</div>
		</div>
	);
}

/** Another device went on; what the one before did beside it cost, and does not count. */
function Takeover(props: { part: TakeoverPart; answer: AnswerArticle; conversation: Conversation }) {
	return (
		<div class="takeover">
			<p class="decided">
				<Icon name="repeat" class="icon-s" />
				<span>
					{props.part.isHere ? 'This device' : 'Another device'} went on with the answer from here.{' '}
					<Moment at={props.part.at} />
				</span>
			</p>
			<Show when={props.part.lost.length > 0}>
				<details class="fold">
					<summary>
						<span>Done twice: paid for, not used</span>
						<Icon name="chevron-down" class="icon-s fold-arrow" />
					</summary>
					<div class="answer-parts takeover-lost">
						<For each={props.part.lost}>
							{(part) => (
								<PartView
									part={part}
									answer={props.answer}
									conversation={props.conversation}
									isLast={false}
									isStopped={true}
								/>
							)}
						</For>
					</div>
				</details>
			</Show>
		</div>
	);
}

/** More would bury the words they belong to; each number in the text leads to its page anyway. */
const SHOWN_SOURCES = 6;

function Sources(props: { part: SourcesPart }) {
	const [isWhole, setIsWhole] = createSignal(false);
	const hidden = () => (isWhole() ? 0 : Math.max(0, props.part.sources.length - SHOWN_SOURCES));
	let list: HTMLOListElement | undefined;
	const showAll = () => {
		setIsWhole(true);
		// The button goes away under the focus.
		list?.querySelectorAll('a')[SHOWN_SOURCES]?.focus();
	};
	return (
		<ol ref={list} class="sources" aria-label="Sources">
			<For each={props.part.sources.slice(0, props.part.sources.length - hidden())}>
				{(source, index) => (
					<li>
						<Show when={linkTarget(source.url)} fallback={<span class="chip">{source.title}</span>}>
							{(href) => (
								<a class="chip" href={href()} target="_blank" rel="noopener noreferrer">
									<span class="source-number">{index() + 1}</span>
									<span class="chip-text">{source.title}</span>
								</a>
							)}
						</Show>
					</li>
				)}
			</For>
			<Show when={hidden() > 0}>
				<li>
					<button type="button" class="button button-small button-quiet" onClick={showAll}>
						{hidden()} more sources
					</button>
				</li>
			</Show>
		</ol>
	);
}
