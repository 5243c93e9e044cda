import { toBase64Url, utf8 } from '../bytes.ts';
import type { DeviceId, StreamName } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { StoreError } from '../ports/store.ts';
import { ok, type Result } from '../result.ts';
import { sha256 } from './hash.ts';
import { createHlc, type Hlc, isTick } from './hlc.ts';
import { createGrowSet, createRegisters, type GrowSet, type Registers, type Stamp } from './register.ts';
import type { DocsDep, SelfDep } from './space.ts';

/**
 * The `home` document: the manifest of everything else in the space. Each field is a map of registers of its own, so
 * that a move here and an edit there never overwrite each other. The maps, final:
 *
 *   file-path      file id → path                         file-touch   file id → true, at each recorded edit
 *   file-deletion  file id → each writer's touch known when it was deleted, `{writer: tick}`; 0 when it was brought back
 *   line-name      line id → name                         line-touch   line id → true, at most once a minute
 *   person-name    person id → name                       device-name  device id → name
 *   device-person  device id → person id                  space-name   `name` → what its people call the space
 *   device-model   device id → whether it has a model key, so that it can answer for the others of its person
 *   line-months    `<line id>/<yyyy-mm>[.part]`, a grow-only set; run-months  `<yyyy-mm>[.part]`, a grow-only set
 */
export interface Home extends Disposable {
	readonly hlc: Hlc;
	readonly filePaths: Registers<string>;
	readonly fileTouches: Registers<true>;
	readonly fileDeletions: Registers<Deletion>;
	readonly lineNames: Registers<string>;
	readonly lineTouches: Registers<true>;
	readonly personNames: Registers<string>;
	readonly deviceNames: Registers<string>;
	readonly devicePersons: Registers<string>;
	readonly deviceModels: Registers<boolean>;
	/** Of one entity, SPACE. */
	readonly spaceNames: Registers<string>;
	readonly lineMonths: GrowSet;
	readonly runMonths: GrowSet;
	/** The stamp for one change, greater than all before. */
	stamp(): Stamp;
	/** Makes several changes one. */
	transact(change: () => void): void;
	saved(): Promise<Result<void, StoreError>>;
}

/** What the deleter had seen of a file, by writer; 0: it is not deleted. An edit beyond it brings the file back. */
export type Deletion = Readonly<Record<string, number>> | 0;

/** Opens and follows the manifest. */
export async function openHome(deps: DocsDep & ClockDep & SelfDep): Promise<Result<Home, StoreError>> {
	const opened = await deps.docs.open('home' as StreamName);
	if (!opened.ok) return opened;
	const { doc } = opened.value;
	const hlc = createHlc(deps);
	const writer = writerName(deps.self.device);

	return ok({
		hlc,
		filePaths: registers('file-path', parseText),
		fileTouches: registers('file-touch', parseTrue),
		fileDeletions: registers('file-deletion', parseDeletion),
		lineNames: registers('line-name', parseText),
		lineTouches: registers('line-touch', parseTrue),
		personNames: registers('person-name', parseText),
		deviceNames: registers('device-name', parseText),
		devicePersons: registers('device-person', parseText),
		deviceModels: registers('device-model', parseFlag),
		spaceNames: registers('space-name', parseText),
		lineMonths: createGrowSet(doc.getMap('line-months')),
		runMonths: createGrowSet(doc.getMap('run-months')),
		stamp: () => ({ tick: hlc.tick(), at: deps.clock.now() }),
		transact: (change) => doc.transact(change),
		saved: () => opened.value.saved(),
		[Symbol.dispose]: () => opened.value[Symbol.dispose](),
	});

	function registers<T>(name: string, parse: (value: unknown) => T | undefined): Registers<T> {
		return createRegisters({ map: doc.getMap(name), writer, hlc, parse });
	}
}

/** The one entity of `space-name`. */
export const SPACE = 'name';

/** Short for a device in the keys of `home`: with thousands of files, whole ids would double the document. */
export function writerName(device: DeviceId): string {
	return toBase64Url(sha256(utf8(device))).slice(0, 8);
}

function parseText(value: unknown): string | undefined {
	return typeof value === 'string' && value !== '' ? value : undefined;
}

function parseFlag(value: unknown): boolean | undefined {
	return typeof value === 'boolean' ? value : undefined;
}

function parseTrue(value: unknown): true | undefined {
	return value === true ? true : undefined;
}

function parseDeletion(value: unknown): Deletion | undefined {
	if (value === 0) return 0;
	if (typeof value !== 'object' || value === null) return undefined;
	return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, number] => isTick(entry[1])));
}
