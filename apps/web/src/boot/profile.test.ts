import { createTestSpace, expectOk } from '@pocketeer/core/testing/test-space';
import { expect, it } from 'vitest';
import { keepProfile } from './profile.ts';

const PATH = 'people/ada/profile.md';

/** Lets what was begun without being waited for come to its end. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

it('makes a profile of the person as soon as they have a name, and once', async () => {
	const { space, clock } = await createTestSpace();
	using _ = keepProfile({ clock }, space);
	await settle();
	expect(space.files.find(PATH)).toBeUndefined();
	expectOk(await space.directory.namePerson(space.self.person, 'Ada L.'));
	await settle();
	expect(expectOk(await space.files.read(PATH)).text).toMatch(/^# Ada L\.\n\n- In this space since \d{4}-\d\d-\d\d\n$/);
	expect(expectOk(await space.files.history(PATH)).at(-1)?.actor).toMatchObject({ type: 'person', person: 'ada' });
	expectOk(await space.directory.namePerson(space.self.person, 'Ada Lovelace'));
	await settle();
	expect(expectOk(await space.files.read(PATH)).text).toContain('# Ada L.');
});

it('leaves a profile that is there, and one that was deleted, as they are', async () => {
	const { space, clock, me } = await createTestSpace();
	expectOk(await space.files.write({ path: PATH, text: 'mine' }, me));
	expectOk(await space.directory.namePerson(space.self.person, 'Ada'));
	keepProfile({ clock }, space)[Symbol.dispose]();
	await settle();
	expect(expectOk(await space.files.read(PATH)).text).toBe('mine');
	expectOk(await space.files.remove(PATH, me));
	keepProfile({ clock }, space)[Symbol.dispose]();
	await settle();
	expect(space.files.find(PATH)).toBeUndefined();
});
