import type { Bytes } from '../bytes.ts';
import type { DeviceId } from '../ids.ts';
import type { MemberKeys, TakeError } from '../members/member-keys.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { LogDep } from '../ports/log.ts';
import { readDeviceList } from '../protocol/device-list.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { ErrorCode } from '../protocol/messages.ts';
import { unreachable } from '../result.ts';
import type { Refusal } from './connection.ts';
import type { Requests } from './requests.ts';
import { REMOVED } from './session.ts';

/** Keeps the chain of device lists known here and the relay's the same (SY16). */
export interface ListExchange extends Disposable {
	/** What goes along with the next `auth`. */
	readonly offer: readonly Bytes[];
	/** The relay does not know us: whether it lacks lists that would tell it, which are offered next. */
	appeals(code: ErrorCode): boolean;
	/** A session began with a relay whose newest list is of this version. */
	ready(listVersion: number): void;
	/** The relay has a newer list, or says that our epoch is over: asks for what is new. */
	refresh(): void;
}

export interface ListExchangeOptions {
	readonly keys: MemberKeys;
	readonly device: DeviceId;
	readonly requests: Pick<Requests, 'getLists' | 'putList'>;
	/** Nothing is exchanged any more, until a person looks into it. */
	refused(refusal: Refusal): void;
}

/** What travels with `auth`: it stays well below the largest frame before `ready`. */
const MOST_OFFERED_BYTES = Math.min(200_000, LIMITS.frameBeforeReady);
/** After this device's disk refused a list. */
const RETRY_MS = 30_000;

/** Makes the exchange of one tab that leads. */
export function createListExchange(deps: ClockDep & LogDep, options: ListExchangeOptions): ListExchange {
	const { keys, device, requests } = options;
	// A space that was just founded is not known to any relay yet: asking first would cost a connection.
	let offer: readonly Bytes[] = keys.version === 1 ? keys.lists : [];
	let isAsking = false;
	let isAskedAgain = false;
	let hasAskedAll = false;
	let retry: Disposable | undefined;
	let isOver = false;

	return {
		get offer() {
			return offer;
		},
		appeals(code) {
			const canTell = code === 'not-a-device' || (code === 'unknown-space' && !isLate());
			if (!canTell || !isListed()) return false;
			// A relay that knows nothing needs the beginning, one that was set back the end.
			offer = code === 'unknown-space' ? oldestThatFit(keys.lists) : newestThatFit(keys.lists);
			return true;
		},
		ready(listVersion) {
			offer = [];
			if (listVersion > keys.version || isLate()) refresh();
			if (listVersion < keys.version && isListed()) void bring(listVersion);
		},
		refresh,
		[Symbol.dispose]() {
			isOver = true;
			retry?.[Symbol.dispose]();
		},
	};

	/** A relay that was restored from an older copy gets what it lacks, one version after the other. */
	async function bring(listVersion: number): Promise<void> {
		for (const bytes of keys.lists) {
			const list = readDeviceList(bytes);
			if (!list.ok || list.value.version <= listVersion) continue;
			const put = await requests.putList(bytes);
			if (put.ok) continue;
			// Another device was faster, or the relay went another way meanwhile: what it has says which.
			if (put.error.type === 'Refused') refresh();
			return;
		}
	}

	function refresh(): void {
		isAskedAgain = true;
		if (!isAsking) void fetch();
	}

	async function fetch(): Promise<void> {
		isAsking = true;
		while (isAskedAgain && !isOver) {
			isAskedAgain = false;
			const { version } = keys;
			const answer = await requests.getLists(isLate() && !hasAskedAll ? 0 : version);
			if (!answer.ok || isOver) break;
			hasAskedAll = true;
			const taken = await keys.take(answer.value);
			if (!taken.ok) refused(taken.error);
			// There may be more than a relay tells at once.
			else if (keys.version > version) isAskedAgain = true;
		}
		isAsking = false;
	}

	function refused(error: TakeError): void {
		deps.log.warn('sync.list-refused', { error: error.type });
		switch (error.type) {
			case 'Removed':
				options.refused(REMOVED);
				return;
			case 'QuotaExceeded':
			case 'CorruptRow':
			case 'StoreUnavailable':
				retry?.[Symbol.dispose]();
				retry = deps.clock.setTimer(RETRY_MS, refresh);
				return;
			// What was sealed under keys that this build cannot learn of waits, and says so where it does.
			case 'NewerForm':
			case 'BadBox':
				return;
			case 'MalformedList':
			case 'WrongSpace':
			case 'WrongVersion':
			case 'BrokenListChain':
			case 'ChangedKey':
			case 'SignerNotAllowed':
			case 'BadListSignature':
				options.refused(OTHER_LIST);
				return;
			default:
				unreachable(error);
		}
	}

	/** A device that was paired holds the newest lists only; with all of them it can found the space at another relay. */
	function isLate(): boolean {
		const oldest = readDeviceList(keys.lists[0] ?? new Uint8Array(0));
		return oldest.ok && oldest.value.version > 1;
	}

	function isListed(): boolean {
		const list = readDeviceList(keys.lists.at(-1) ?? new Uint8Array(0));
		return list.ok && list.value.devices.some(({ id }) => id === device);
	}
}

const OTHER_LIST: Refusal = {
	type: 'Refused',
	code: 'list-conflict',
	reason:
		'The relay shows a list of devices that does not continue the one this device knows. Nothing is exchanged with it. What is here stays here.',
};

function oldestThatFit(lists: readonly Bytes[]): readonly Bytes[] {
	let sum = 0;
	const end = lists.findIndex(({ length }) => {
		sum += length;
		return sum > MOST_OFFERED_BYTES;
	});
	return end < 0 ? lists : lists.slice(0, end);
}

function newestThatFit(lists: readonly Bytes[]): readonly Bytes[] {
	return oldestThatFit(lists.toReversed()).toReversed();
}
