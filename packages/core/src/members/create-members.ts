import type { DeviceIdentity } from '../crypto/device-keys.ts';
import { createEmitter } from '../emitter.ts';
import type { DeviceId, SpaceId } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { LogDep } from '../ports/log.ts';
import type { RandomDep } from '../ports/random.ts';
import type { DialerDep } from '../ports/socket.ts';
import { encodeDeletion } from '../protocol/deletion.ts';
import { err, ok, type Result } from '../result.ts';
import { withoutUnconfirmed } from './add-device.ts';
import { createRemovals } from './carry-removal.ts';
import type { MemberKeys } from './member-keys.ts';
import { type MemberSession, type MemberSessionError, openMemberSession, signAs } from './member-session.ts';
import type { MemberState, MemberStoreDep } from './member-store.ts';
import type { MemberDevice, Members, MembersError, RelayState } from './members.ts';
import { createPairingHost } from './pairing-host.ts';
import { type IsRemoved, levelLists, newestOf, unexpected } from './relay-lists.ts';

export interface MembersOptions {
	readonly spaceId: SpaceId;
	readonly identity: DeviceIdentity;
	/** Origin of the relay, such as `https://relay.example`. */
	readonly relayUrl: string;
	/** Token for a relay that asks for one when a space is new to it. */
	readonly invite?: string | undefined;
	/** As read at the start; what changes later is read anew. */
	readonly state: MemberState;
}

export interface MembersDeps extends ClockDep, RandomDep, DialerDep, LogDep, MemberStoreDep {
	readonly keys: MemberKeys;
}

type Step = Result<void, MembersError>;

/** The members of one space, over `keys` and their store. Dispose of it when the space closes. */
export function createMembers(deps: MembersDeps, options: MembersOptions): Members & Disposable {
	const { keys, memberStore } = deps;
	const { identity, spaceId } = options;
	const self = { type: 'device', spaceId, identity, lists: () => keys.lists } as const;
	const removals = createRemovals({ ...deps, openSession: open }, { spaceId, identity });
	const changed = createEmitter<void>();
	let notes: Pick<MemberState, 'removal' | 'unconfirmed'> = options.state;
	let queue: Promise<unknown> = Promise.resolve();
	const subscriptions = [memberStore.subscribe(() => void readNotes()), keys.subscribe(() => changed.emit())];

	return {
		devices,
		subscribe: (listener) => changed.subscribe(listener),
		relayState: () =>
			withSession(async (session) => {
				const level = plainly(await levelLists(keys, session));
				return level.ok ? relayState(session) : level;
			}),
		remove(device) {
			if (device === identity.id) return refusedLater('A device takes itself out by leaving.');
			return inTurn(() => removeDevices([device]));
		},
		leave: () => inTurn(() => removeDevices([identity.id])),
		resume: () => inTurn(() => removals.carryOn()),
		invite: (invitation) =>
			createPairingHost(
				{ ...deps, openSession: async () => plainly(await open()) },
				{ ...invitation, spaceId, identity, level: async (session) => plainly(await levelLists(keys, session)) },
			),
		deleteAtRelay: () => inTurn(deleteAtRelay),
		[Symbol.dispose]() {
			for (const subscription of subscriptions) subscription[Symbol.dispose]();
		},
	};

	function devices(): readonly MemberDevice[] {
		return newestOf(keys).list.devices.map(({ id, added }) => ({
			id,
			added,
			isThis: id === identity.id,
			isUnconfirmed: notes.unconfirmed?.includes(id) ?? false,
			isBeingRemoved: notes.removal?.devices.includes(id) ?? false,
		}));
	}

	async function readNotes(): Promise<void> {
		const read = await memberStore.read();
		if (!read.ok) return;
		notes = read.value;
		changed.emit();
	}

	async function relayState(session: MemberSession): Promise<Result<RelayState, MembersError>> {
		const answer = await session.ask({ type: 'space-get' });
		if (!answer.ok) return answer;
		if (answer.value.type !== 'space-state') return unexpected(answer.value);
		const { usedBytes, limitBytes } = answer.value;
		const seenByDevice = new Map(answer.value.devices.map(({ id, seen }) => [id, seen]));
		const arrived = notes.unconfirmed?.filter((id) => (seenByDevice.get(id) ?? 0) > 0) ?? [];
		// A device that connected is in, whatever became of its last word.
		if (arrived.length > 0) await memberStore.keep((present) => withoutUnconfirmed(present, arrived));
		return ok({ seenByDevice, usedBytes, limitBytes });
	}

	async function removeDevices(wanted: readonly DeviceId[]): Promise<Step> {
		const { list } = newestOf(keys);
		if (!wanted.every((id) => list.devices.some((device) => device.id === id))) {
			// It came in after we heard of the list, or is out already.
			const level = await withSession(async (session) => plainly(await levelLists(keys, session)));
			if (!level.ok) return level;
		}
		const begun = await removals.begin(wanted);
		return begun.ok ? removals.carryOn() : begun;
	}

	async function deleteAtRelay(): Promise<Step> {
		const session = await connect();
		if (!session.ok) {
			const isDeleted = session.error.type === 'Refused' && session.error.code === 'deleted';
			return isDeleted ? ok() : plainly(err(sentenceOf(session.error)));
		}
		using opened = session.value;
		return await deleteSpace(opened);
	}

	async function deleteSpace(session: MemberSession): Promise<Step> {
		const statement = await encodeDeletion({ v: 1, space: spaceId, at: deps.clock.now(), by: identity.id }, (bytes) =>
			signAs(identity, bytes),
		);
		const answer = await session.ask({ type: 'space-delete', statement });
		if (!answer.ok) return answer;
		return answer.value.type === 'space-deleted' ? ok() : unexpected(answer.value);
	}

	async function withSession<T>(
		work: (session: MemberSession) => Promise<Result<T, MembersError>>,
	): Promise<Result<T, MembersError>> {
		const session = await open();
		if (!session.ok) return plainly(session);
		using opened = session.value;
		return await work(opened);
	}

	async function open(): Promise<Result<MemberSession, MembersError | IsRemoved>> {
		const session = await connect();
		return session.ok ? session : err(sentenceOf(session.error));
	}

	function connect(): ReturnType<typeof openMemberSession> {
		const { relayUrl, invite } = options;
		return openMemberSession(deps, { relayUrl, self, invite });
	}

	/** One change after the other, within this tab; those of other tabs meet as conflicts at the relay. */
	function inTurn(work: () => Promise<Step>): Promise<Step> {
		const turn = queue.then(work);
		queue = turn.catch(() => undefined);
		return turn;
	}
}

const REMOVED = 'This device was removed from the space.';

function plainly<T>(result: Result<T, MembersError | IsRemoved>): Result<T, MembersError> {
	if (result.ok) return result;
	return result.error.type === 'Removed' ? err({ type: 'Refused', reason: REMOVED }) : err(result.error);
}

function sentenceOf(error: MemberSessionError): MembersError | IsRemoved {
	switch (error.type) {
		case 'NoRelay':
			return error;
		case 'NoSuchSpace':
			return { type: 'Refused', reason: 'The relay does not have this space and does not take it.' };
		case 'Refused':
			return error.code === 'not-a-device' ? { type: 'Removed' } : { type: 'Refused', reason: error.reason };
	}
}

function refusedLater(reason: string): Promise<Step> {
	return Promise.resolve(err({ type: 'Refused', reason }));
}
