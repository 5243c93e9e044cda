import type { ClockDep } from '@pocketeer/core/ports/clock';
import type { Space } from '@pocketeer/core/space/space';
import { makeDayOf } from '../chat/format.ts';

/**
 * Gives the person at this device a profile once they have a name: in a space with others it is where what is known of
 * them is kept. A profile that was deleted stays deleted. Made once; dispose to stop looking.
 */
export function keepProfile(deps: ClockDep, space: Pick<Space, 'self' | 'directory' | 'files'>): Disposable {
	const { self, directory, files } = space;
	const path = `people/${self.person}/profile.md`;
	let isDone = false;
	const look = () => {
		const name = directory.people().find(({ id }) => id === self.person)?.name;
		if (isDone || name === undefined) return;
		isDone = true;
		const isKnown = files.find(path) !== undefined || files.deleted().some((file) => file.path === path);
		if (isKnown) return;
		const text = profileText(name, makeDayOf(deps.clock.zone())(deps.clock.now()));
		void files.write({ path, text }, { type: 'person', ...self, reason: 'First profile' });
	};
	const heard = directory.subscribe(look);
	look();
	return heard;
}

/** The first text of a profile; its person, the agent and the others of the space go on from there. */
function profileText(name: string, date: string): string {
	return `# ${name}\n\n- In this space since ${date}\n`;
}
