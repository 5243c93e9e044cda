import type { DeviceId, PersonId } from '@pocketeer/core/ids';
import type { MemberDevice } from '@pocketeer/core/members/members';
import { describe, expect, it } from 'vitest';
import { deviceIcon, deviceRows } from './device-rows.ts';

const NOW = Date.UTC(2026, 10, 20, 9, 0);
const self = { device: 'laptop' as DeviceId, person: 'me' as PersonId };
const device = (id: string, change: Partial<MemberDevice> = {}): MemberDevice => ({
	id: id as DeviceId,
	added: NOW - 86_400_000,
	isThis: id === self.device,
	isUnconfirmed: false,
	isBeingRemoved: false,
	...change,
});
const directory = (people: Readonly<Record<string, string>>, names: Readonly<Record<string, string>> = {}) => ({
	people: () => [{ id: 'eleni' as PersonId, name: 'Eleni' }],
	devices: () =>
		Object.entries(people).map(([id, person]) => ({
			id: id as DeviceId,
			name: names[id] ?? '',
			person: person as PersonId,
		})),
});
const rows = (
	devices: readonly MemberDevice[],
	known: ReturnType<typeof directory>,
	seen: Readonly<Record<string, number>> = {},
) =>
	deviceRows({
		devices,
		directory: known,
		self,
		relay: { seenByDevice: new Map(Object.entries(seen) as [DeviceId, number][]), usedBytes: 0, limitBytes: 1 },
		now: NOW,
		zone: 'Europe/Athens',
	});

describe('the devices of a space', () => {
	it('begin with this one and say when each was there, as far as the relay knows', () => {
		const list = rows(
			[device('phone'), device('old'), device('laptop')],
			directory({ laptop: 'me', phone: 'me' }, { laptop: 'Firefox on Linux', phone: 'Chrome on Android' }),
			{ phone: NOW - 2 * 3_600_000, laptop: NOW, old: 0 },
		);
		expect(list).toMatchObject([
			{ name: 'Firefox on Linux', icon: 'laptop', isThis: true, seen: 'Now', added: '19 November 2026, 11:00' },
			{ name: 'Chrome on Android', icon: 'smartphone', isThis: false, isOwn: true, seen: '2 hours ago' },
			{ name: 'Unnamed device', icon: 'globe', isOwn: false, seen: 'Not known' },
		]);
		expect(list.every(({ person }) => person === undefined)).toBe(true);
	});

	it('know nothing of when they were seen while the relay is not there', () => {
		const facts = { devices: [device('laptop')], directory: directory({}), self, relay: undefined };
		expect(deviceRows({ ...facts, now: NOW, zone: 'UTC' })[0]?.seen).toBe('Not known');
	});

	it('say whose they are once there are several people', () => {
		const list = rows([device('laptop'), device('hers')], directory({ laptop: 'me', hers: 'eleni' }));
		expect(list.map(({ person, isOwn }) => [person, isOwn])).toEqual([
			['You', true],
			['Eleni', false],
		]);
	});

	it('point at one that never came in, and at one that is on its way out', () => {
		const [, first, second] = rows(
			[device('laptop'), device('a', { isUnconfirmed: true }), device('b', { isBeingRemoved: true })],
			directory({}),
		);
		expect(first?.note).toContain('never said that it is in');
		expect(second?.note).toContain('removal goes on');
	});

	it('are drawn by what they run on', () => {
		expect(['Safari on iPad', 'Safari on iPhone', 'Edge on Windows', 'Kitchen'].map(deviceIcon)).toEqual([
			'tablet',
			'smartphone',
			'laptop',
			'globe',
		]);
	});
});
