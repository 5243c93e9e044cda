import type { Clock } from '@pocketeer/core/ports/clock';
import { createSystemClock } from '@pocketeer/core/system';
import { createScriptedModel } from '@pocketeer/core/testing/scripted-model';
import { createSeededRandom, type SeededRandom } from '@pocketeer/core/testing/seeded-random';
import { expectOk, openDevice, say, until } from '../tests/support.ts';

/** A space as it looks after some months of use, made by a device that has since been switched off. */
export interface BigSpace {
	/** The words that open it at the relay it was made on. */
	readonly words: string;
	readonly messages: number;
	readonly files: number;
	/** Text of the newest message. */
	readonly newest: string;
}

/** Between a question and the next: a thousand of them make two weeks. */
const PAUSE_MS = 20 * 60_000;
/** The app makes its person so. */
const PERSON = 'me';

/**
 * Fills a space through the real agent loop, half of the messages typed and half answered, and through the real
 * workspace; resolves when all of it is at the relay.
 */
export async function makeBigSpace(options: {
	readonly relay: string;
	readonly messages: number;
	readonly files: number;
}): Promise<BigSpace> {
	const { relay, messages, files } = options;
	const prose = createProse(createSeededRandom(1));
	const turns = Math.floor(messages / 2);
	const clock = createShiftedClock(-turns * PAUSE_MS);
	const newest = 'That was the last of them; everything is noted.';
	const model = createScriptedModel((_, call) => ({ text: call === turns - 1 ? newest : prose.answer() }));
	await using device = await openDevice({ relay, clock, model, person: PERSON });

	const me = { type: 'person', ...device.space.self } as const;
	for (let file = 0; file < files; file++) {
		expectOk(await device.space.files.write({ path: pathOf(file), text: prose.page() }, me));
	}
	for (let turn = 0; turn < turns; turn++) {
		await say(device, prose.question());
		clock.shift(PAUSE_MS);
	}
	const { sync } = device;
	await until(sync, () => sync.status.connection.type === 'online' && sync.status.pendingStreams === 0);
	return { words: device.words, messages: turns * 2, files, newest };
}

/** The system's clock with its hands set elsewhere: timers run as they do. */
function createShiftedClock(shiftMs: number): Clock & { shift(ms: number): void } {
	const system = createSystemClock();
	let shift = shiftMs;
	return {
		...system,
		now: () => system.now() + shift,
		shift(ms) {
			shift += ms;
		},
	};
}

/** Notes, a journal page for each day, people. */
export function pathOf(index: number): string {
	if (index % 10 < 6) return `notes/${['house', 'garden', 'work', 'books', 'travel'][index % 5]}/note-${index}.md`;
	if (index % 10 < 9) return `journal/${new Date(Date.UTC(2025, 0, 1 + index)).toISOString().slice(0, 10)}.md`;
	return `people/person-${index}/profile.md`;
}

export interface Prose {
	question(): string;
	answer(): string;
	page(): string;
}

const WORDS =
	'the a my our of in on with for and not tomorrow later garden kitchen sister doctor train ticket window letter soup bread yellow quiet early broken small paint order call visit bring remember finish water move write read meeting street number price winter evening'.split(
		' ',
	);

/** Sentences of the lengths that people and models write. */
export function createProse(random: SeededRandom): Prose {
	const times = <T>(least: number, most: number, make: () => T) =>
		Array.from({ length: least + random.below(most - least + 1) }, make);
	const sentence = (least: number, most: number) => {
		const text = times(least, most, () => random.pick(WORDS)).join(' ');
		return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
	};
	const paragraph = (least: number, most: number) => times(least, most, () => sentence(6, 18)).join(' ');
	const list = () => times(2, 5, () => `- ${sentence(3, 9)}`).join('\n');
	return {
		question: () => sentence(4, 22),
		answer: () => `${paragraph(1, 4)}\n\n${list()}\n\n${paragraph(1, 2)}`,
		page: () => `# ${sentence(2, 4)}\n\n${paragraph(3, 7)}\n\n${list()}\n\n${paragraph(2, 6)}\n`,
	};
}
