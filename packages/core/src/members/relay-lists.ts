import type { Bytes } from '../bytes.ts';
import { readDeviceList } from '../protocol/device-list.ts';
import type { RelayMessage } from '../protocol/messages.ts';
import { err, ok, type Result } from '../result.ts';
import { readNewest } from './create-member-keys.ts';
import type { MemberKeys, TakeError } from './member-keys.ts';
import type { MemberSession } from './member-session.ts';
import type { MembersError } from './members.ts';
import type { SignedList } from './removal.ts';

/** The newest list leaves this device out. */
export interface IsRemoved {
	readonly type: 'Removed';
}

/** The newest version known here; kept lists can always be read. */
export function newestOf(keys: MemberKeys): SignedList {
	const list = readNewest(keys.lists);
	const bytes = keys.lists.at(-1);
	if (!list.ok || !bytes) throw new Error('kept lists that cannot be read');
	return { list: list.value, bytes };
}

/**
 * Brings both to the same chain: takes versions that the relay has and we do not, and puts those that it lacks. Also
 * fetches the versions before ours, where this device holds only the newest. `Removed` when the newest leaves us out.
 */
export async function levelLists(
	keys: MemberKeys,
	session: MemberSession,
): Promise<Result<void, MembersError | IsRemoved>> {
	const fetched = await fetchLists(keys, session);
	if (!fetched.ok) return fetched;
	const first = readDeviceList(keys.lists[0] ?? new Uint8Array(0));
	if (!first.ok) throw new Error('kept lists that cannot be read');
	for (const [index, bytes] of keys.lists.entries()) {
		if (first.value.version + index <= session.listVersion) continue;
		const put = await putList(session, bytes);
		if (!put.ok) return put;
		// Somebody else brought it meanwhile: what they brought is held against ours.
		if (put.value === 'conflict') return fetchLists(keys, session, 0);
	}
	return ok();
}

/** Takes the versions behind ours. The relay's version of our number comes along, so that a fork is noticed (SY16). */
export async function fetchLists(
	keys: MemberKeys,
	session: MemberSession,
	after: number = keys.version - 1,
): Promise<Result<void, MembersError | IsRemoved>> {
	const oldest = readDeviceList(keys.lists[0] ?? new Uint8Array(0));
	const isWhole = oldest.ok && oldest.value.version === 1;
	const answer = await session.ask({ type: 'list-get', after: isWhole ? after : 0 });
	if (!answer.ok) return answer;
	if (answer.value.type !== 'lists') return unexpected(answer.value);
	return describeTaken(await keys.take(answer.value.lists));
}

/** Offers the next version. `Removed`: this one or another that leaves this device out is what the relay has. */
export async function putList(
	session: MemberSession,
	list: Bytes,
): Promise<Result<'kept' | 'conflict', MembersError | IsRemoved>> {
	const answer = await session.ask({ type: 'list-put', list });
	if (!answer.ok) return answer;
	if (answer.value.type === 'list-kept') return ok('kept');
	if (answer.value.type !== 'error') return unexpected(answer.value);
	if (answer.value.code === 'list-conflict') return ok('conflict');
	return answer.value.code === 'not-a-device' ? err({ type: 'Removed' }) : unexpected(answer.value);
}

/** Errors after which the same question may be answered otherwise. */
const PASSING: readonly string[] = ['rate', 'internal', 'quota'];

/** An error of the relay, or an answer to something else. */
export function unexpected(answer: RelayMessage): Result<never, MembersError> {
	if (answer.type !== 'error') {
		return err({ type: 'NoRelay', reason: 'The relay answered something else than was asked.' });
	}
	const type = PASSING.includes(answer.code) ? 'NoRelay' : 'Refused';
	return err({ type, reason: answer.message });
}

/** What became of lists that the relay sent, with a sentence. */
export function describeTaken(taken: Result<void, TakeError>): Result<void, MembersError | IsRemoved> {
	if (taken.ok) return taken;
	const { error } = taken;
	switch (error.type) {
		case 'QuotaExceeded':
		case 'CorruptRow':
		case 'StoreUnavailable':
		case 'Removed':
			return err(error);
		case 'NewerForm':
			return err({ type: 'Refused', reason: error.reason });
		case 'BadBox':
			return refused('The list of devices holds no key for this device that it can open.');
		case 'BrokenListChain':
		case 'WrongVersion':
			return refused(
				'The relay shows another list of devices than the one this device knows. Nothing was taken from it.',
			);
		default:
			return refused('The list of devices that the relay keeps was not signed by this space.');
	}
}

function refused(reason: string): Result<never, MembersError> {
	return err({ type: 'Refused', reason });
}
