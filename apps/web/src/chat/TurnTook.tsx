import { createSignal, createUniqueId, lazy, Show, Suspense } from 'solid-js';
import { Icon } from '../icons/Icon.tsx';
import type { AnswerArticle } from './articles.ts';
import './turn-took.css';

const TurnCost = lazy(() => import('./TurnCost.tsx'));

/** A small button beside an answer's time that tells what the turn took; nothing where no model was paid. */
export function TurnTook(props: { answer: AnswerArticle }) {
	const id = createUniqueId();
	const [isOpen, setIsOpen] = createSignal(false);
	const isPaid = () => props.answer.label !== 'Clerk' && props.answer.paid.length > 0;
	return (
		<Show when={isPaid()}>
			<button
				type="button"
				class="turn-took"
				aria-label="What this answer took"
				aria-expanded={isOpen()}
				aria-controls={id}
				onClick={() => setIsOpen(!isOpen())}
			>
				<Icon name="info" class="icon-s" />
			</button>
			<div id={id} class="turn-cost" role="status" hidden={!isOpen()}>
				<Show when={isOpen()}>
					<Suspense>
						<TurnCost calls={props.answer.paid} />
					</Suspense>
				</Show>
			</div>
		</Show>
	);
}
