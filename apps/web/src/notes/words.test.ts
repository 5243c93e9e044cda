import type { DeviceId, PersonId } from '@pocketeer/core/ids';
import { expect, test } from 'vitest';
import { describeActor, describeFileError } from './words.ts';

const self = { person: 'maria' as PersonId, device: 'phone' as DeviceId };

test('tells people, agents and the clerk apart, and the reader from others', () => {
	expect(describeActor({ type: 'person', ...self }, self)).toBe('You');
	expect(describeActor({ type: 'person', ...self, device: 'laptop' as DeviceId }, self)).toBe('You, on another device');
	expect(describeActor({ type: 'person', ...self, person: 'anna' as PersonId }, self)).toBe('Anna');
	expect(describeActor({ type: 'clerk', ...self }, self)).toBe('Clerk');
	expect(describeActor({ type: 'agent', ...self }, self)).toBe('Pocketeer');
	expect(describeActor({ type: 'agent', ...self, agent: 'cook' }, self)).toBe('Cook');
});

test('people and devices are called by their names where these are known', () => {
	const anna = { id: 'anna' as PersonId, name: 'Anna Maria' };
	const laptop = { id: 'laptop' as DeviceId, name: 'the old laptop', person: undefined };
	const directory = { people: () => [anna], devices: () => [laptop] };
	expect(describeActor({ type: 'person', ...self, person: anna.id }, self, directory)).toBe('Anna Maria');
	expect(describeActor({ type: 'person', ...self, device: laptop.id }, self, directory)).toBe('You, on the old laptop');
});

test('a text that is too long is told with its size and that nothing was lost', () => {
	const words = describeFileError({ type: 'TooLong', path: 'notes/a.md', limit: 1_000_000, length: 10_485_760 });
	expect(words).toContain('10,485,760');
	expect(words).toContain('Nothing was changed');
});

test('a bad path is told in the words of who found it', () => {
	expect(describeFileError({ type: 'BadPath', path: '..', reason: 'The path may not hold "..".' })).toBe(
		'The path may not hold "..".',
	);
});
