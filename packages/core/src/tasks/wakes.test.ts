import { describe, expect, test } from 'vitest';
import { fromUtf8 } from '../bytes.ts';
import type { WakeId } from '../ids.ts';
import { linkDocs } from '../testing/memory-docs.ts';
import { createTaskWorld, createWakeRelay, type TaskWorld, type WakeRelay } from '../testing/task-world.ts';
import { createWakeKeeper } from './wakes.ts';

/** Friday 20 November 2026, 11:00 in Athens. */
const NOW = '2026-11-20T09:00:00Z';

function start(world: TaskWorld, relay: WakeRelay) {
	const sync = relay.connect();
	return { keeper: createWakeKeeper({ ...world, files: world.space.files, sync }), sync };
}

async function world(at = NOW) {
	const made = await createTaskWorld({ now: at });
	const relay = createWakeRelay(made.clock);
	const remind = (text: string, when: string) =>
		made.tasks.schedule({ kind: 'reminder', text, when, line: 'chat' }, made.actor());
	return { ...made, relay, remind };
}

describe('wakes', () => {
	test('a reminder is put on the relay with its text sealed, a moment after it was made', async () => {
		const made = await world();
		using _ = start(made, made.relay).keeper;
		await made.remind('Call the dentist\nand ask about Friday', 'tomorrow at 9');
		await made.clock.advance(1_000);
		const [wake] = made.relay.wakes.values();
		const [task] = await made.tasks.list();
		expect(wake).toMatchObject({
			revision: task?.revision,
			recurrence: { type: 'once', at: Date.parse('2026-11-21T07:00:00Z') },
			ttlMs: 86_400_000,
		});
		expect(wake && JSON.parse(fromUtf8(wake.payload))).toMatchObject({
			v: 1,
			title: 'Call the dentist',
			body: 'and ask about Friday',
			file: task?.file,
			kind: 'reminder',
			line: 'chat',
			zone: 'Europe/Athens',
		});
	});

	test('what the relay has already is not sent again', async () => {
		const made = await world();
		const { keeper } = start(made, made.relay);
		using _ = keeper;
		await made.remind('a', 'tomorrow at 9');
		await keeper.reconcile();
		await keeper.reconcile();
		await made.clock.advance(60_000);
		expect(made.relay.calls).toHaveLength(1);
	});

	test('after a new epoch every wake is sealed again, once, by whichever device hears of it', async () => {
		const made = await world();
		const { keeper } = start(made, made.relay);
		using _ = keeper;
		await made.remind('a', 'tomorrow at 9');
		await made.remind('b', 'every day at 10');
		await keeper.reconcile();
		made.keys.rekey();
		await made.clock.advance(1_000);
		const epochs = [...made.relay.wakes.values()].map(({ payload }) => JSON.parse(fromUtf8(payload)).epoch);
		expect(epochs).toEqual([2, 2]);
		const calls = made.relay.calls.length;
		await keeper.reconcile();
		expect(made.relay.calls).toHaveLength(calls);
	});

	test('a new epoch heard of offline is caught up with after the connection, also by the next start', async () => {
		const made = await world();
		const first = start(made, made.relay);
		await made.remind('a', 'tomorrow at 9');
		await first.keeper.reconcile();
		first.sync.set({ online: false });
		made.keys.rekey();
		await made.clock.advance(1_000);
		first.keeper[Symbol.dispose]();
		using _ = start(made, made.relay).keeper;
		await made.clock.advance(1_000);
		const [wake] = made.relay.wakes.values();
		expect(wake && JSON.parse(fromUtf8(wake.payload))).toMatchObject({ epoch: 2 });
	});

	test('tasks made offline are put when the connection is back', async () => {
		const made = await world();
		const { keeper, sync } = start(made, made.relay);
		using _ = keeper;
		sync.set({ online: false });
		await made.remind('a', 'tomorrow at 9');
		await made.clock.advance(60_000);
		expect(made.relay.wakes.size).toBe(0);
		sync.set({ online: true });
		await made.clock.advance(0);
		expect(made.relay.wakes.size).toBe(1);
	});

	test('an edited task replaces its wake', async () => {
		const made = await world();
		using _ = start(made, made.relay).keeper;
		await made.remind('a', 'tomorrow at 9');
		await made.clock.advance(1_000);
		await made.space.files.edit({ path: 'tasks/a.md', old: 'T09:00', new: 'T10:00' }, made.actor());
		await made.clock.advance(1_000);
		expect([...made.relay.wakes.values()]).toMatchObject([{ recurrence: { at: Date.parse('2026-11-21T08:00:00Z') } }]);
	});

	test('a deleted, a moved and a silenced task lose their wakes, a broken one keeps it', async () => {
		const made = await world();
		using _ = start(made, made.relay).keeper;
		for (const name of ['deleted', 'moved', 'silenced', 'broken']) await made.remind(name, 'tomorrow at 9');
		await made.clock.advance(1_000);
		expect(made.relay.wakes.size).toBe(4);
		await made.space.files.remove('tasks/deleted.md', made.actor());
		await made.space.files.move({ from: 'tasks/moved.md', to: 'notes/moved.md' }, made.actor());
		await made.space.files.edit({ path: 'tasks/silenced.md', old: 'kind:', new: 'silent: true\nkind:' }, made.actor());
		const broken = await made.space.files.open('tasks/broken.md');
		if (!broken.ok) throw new Error(broken.error.type);
		broken.value.text.insert(0, 'oops');
		broken.value.flush();
		await made.clock.advance(1_000);
		const file = made.space.files.find('tasks/broken.md')?.id;
		expect([...made.relay.wakes.keys()]).toEqual([`wake-${file}`]);
	});

	test('a deletion is carried out also by a device that started after it', async () => {
		const made = await world();
		const first = start(made, made.relay);
		await made.remind('a', 'tomorrow at 9');
		await first.keeper.reconcile();
		first.keeper[Symbol.dispose]();
		await made.space.files.remove('tasks/a.md', made.actor());
		using _ = start(made, made.relay).keeper;
		await made.clock.advance(1_000);
		expect(made.relay.wakes.size).toBe(0);
	});

	test('a wake that no known file explains is left alone', async () => {
		const made = await world();
		const recurrence = { type: 'once', at: made.clock.now() + 3_600_000 } as const;
		const unknown = {
			id: 'wake-elsewhere' as WakeId,
			revision: 1,
			recurrence,
			ttlMs: 60_000,
			payload: new Uint8Array(8),
		};
		await made.relay.connect().wakes.put(unknown);
		const { keeper } = start(made, made.relay);
		using _ = keeper;
		await keeper.reconcile();
		expect([...made.relay.wakes.keys()]).toEqual(['wake-elsewhere']);
	});

	test('a device that is behind does not undo what a newer one set', async () => {
		const laptop = await world();
		await laptop.remind('a', 'tomorrow at 9');
		const phone = await createTaskWorld({ device: 'phone', clock: laptop.clock });
		linkDocs(laptop.docs, phone.docs).flush();
		const onLaptop = start(laptop, laptop.relay).keeper;
		using _a = onLaptop;
		await laptop.clock.advance(1_000);
		await laptop.space.files.edit({ path: 'tasks/a.md', old: 'T09:00', new: 'T10:00' }, laptop.actor());
		await laptop.clock.advance(1_000);
		const onPhone = start(phone, laptop.relay).keeper;
		using _b = onPhone;
		await onPhone.reconcile();
		expect([...laptop.relay.wakes.values()]).toMatchObject([
			{ recurrence: { at: Date.parse('2026-11-21T08:00:00Z') } },
		]);
	});

	test('a moment that has come is not put again', async () => {
		const made = await world();
		await made.remind('a', 'in 20 minutes');
		made.clock.jump(3_600_000);
		const { keeper } = start(made, made.relay);
		using _ = keeper;
		await keeper.reconcile();
		expect(made.relay.calls).toEqual([]);
	});

	test('a push of an interval is of no use once the next is due', async () => {
		const made = await world();
		await made.tasks.schedule({ kind: 'reminder', text: 'stretch', every: 'every 30 minutes' }, made.actor());
		const { keeper } = start(made, made.relay);
		using _ = keeper;
		await keeper.reconcile();
		expect([...made.relay.wakes.values()]).toMatchObject([{ ttlMs: 1_800_000 }]);
	});
});
