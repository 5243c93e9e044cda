import type { Bytes } from '../bytes.ts';
import { verifyDeletion } from '../protocol/deletion.ts';
import { readDeviceList } from '../protocol/device-list.ts';
import type { SyncStatus } from './sync.ts';

/** What is known of a deletion that the relay shows a statement for, held against the newest list known here. */
export async function readStatement(statement: Bytes, lists: readonly Bytes[]): Promise<SyncStatus['deleted']> {
	const list = readDeviceList(lists.at(-1) ?? new Uint8Array(0));
	const verified = list.ok ? await verifyDeletion({ statement, list: list.value }) : undefined;
	return { statement, isProven: verified?.ok === true };
}
