import type {
	ContentBlockParam,
	RawContentBlockDeltaEvent,
	RawContentBlockStartEvent,
	RawMessageDeltaEvent,
	RawMessageStreamEvent,
	StopReason,
	Usage,
} from '@anthropic-ai/sdk/resources/messages';

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
	/** Characters received so far, of whatever kind. */
	readonly size: number;
	/** The blocks that are whole, in order; those cut short by the end of the answer are left out. */
	blocks(): readonly ContentBlockParam[];
}

interface GrowingBlock {
	block: ContentBlockParam;
	json: string;
	isOver: boolean;
}

/** Starts on an empty message. */
export function createMessageBuilder(): MessageBuilder {
	const blocks = new Map<number, GrowingBlock>();
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
					usage = event.message.usage;
					return;
				case 'content_block_start':
					return start(event);
				case 'content_block_delta':
					return grow(event);
				case 'content_block_stop': {
					const growing = blocks.get(event.index);
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
		blocks: () =>
			[...blocks].sort(([a], [b]) => a - b).flatMap(([, growing]) => finishBlock(growing, stop).flatMap(keepable)),
	};

	function start({ index, content_block: block }: RawContentBlockStartEvent): void {
		blocks.set(index, { block: { ...block }, json: '', isOver: false });
		if (block.type === 'text') {
			text += block.text;
			phase = 'writing';
		} else if (block.type === 'thinking') {
			thinking += thinking === '' ? block.thinking : `\n\n${block.thinking}`;
			phase = 'thinking';
		} else if (block.type === 'redacted_thinking') phase = 'thinking';
	}

	function grow({ index, delta }: RawContentBlockDeltaEvent): void {
		const growing = blocks.get(index);
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
				growing.block = { ...block, citations: [...(block.citations ?? []), delta.citation] };
				return;
			default:
				// Deltas of later versions carry their fields for the block as they stand (compaction does).
				growing.block = mergeUnknown(block, delta);
		}
	}

	function finish({ delta, usage: totals }: RawMessageDeltaEvent): void {
		stop = delta.stop_reason;
		explanation = delta.stop_details?.explanation ?? undefined;
		if (usage) usage = addTotals(usage, totals);
	}
}

function finishBlock({ block, json, isOver }: GrowingBlock, stop: StopReason | null): readonly ContentBlockParam[] {
	if (block.type === 'text') return block.text === '' ? [] : [block];
	if (block.type === 'thinking') return block.signature ? [block] : [];
	if (block.type !== 'tool_use' && block.type !== 'server_tool_use') return isOver ? [block] : [];
	if (!isOver) return [];
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

/** Totals of the end replace those of the start where they are given; they are cumulative, never added up. */
function addTotals(usage: Usage, totals: RawMessageDeltaEvent['usage'] | undefined): Usage {
	const given = Object.entries(totals ?? {}).filter(([, value]) => value !== null && value !== undefined);
	return { ...usage, ...Object.fromEntries(given) };
}

function mergeUnknown(block: ContentBlockParam, delta: object): ContentBlockParam {
	const { type: _type, ...fields } = { type: '', ...delta };
	return { ...block, ...fields };
}
