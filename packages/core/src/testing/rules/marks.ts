import { isJsonObject, type JsonObject } from '../../json.ts';
import { blocksOf, isCacheable } from '../prompt-blocks.ts';
import type { Refusal } from './checks.ts';

const MOST_MARKS = 4;

/** Too many cache marks, marks where none may stand, and ones of an hour behind ones of five minutes. */
export function refuseMarks(body: JsonObject): Refusal {
	const blocks = markable(body);
	const wrong = blocks.find((block) => isMarked(block) && !isCacheable(block));
	if (wrong) {
		return wrong.type === 'text'
			? 'cache_control cannot be set for empty text blocks'
			: `${wrong.type}.cache_control: Extra inputs are not permitted`;
	}
	const marks = blocks.filter(isMarked).map(ttlOf);
	const whole = body.cache_control;
	if (isJsonObject(whole)) {
		const last = blocks.findLast(isCacheable);
		const ttl = ttlOf(body);
		if (!last || !isMarked(last)) marks.push(ttl);
		else if (ttlOf(last) !== ttl) return 'cache_control: the last block is marked already, with another ttl';
	}
	if (marks.length > MOST_MARKS)
		return `A maximum of ${MOST_MARKS} blocks with cache_control may be provided. Found ${marks.length}.`;
	const five = marks.indexOf('5m');
	return five !== -1 && marks.lastIndexOf('1h') > five
		? "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that blocks are processed in the following order: `tools`, `system`, `messages`."
		: undefined;
}

/** Every block that could be marked, in the order of the prompt; a result's own content before the result. */
function markable(body: JsonObject): readonly JsonObject[] {
	const messages = blocksOf(body.messages).flatMap((message) => blocksOf(message.content));
	const nested = messages.flatMap((block) =>
		block.type === 'tool_result' ? [...blocksOf(block.content), block] : [block],
	);
	return [...blocksOf(body.tools), ...blocksOf(body.system), ...nested];
}

function isMarked(block: JsonObject): boolean {
	return isJsonObject(block.cache_control);
}

function ttlOf({ cache_control: mark }: JsonObject): '5m' | '1h' {
	return isJsonObject(mark) && mark.ttl === '1h' ? '1h' : '5m';
}
