import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Real answers of the API, recorded by public projects. They lie beside the repository and are not part of it. */
const FOLDER = new URL('../../../shared/streams/', import.meta.url);

/** A recorded answer, read without any of our own code. */
export interface Recording {
	readonly name: string;
	readonly bytes: Uint8Array;
	/** Texts of the answer, block by block. */
	readonly texts: readonly string[];
	/** Thinking that has words, block by block. */
	readonly thinking: readonly string[];
	/** Calls of tools, ours and those that run at the provider, by name; one cut within its input is no call. */
	readonly tools: readonly string[];
	/** Addresses that the texts cite, each once. */
	readonly sources: readonly string[];
	readonly stop: string;
}

interface Block {
	readonly type: string;
	readonly name: string;
	text: string;
	thinking: string;
	input: string;
}

/** All recordings; none when the folder is not there. */
export function readRecordings(): readonly Recording[] {
	if (!existsSync(FOLDER)) return [];
	return readdirSync(FOLDER)
		.filter((name) => name.endsWith('.sse'))
		.map(readRecording);
}

function readRecording(name: string): Recording {
	const bytes = readFileSync(new URL(name, FOLDER));
	const blocks: Block[] = [];
	const sources = new Set<string>();
	let stop = '';
	for (const line of bytes.toString('utf8').split(/\r?\n/)) {
		if (!line.startsWith('data:')) continue;
		const { type, content_block: block, delta } = JSON.parse(line.slice(5));
		const last = blocks.at(-1);
		if (type === 'content_block_start') {
			const { type: kind, name: tool = '', text = '', thinking = '' } = block;
			blocks.push({ type: kind, name: tool, text, thinking, input: '' });
		} else if (type === 'content_block_delta' && last) {
			last.text += delta.text ?? '';
			last.thinking += delta.thinking ?? '';
			last.input += delta.partial_json ?? '';
			if (delta.citation?.url) sources.add(delta.citation.url);
		} else if (type === 'message_delta') {
			stop = delta.stop_reason;
		}
	}
	return {
		name: name.replace(/\.sse$/, ''),
		bytes,
		texts: blocks.map((block) => block.text).filter(Boolean),
		thinking: blocks.map((block) => block.thinking).filter(Boolean),
		tools: blocks.filter(isWholeCall).map((block) => block.name),
		sources: [...sources],
		stop,
	};
}

function isWholeCall({ type, input }: Block): boolean {
	if (!/^(server_)?tool_use$/.test(type)) return false;
	try {
		JSON.parse(input || '{}');
		return true;
	} catch {
		return false;
	}
}

/** Pieces of a markdown text that a person reads just so, whatever the marks around them become. */
export function readablePieces(markdown: string): readonly string[] {
	return markdown
		.split(/[*_`#|\n[\]()]+|^[-\d]+[ .]|-{3,}/)
		.map((piece) => piece.replace(/^[-\s]+/, '').trim())
		.filter((piece) => /\p{L}/u.test(piece));
}
