import { unreachable } from '../result.ts';
import { LIMITS } from './limits.ts';
import type { Wake } from './messages.ts';
import type { Recurrence } from './recurrence.ts';
import { type FrameReader, type FrameWriter, MalformedFrame } from './wire.ts';

const RECURRENCE_TYPE = { once: 0, cron: 1, interval: 2 } as const;
const MAX_CRON = 256;
const MAX_ZONE = 64;

/** Appends a wake to a frame. */
export function writeWake(to: FrameWriter, wake: Wake): void {
	to.id(wake.id);
	to.uint(wake.revision);
	writeRecurrence(to, wake.recurrence);
	to.uint(wake.ttlMs);
	to.bytes(wake.payload);
}

/** Takes a wake from a frame: the fields only; whether they make a wake is for the relay to say. */
export function readWake(from: FrameReader): Wake {
	return {
		id: from.id(),
		revision: from.uint(),
		recurrence: readRecurrenceFields(from),
		ttlMs: from.uint(),
		// Larger than LIMITS.wakePayload, so that the relay can answer with a sentence instead of hanging up.
		payload: from.bytes(LIMITS.frameBeforeReady),
	};
}

function writeRecurrence(to: FrameWriter, recurrence: Recurrence): void {
	to.uint(RECURRENCE_TYPE[recurrence.type]);
	switch (recurrence.type) {
		case 'once':
			to.uint(recurrence.at);
			break;
		case 'cron':
			to.text(recurrence.cron);
			to.text(recurrence.zone);
			writeUntil(to, recurrence.until);
			break;
		case 'interval':
			to.uint(recurrence.intervalMs);
			to.uint(recurrence.anchor);
			writeUntil(to, recurrence.until);
			break;
		default:
			unreachable(recurrence);
	}
}

/** The fields only; whether they make a schedule is for `readRecurrence` to say. */
function readRecurrenceFields(from: FrameReader): Recurrence {
	const type = from.uint();
	switch (type) {
		case RECURRENCE_TYPE.once:
			return { type: 'once', at: from.uint() };
		case RECURRENCE_TYPE.cron:
			return { type: 'cron', cron: from.text(MAX_CRON), zone: from.text(MAX_ZONE), until: readUntil(from) };
		case RECURRENCE_TYPE.interval:
			return { type: 'interval', intervalMs: from.uint(), anchor: from.uint(), until: readUntil(from) };
		default:
			throw new MalformedFrame(`recurrence type ${type} is unknown`);
	}
}

function writeUntil(to: FrameWriter, until: number | null): void {
	to.flag(until !== null);
	if (until !== null) to.uint(until);
}

function readUntil(from: FrameReader): number | null {
	return from.flag() ? from.uint() : null;
}
