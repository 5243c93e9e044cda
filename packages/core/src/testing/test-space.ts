import type { DeviceId, PersonId } from '../ids.ts';
import type { Result } from '../result.ts';
import { createSpace, type SpaceOptions } from '../space/create-space.ts';
import type { Actor } from '../space/records.ts';
import type { Space } from '../space/space.ts';
import { createMemoryDocs, type DocsLink, linkDocs, type MemoryDocs } from './memory-docs.ts';
import { createSeededRandom } from './seeded-random.ts';
import { createTestClock, type TestClock } from './test-clock.ts';

/** A space on one imaginary device, with everything a test moves by hand. */
export interface TestSpace {
	readonly space: Space;
	readonly docs: MemoryDocs;
	readonly clock: TestClock;
	/** What was logged, oldest first. */
	readonly logged: readonly string[];
	/** The device's person. */
	readonly me: Actor;
	/** An agent acting for that person. */
	readonly agent: Actor;
	/** Closes the space and opens it again over the same documents, as a reload does. */
	reopen(): Promise<TestSpace>;
}

export interface TestSpaceOptions extends SpaceOptions {
	readonly device?: string;
	readonly person?: string;
	readonly clock?: TestClock;
	readonly docs?: MemoryDocs;
	readonly seed?: number;
}

/** Opens a space over documents in memory. */
export async function createTestSpace(options: TestSpaceOptions = {}): Promise<TestSpace> {
	const { device = 'device-a', person = 'ada', clock = createTestClock(), docs = createMemoryDocs() } = options;
	const self = { device: device as DeviceId, person: person as PersonId };
	const logged: string[] = [];
	const log = { info: (event: string) => void logged.push(event), warn: (event: string) => void logged.push(event) };
	const seed = options.seed ?? [...device].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7);
	const random = createSeededRandom(seed);
	const space = expectOk(await createSpace({ docs, clock, random, self, log }, options));
	return {
		space,
		docs,
		clock,
		logged,
		me: { type: 'person', ...self },
		agent: { type: 'agent', ...self, agent: 'general' },
		reopen() {
			space[Symbol.dispose]();
			return createTestSpace({ ...options, clock, docs, seed: seed + 1 });
		},
	};
}

/** Two devices of one space, apart until `flush()`. */
export async function createSpacePair(
	options: { readonly a?: TestSpaceOptions; readonly b?: TestSpaceOptions } = {},
): Promise<{ readonly a: TestSpace; readonly b: TestSpace } & DocsLink> {
	const clock = createTestClock();
	const a = await createTestSpace({ clock, ...options.a });
	const b = await createTestSpace({ clock, device: 'device-b', person: 'bea', ...options.b });
	const link = linkDocs(a.docs, b.docs);
	return { a, b, ...link };
}

/** The value of a result that a test expects to be ok. */
export function expectOk<T, E>(result: Result<T, E>): T {
	if (!result.ok) throw new Error(`expected a value, got ${JSON.stringify(result.error)}`);
	return result.value;
}

/** The error of a result that a test expects to fail. */
export function expectError<T, E>(result: Result<T, E>): E {
	if (result.ok) throw new Error(`expected an error, got ${JSON.stringify(result.value)}`);
	return result.error;
}
