import type {
	ContentBlockParam,
	RawContentBlockDeltaEvent,
	RawContentBlockStartEvent,
	RawMessageDeltaEvent,
	RawMessageStreamEvent,
	StopReason,
	Usage,
} from '@anthropic-ai/sdk/resources/messages';
import { isJsonObject } from '../../json.ts';
import { isUsage } from './anthropic-events.ts';

/** A model's answer as it comes in. Kept apart from the SDK's own so that the clerk needs no SDK. */
export interface MessageBuilder {
	/** Takes the next event; what it does not know it passes over. */
	add(event: RawMessageStreamEvent): void;
	/** All text so far, and all thinking so far, as they are shown. */
	readonly text: string;
	readonly thinking: string;
	/** The model is thinking, writing, or neither yet. */
	readonly phase: 'waiting' | 'thinking' | 'writing';
	/** The message began: whatever becomes of it, it may be paid for. */
	readonly hasBegun: boolean;
	/** All of it came: the reason it stopped is said after the last block, `message_stop` adds nothing and may be missing. */
	readonly isComplete: boolean;
	readonly stop: StopReason | null;
	readonly explanation: string | undefined;
	readonly usage: Usage | undefined;
	/** Characters received so far, of whatever kind but results of the service, and a little for each block. */
	readonly size: number;
	/** The blocks that are whole, in order; those cut short by the end of the answer are left out. */
	blocks(): readonly ContentBlockParam[];
}

interface GrowingBlock {
	readonly index: number;
	block: ContentBlockParam;
	json: string;
	isOver: boolean;
}

/** What a block is taken for besides what it holds, so that an answer of empty ones comes to an end too. */
const BLOCK_SIZE = 1_000;

/** Starts on an empty message. */
export function createMessageBuilder(): MessageBuilder {
	const blocks: GrowingBlock[] = [];
	/** The newest of each index: an index that begins again is another block. */
	const growingByIndex = new Map<number, GrowingBlock>();
	let phase: MessageBuilder['phase'] = 'waiting';
	let text = '';
	let thinking = '';
	let usage: Usage | undefined;
	let stop: StopReason | null = null;
	let explanation: string | undefined;
	let hasBegun = false;
	let isComplete = false;
	let size = 0;

	return {
		add(event) {
			switch (event.type) {
				case 'message_start':
					hasBegun = true;
					usage = isUsage(event.message.usage) ? event.message.usage : undefined;
					return;
				case 'content_block_start':
					return start(event);
				case 'content_block_delta':
					return grow(event);
				case 'content_block_stop': {
					const growing = growingByIndex.get(event.index);
					if (growing) growing.isOver = true;
					return;
				}
				case 'message_delta':
					return finish(event);
				case 'message_stop':
					isComplete = true;
					return;
			}
		},
		get text() {
			return text;
		},
		get thinking() {
			return thinking;
		},
		get phase() {
			return phase;
		},
		get hasBegun() {
			return hasBegun;
		},
		get isComplete() {
			return isComplete || stop !== null;
		},
		get stop() {
			return stop;
		},
		get explanation() {
			return explanation;
		},
		get usage() {
			return usage;
		},
		get size() {
			return size;
		},
		blocks() {
			const whole = [...blocks]
				.sort((a, b) => a.index - b.index)
				.flatMap((growing) => finishBlock(growing, stop).flatMap(keepable));
			return stop === 'pause_turn' ? whole : withoutOpenCalls(whole);
		},
	};

	function start({ index, content_block: block }: RawContentBlockStartEvent): void {
		const growing = { index, block: { ...block }, json: '', isOver: false };
		blocks.push(growing);
		growingByIndex.set(index, growing);
		size += BLOCK_SIZE;
		if (block.type === 'text') {
			size += block.text.length;
			text += block.text;
			phase = 'writing';
		} else if (block.type === 'thinking') {
			thinking += thinking === '' ? block.thinking : `\n\n${block.thinking}`;
			phase = 'thinking';
		} else if (block.type === 'redacted_thinking') phase = 'thinking';
	}

	function grow({ index, delta }: RawContentBlockDeltaEvent): void {
		const growing = growingByIndex.get(index);
		if (!growing) return;
		const { block } = growing;
		switch (delta.type) {
			case 'text_delta':
				if (block.type !== 'text') return;
				size += delta.text.length;
				growing.block = { ...block, text: block.text + delta.text };
				text += delta.text;
				return;
			case 'thinking_delta':
				if (block.type !== 'thinking') return;
				size += delta.thinking.length;
				growing.block = { ...block, thinking: block.thinking + delta.thinking };
				thinking += delta.thinking;
				return;
			case 'signature_delta':
				if (block.type === 'thinking') growing.block = { ...block, signature: delta.signature };
				return;
			case 'input_json_delta':
				size += delta.partial_json.length;
				growing.json += delta.partial_json;
				return;
			case 'citations_delta':
				if (block.type !== 'text') return;
				size += JSON.stringify(delta.citation).length;
				growing.block = { ...block, citations: [...(block.citations ?? []), delta.citation] };
				return;
			default:
				size += JSON.stringify(delta).length;
				// Deltas of later versions carry their fields for the block as they stand (compaction does).
				if (!OWN_DELTAS.has(block.type)) growing.block = mergeUnknown(block, delta);
		}
	}

	function finish({ delta, usage: totals }: RawMessageDeltaEvent): void {
		// Some endpoints tell the usage and the reason in two events.
		if (typeof delta.stop_reason === 'string') stop = delta.stop_reason;
		explanation = readExplanation(delta.stop_details) ?? explanation;
		usage = addTotals(usage, totals);
	}
}

