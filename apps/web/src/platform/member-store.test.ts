import 'fake-indexeddb/auto';
import { once } from 'node:events';
import type { PersonId } from '@pocketeer/core/ids';
import { createMemberKeys } from '@pocketeer/core/members/create-member-keys';
import { foundSpace } from '@pocketeer/core/members/space-identity';
import { createSeededRandom } from '@pocketeer/core/testing/seeded-random';
import { createTestClock } from '@pocketeer/core/testing/test-clock';
import { expect, it } from 'vitest';
import { memberStateOf, openDeviceDb } from './device-db.ts';
import { createMemberStore } from './member-store.ts';

it('tells every tab what one of them kept, and nobody when nothing changed', async () => {
	const founded = await foundSpace({ clock: createTestClock(), random: createSeededRandom(1) });
	const known = {
		id: founded.spaceId,
		person: 'me' as PersonId,
		identity: founded.identity,
		ring: founded.keyRing,
		list: founded.deviceList,
		since: 1,
	};
	const opened = await openDeviceDb('members');
	if (!opened.ok) throw new Error(opened.error.type);
	using db = opened.value;
	await db.keepSpace(known, { makeCurrent: true });
	using one = createMemberStore(db, known.id);
	using other = createMemberStore(db, known.id);
	using keys = createMemberKeys({ memberStore: other }, { ...founded, state: memberStateOf(known) });
	expect(keys.version).toBe(1);

	const heard = new EventTarget();
	let count = 0;
	using _ = other.subscribe(() => {
		count++;
		heard.dispatchEvent(new Event('kept'));
	});
	const told = once(heard, 'kept');
	expect(await one.keep((present) => present)).toEqual({ ok: true });
	expect(await one.keep((present) => ({ ...present, unconfirmed: [founded.identity.id] }))).toEqual({ ok: true });
	await told;
	expect(count).toBe(1);
	expect(await other.read()).toMatchObject({
		value: { lists: [founded.deviceList], unconfirmed: [founded.identity.id] },
	});
});
