import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import type { Bytes } from '../bytes.ts';

type Struct = ReturnType<typeof Y.decodeUpdate>['structs'][number];
type Deletions = ReturnType<typeof Y.decodeUpdate>['ds'];

/**
 * Divides a Yjs update (V1 encoding) into some of about `bytes` each, that together are the same. One value that is
 * larger by itself stays whole; all deletions are in the last.
 */
export function splitUpdate(update: Bytes, bytes: number): readonly Bytes[] {
	if (update.length <= bytes) return [update];
	const { structs, ds } = Y.decodeUpdate(update);
	const parts: Struct[][] = [];
	let size = Number.POSITIVE_INFINITY;
	for (const struct of structs.flatMap((each) => divide(each, bytes))) {
		const weight = weigh(struct);
		if (size + weight > bytes) {
			parts.push([]);
			size = 0;
		}
		size += weight;
		parts.at(-1)?.push(struct);
	}
	return [...parts.map((part) => encode(part)), encode([], ds)];
}

/** Yjs makes one struct of what a client wrote in a row, a whole month of records perhaps: it comes apart between values. */
function divide(struct: Struct, bytes: number): readonly Struct[] {
	if (!(struct instanceof Y.Item) || struct.length < 2 || weigh(struct) <= bytes) return [struct];
	const { id, origin, rightOrigin, parent, parentSub, content } = struct;
	const at = middleOf(content);
	if (at === undefined) return [struct];
	const { client, clock } = id;
	const behind = content.splice(at);
	const last = Y.createID(client, clock + at - 1);
	const front = new Y.Item(id, null, origin, null, rightOrigin, parent, parentSub, content);
	const rest = new Y.Item(Y.createID(client, clock + at), null, last, null, rightOrigin, parent, parentSub, behind);
	return [...divide(front, bytes), ...divide(rest, bytes)];
}

/** Where content may be divided; undefined for what is one value. */
function middleOf(content: Y.Item['content']): number | undefined {
	const middle = content.getLength() >> 1;
	if (content instanceof Y.ContentAny || content instanceof Y.ContentJSON) return middle;
	if (!(content instanceof Y.ContentString)) return undefined;
	// Yjs puts a replacement mark for either half of a character that is cut.
	const isCut = /[\uD800-\uDBFF]/.test(content.str.charAt(middle - 1));
	const at = isCut ? middle + 1 : middle;
	return at < content.getLength() ? at : undefined;
}

function weigh(struct: Struct): number {
	const encoder = new Y.UpdateEncoderV1();
	struct.write(encoder, 0);
	return encoder.toUint8Array().length;
}

/** As Yjs does it: the clients' structs, each in one run, then the deletions. */
function encode(structs: readonly Struct[], deletions?: Deletions): Bytes {
	const encoder = new Y.UpdateEncoderV1();
	const runs = runsOf(structs);
	encoding.writeVarUint(encoder.restEncoder, runs.length);
	for (const run of runs) {
		encoding.writeVarUint(encoder.restEncoder, run.structs.length);
		encoder.writeClient(run.client);
		encoding.writeVarUint(encoder.restEncoder, run.clock);
		for (const struct of run.structs) struct.write(encoder, 0);
	}
	const clients = deletions?.clients ?? new Map();
	encoding.writeVarUint(encoder.restEncoder, clients.size);
	for (const [client, ranges] of deletions?.clients ?? []) {
		encoder.resetDsCurVal();
		encoding.writeVarUint(encoder.restEncoder, client);
		encoding.writeVarUint(encoder.restEncoder, ranges.length);
		for (const { clock, len } of ranges) {
			encoder.writeDsClock(clock);
			encoder.writeDsLen(len);
		}
	}
	return new Uint8Array(encoder.toUint8Array());
}

interface Run {
	readonly client: number;
	readonly clock: number;
	readonly structs: Struct[];
}

/** Those of one client stand together, in the order of their clocks. */
function runsOf(structs: readonly Struct[]): readonly Run[] {
	const runs: Run[] = [];
	for (const struct of structs) {
		const { client, clock } = struct.id;
		const last = runs.at(-1);
		if (last?.client === client) last.structs.push(struct);
		else runs.push({ client, clock, structs: [struct] });
	}
	return runs;
}
