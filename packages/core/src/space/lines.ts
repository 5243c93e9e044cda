import { toBase64Url, utf8 } from '../bytes.ts';
import { createEmitter } from '../emitter.ts';
import type { LineId } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { LogDep } from '../ports/log.ts';
import { ok } from '../result.ts';
import { sha256 } from './hash.ts';
import { clampToNow } from './hlc.ts';
import type { Home } from './home.ts';
import { createLineReader } from './line-records.ts';
import { compareMonths, isMonth, type Month } from './month-docs.ts';
import { createOpenLine, type LineHome } from './open-line.ts';
import type { DocsDep, Line, Lines } from './space.ts';

/** The conversations of a space, with what its parts need besides. */
export interface OwnedLines extends Lines, Disposable {}

/** How often a line's newest moment is written to the manifest: it only sorts lists, so a minute is exact enough. */
const TOUCH_INTERVAL_MS = 60_000;
/** Longer slugs would make stream names unwieldy; beyond it a hash keeps two long names apart. */
const MAX_SLUG_LENGTH = 60;

/** Makes the lines over an open manifest. */
export function createLines(deps: DocsDep & ClockDep & LogDep, home: Home): OwnedLines {
	const newest = new Map<LineId, number>();
	const changed = createEmitter<void>();
	let listed: readonly Line[] | undefined;
	let isEmitting = false;
	// One for all who open a line: what one has read another need not.
	const reader = createLineReader();

	for (const source of [home.lineNames, home.lineTouches]) source.changed.subscribe(changedSoon);

	return {
		list() {
			listed ??= [...home.lineNames.entities()].map((id) => lineOf(id as LineId)).sort(byTouched);
			return listed;
		},
		subscribe: (listener) => changed.subscribe(listener),
		async ensure(name) {
			const id = lineId(name);
			if (!home.lineNames.get(id)) {
				home.lineNames.set(id, name.normalize('NFC').trim() || 'line', home.stamp());
				const saved = await home.saved();
				if (!saved.ok) return saved;
			}
			return ok(lineOf(id));
		},
		open: (id) => createOpenLine(deps, id, homeOf(id), reader),
		[Symbol.dispose]() {},
	};

	function lineOf(id: LineId): Line {
		const at = Math.max(home.lineTouches.get(id)?.at ?? 0, newest.get(id) ?? 0);
		return { id, name: home.lineNames.get(id)?.value ?? id, touched: clampToNow(at, deps.clock.now()) };
	}

	function homeOf(id: LineId): LineHome {
		return {
			months: () => [...home.lineMonths.names()].flatMap((name) => monthIn(name, id) ?? []).sort(compareMonths),
			addMonth: (month) => home.lineMonths.add(`${id}/${month}`),
			touched(at, isOwn) {
				if (at > (newest.get(id) ?? 0)) {
					newest.set(id, at);
					changedSoon();
				}
				const noted = home.lineTouches.get(id)?.at ?? 0;
				if (isOwn && at - noted >= TOUCH_INTERVAL_MS) home.lineTouches.set(id, true, { ...home.stamp(), at });
			},
			saved: () => home.saved(),
			subscribe: (listener) => home.lineMonths.changed.subscribe(listener),
		};
	}

	function changedSoon(): void {
		listed = undefined;
		if (isEmitting) return;
		isEmitting = true;
		queueMicrotask(() => {
			isEmitting = false;
			changed.emit();
		});
	}
}

/** The id of a line by its name: lower-case letters and digits, anything else a hyphen. */
export function lineId(name: string): LineId {
	const slug = name
		.normalize('NFC')
		.toLowerCase()
		.normalize('NFC')
		.replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')
		.replace(/^-+|-+$/g, '');
	if (slug.length <= MAX_SLUG_LENGTH) return (slug || 'line') as LineId;
	const cut = [...slug].slice(0, MAX_SLUG_LENGTH / 2).join('');
	return `${cut}-${toBase64Url(sha256(utf8(slug)).subarray(0, 6))}` as LineId;
}

function monthIn(name: string, id: LineId): Month | undefined {
	const slash = name.lastIndexOf('/');
	const month = name.slice(slash + 1);
	return name.slice(0, slash) === id && isMonth(month) ? month : undefined;
}

function byTouched(a: Line, b: Line): number {
	return b.touched - a.touched || (a.name < b.name ? -1 : 1);
}
