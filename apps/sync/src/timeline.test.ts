import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSeededRandom } from '@pocketeer/core/testing/seeded-random';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase } from './store/database.ts';
import { openTimeline } from './timeline.ts';

const random = createSeededRandom(1);
let folder = '';
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'pocketeer-timeline-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function start(): string {
	const database = openDatabase(join(folder, 'relay.sqlite'));
	if (!database.ok) throw new Error(database.error.reason);
	using opened = database.value;
	return openTimeline({ random, database: opened, path: join(folder, 'starts.json') });
}

test('keeps its name over restarts', () => {
	const first = start();
	expect([start(), start()]).toEqual([first, first]);
});

test('takes a new name when an older copy of the database was put back', () => {
	const first = start();
	copyFileSync(join(folder, 'relay.sqlite'), join(folder, 'backup'));
	start();
	copyFileSync(join(folder, 'backup'), join(folder, 'relay.sqlite'));
	const restored = start();
	expect(restored).not.toBe(first);
	expect(start()).toBe(restored);
});

test('keeps its name when the file beside the database is lost or broken', () => {
	const first = start();
	rmSync(join(folder, 'starts.json'));
	expect(start()).toBe(first);
	writeFileSync(join(folder, 'starts.json'), '{');
	expect(start()).toBe(first);
});