function finishBlock({ block, json, isOver }: GrowingBlock, stop: StopReason | null): readonly ContentBlockParam[] {
	if (block.type === 'text') return block.text === '' ? [] : [block];
	if (block.type === 'thinking') return block.signature ? [block] : [];
	if (block.type !== 'tool_use' && block.type !== 'server_tool_use') return isOver ? [block] : [];
	// Asked to run the calls, one may rely on it that they are whole; some endpoints leave out that a block is over.
	if (!isOver && stop !== 'tool_use') return [];
	if (json.trim() === '') return [block];
	const input = readJson(json);
	if (input) return [{ ...block, input: input.value }];
	// A whole call with broken arguments goes to the tool, which says what is wrong; a cut one was never finished.
	return stop === 'tool_use' ? [{ ...block, input: { INVALID_JSON: json } }] : [];
}

/** Yjs writes values by recursion: one that is too deep would break off in the middle of writing and damage the line. */
const DEEPEST = 200;

function keepable(block: ContentBlockParam): readonly ContentBlockParam[] {
	if (!isDeeper(block, DEEPEST)) return [block];
	return block.type === 'tool_use' ? [{ ...block, input: { INVALID_JSON: 'nested too deeply' } }] : [];
}

function isDeeper(value: unknown, levels: number): boolean {
	if (typeof value !== 'object' || value === null) return false;
	return levels === 0 || Object.values(value).some((part) => isDeeper(part, levels - 1));
}

function readJson(text: string): { readonly value: unknown } | undefined {
	try {
		return { value: JSON.parse(text) };
	} catch {
		return undefined;
	}
}

/** Calls of server-side tools that an answer ended without a result of: the API takes them back only where it paused. */
function withoutOpenCalls(blocks: readonly ContentBlockParam[]): readonly ContentBlockParam[] {
	const answered = new Set(blocks.flatMap((block) => ('tool_use_id' in block ? [block.tool_use_id] : [])));
	return blocks.filter((block) => block.type !== 'server_tool_use' || answered.has(block.id));
}

/** Totals of the end replace those of the start where they are given; they are cumulative, never added up. */
function addTotals(usage: Usage | undefined, totals: RawMessageDeltaEvent['usage'] | undefined): Usage | undefined {
	const given = Object.entries(totals ?? {}).filter(([, value]) => value !== null && value !== undefined);
	const sum: unknown = { ...usage, ...Object.fromEntries(given) };
	return isUsage(sum) ? sum : usage;
}

function readExplanation(details: unknown): string | undefined {
	return isJsonObject(details) && typeof details.explanation === 'string' ? details.explanation : undefined;
}

/** Blocks that grow by deltas of their own kinds only. */
const OWN_DELTAS: ReadonlySet<string> = new Set([
	'text',
	'thinking',
	'redacted_thinking',
	'tool_use',
	'server_tool_use',
]);

function mergeUnknown(block: ContentBlockParam, delta: object): ContentBlockParam {
	const { type: _type, ...fields } = { type: '', ...delta };
	return { ...block, ...fields };
}
