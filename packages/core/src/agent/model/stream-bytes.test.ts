import { describe, expect, it } from 'vitest';
import { ModelFailure, type ModelRequest } from '../../ports/model.ts';
import {
	fetchOf,
	NO_RECORDINGS,
	type RecordedStream,
	readRecordedStreams,
} from '../../testing/node/recorded-streams.ts';
import type { Failure } from '../failures.ts';
import { createAnthropicModel } from './anthropic-model.ts';
import { createMessageBuilder, type MessageBuilder } from './message-builder.ts';

const REQUEST: ModelRequest = {
	system: [],
	tools: [],
	messages: [{ role: 'user', content: 'Hi' }],
	maxTokens: 1000,
};

interface Read {
	readonly message: MessageBuilder;
	readonly failure: Failure | undefined;
}

/** Reads what a fetch answers through the real client, telling what is there after each event. */
async function read(fetch: typeof globalThis.fetch, look?: (message: MessageBuilder) => void): Promise<Read> {
	const message = createMessageBuilder();
	const model = createAnthropicModel({ fetch, apiKey: 'k', baseUrl: 'http://localhost', model: 'claude' });
	try {
		for await (const event of model.stream(REQUEST, new AbortController().signal)) {
			message.add(event);
			look?.(message);
		}
	} catch (error) {
		if (!(error instanceof ModelFailure)) throw error;
		return { message, failure: error.failure };
	}
	return { message, failure: undefined };
}

function summary({ message, failure }: Read): string {
	const { text, thinking, usage, stop, explanation, isComplete } = message;
	return JSON.stringify({ text, thinking, usage, stop, explanation, isComplete, blocks: message.blocks(), failure });
}

/** Bytes on both sides of each event's end that are always among the places. */
const AROUND = 3;

/** Around the end of each event, inside each character of several bytes, and every so many bytes in between. */
function places({ bytes, eventEnds }: RecordedStream, every: number): readonly number[] {
	const near = new Set(
		eventEnds.flatMap((end) => Array.from({ length: 2 * AROUND + 1 }, (_, index) => end - AROUND + index)),
	);
	return Array.from(bytes, (_, place) => place).filter(
		(place) => place > 0 && (near.has(place) || (bytes[place] ?? 0) >= 0x80 || place % every === 0),
	);
}

/** Nearly all of the large ones is one long text: there it is not every byte, which would take minutes. */
const LARGE = 7_000;

const RECORDINGS = readRecordedStreams();

if (RECORDINGS.length === 0) it.skip(`recorded streams byte by byte (${NO_RECORDINGS})`, () => {});
else
	describe.each(RECORDINGS)('$name', (recording) => {
		const { bytes, openBytes, text } = recording;

		it('read in two pieces is the same wherever it is split', async () => {
			const whole = summary(await read(fetchOf([bytes])));
			expect(JSON.parse(whole)).toMatchObject({ text, isComplete: true, stop: recording.stop });
			// The next test splits at every byte at once.
			for (const place of places(recording, bytes.length < LARGE ? 29 : 997)) {
				const split = await read(fetchOf([bytes.subarray(0, place), bytes.subarray(place)]));
				if (summary(split) !== whole) expect.fail(`split at ${place}: ${summary(split)}`);
			}
		});

		it('read byte by byte is the same, and at no byte is more there than had come', async () => {
			let kept = '';
			const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
			const byteByByte = await read(fetchOf(single), (message) => {
				if (!message.text.startsWith(kept) || !text.startsWith(message.text)) expect.fail(`shows ${message.text}`);
				kept = message.text;
			});
			expect(summary(byteByByte)).toBe(summary(await read(fetchOf([bytes]))));
		});

		it.each(['ends', 'breaks'] as const)('cut at a byte where the stream %s is known to be cut', async (end) => {
			const every = bytes.length > LARGE ? 997 : end === 'breaks' ? 1 : 29;
			for (const place of places(recording, every)) {
				const { message, failure } = await read(fetchOf([bytes.subarray(0, place)], end));
				const isWhole = message.isComplete;
				const isSound =
					(isWhole ? place > openBytes : true) &&
					text.startsWith(message.text) &&
					// Before the end, an end without a failure is for the loop to see; a break is always said.
					(isWhole || end === 'ends' ? true : failure?.type === 'Cut') &&
					(failure === undefined || failure.type === 'Cut');
				if (!isSound) expect.fail(`cut at ${place}: ${JSON.stringify({ failure, isWhole, text: message.text })}`);
			}
		});
	});
