import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Real answers of the API, recorded by public projects. They lie beside the repository and are not part of it. */
const FOLDER = new URL('../../../../../../shared/streams/', import.meta.url);

/** A recorded answer, read without any of our own code. */
export interface RecordedStream {
	readonly name: string;
	readonly bytes: Uint8Array<ArrayBuffer>;
	/** Up to here the answer is not whole: what follows says how it stopped. */
	readonly openBytes: number;
	/** Where each event ends, the empty line behind it included. */
	readonly eventEnds: readonly number[];
	/** What a person would have seen. */
	readonly text: string;
	readonly stop: string;
}

/** All recordings; none when the folder is not there. */
export function readRecordedStreams(): readonly RecordedStream[] {
	const names = existsSync(FOLDER) ? readdirSync(FOLDER).filter((name) => name.endsWith('.sse')) : [];
	return names.map((name) => {
		const bytes = Buffer.from(readFileSync(new URL(name, FOLDER)));
		const events = bytes
			.toString('utf8')
			.split(/\r?\n/)
			.filter((line) => line.startsWith('data:'))
			.map((line) => JSON.parse(line.slice(5)));
		const text = events.map((event) => event.delta?.text ?? event.content_block?.text ?? '').join('');
		const stop = events.findLast((event) => event.type === 'message_delta').delta.stop_reason;
		const openBytes = bytes.lastIndexOf('event: message_delta');
		return { name, bytes: new Uint8Array(bytes), openBytes, eventEnds: eventEndsOf(bytes), text, stop };
	});
}

/** Said once where tests of recordings are skipped. */
export const NO_RECORDINGS = 'skipped: there is no folder shared/streams beside the repository';

function eventEndsOf(bytes: Buffer): readonly number[] {
	const ends: number[] = [];
	for (let at = bytes.indexOf('\n\n'); at !== -1; at = bytes.indexOf('\n\n', at + 1)) ends.push(at + 2);
	return ends;
}

/** A `fetch` that answers with a stream of these pieces, which then ends, or breaks as a lost connection does. */
export function fetchOf(pieces: readonly Uint8Array<ArrayBuffer>[], end: 'ends' | 'breaks' = 'ends'): typeof fetch {
	return async () => {
		const left = [...pieces];
		const body = new ReadableStream<Uint8Array>({
			pull(controller) {
				const piece = left.shift();
				if (piece) controller.enqueue(piece);
				else if (end === 'ends') controller.close();
				else controller.error(new TypeError('network error'));
			},
		});
		return new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } });
	};
}
