import { type Bytes, equalBytes } from '../bytes.ts';
import { type DeviceList, readDeviceList, verifyDeviceList } from '../protocol/device-list.ts';
import type { ClientMessage, ErrorCode } from '../protocol/messages.ts';
import type { RelaySpace } from './memory-relay.ts';
import type { RelayScene } from './memory-relay-log.ts';

/**
 * Takes the versions of `auth` that are new here, each verified against the one before: they prove themselves, whoever
 * brings them. `taken` hears of each; a code refuses.
 */
export async function takeLists(
	space: RelaySpace,
	auth: ClientMessage & { type: 'auth' },
	taken: (list: DeviceList) => void,
): Promise<ErrorCode | undefined> {
	for (const bytes of auth.lists) {
		const read = readDeviceList(bytes);
		if (!read.ok) return 'malformed';
		if (read.value.version <= space.lists.length) continue;
		const list = await verifyDeviceList({ bytes, previous: space.lists.at(-1) });
		if (!list.ok || list.value.space !== auth.space) return 'bad-signature';
		space.lists.push(bytes);
		taken(list.value);
	}
	return undefined;
}

/** Answers `list-put`; `taken` hears of what was taken. */
export async function putList(
	{ member, space, refuse }: RelayScene,
	bytes: Bytes,
	taken: (list: DeviceList) => void,
): Promise<void> {
	const previous = space.lists.at(-1);
	const list = await verifyDeviceList({ bytes, previous });
	if (list.ok) {
		space.lists.push(bytes);
		member.send({ type: 'list-kept', version: list.value.version });
		taken(list.value);
	} else if (previous && equalBytes(previous, bytes)) {
		// The very same once more: its answer was lost.
		member.send({ type: 'list-kept', version: space.lists.length });
	} else {
		const isLate = list.error.type === 'WrongVersion' || list.error.type === 'BrokenListChain';
		refuse(isLate ? 'list-conflict' : 'bad-signature', '');
	}
}
