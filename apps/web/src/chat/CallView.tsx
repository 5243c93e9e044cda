import type { ToolPart } from './articles.ts';
import { Receipts } from './Receipts.tsx';
import { ToolCard } from './ToolCard.tsx';

/** One call of a tool and what it really did; loaded with the loop, or before a line that has calls is drawn. */
export default function CallView(props: { part: ToolPart }) {
	return (
		<>
			<ToolCard part={props.part} />
			<Receipts receipts={props.part.receipts} />
		</>
	);
}
