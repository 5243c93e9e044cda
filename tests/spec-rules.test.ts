import { readFile } from 'node:fs/promises';
import { LIMITS } from '@pocketeer/core/protocol/limits';
import { CLOSE } from '@pocketeer/core/protocol/messages';
import { beforeAll, describe, expect, it } from 'vitest';
import { readTests } from './read-tests.ts';

/** The rules of the sealed log: each is held by a test that cites it, and what SPEC.md says in tables is what the code has. */

let spec = '';
let codec = '';
let tests = '';

beforeAll(async () => {
	spec = await readFile('packages/core/src/sync/SPEC.md', 'utf8');
	codec = await readFile('packages/core/src/protocol/codec.ts', 'utf8');
	tests = await readTests();
});

describe('the rules of the sealed log', () => {
	it('are each cited by the title of a test', () => {
		expect(rulesOf(spec).filter((rule) => !citedIn(tests).has(rule))).toEqual([]);
	});

	it('are there for every title that cites one', () => {
		const rules = new Set(rulesOf(spec));
		expect(rules.size).toBeGreaterThan(20);
		expect([...citedIn(tests)].filter((rule) => !rules.has(rule))).toEqual([]);
	});

	it('are numbered without gaps, each once', () => {
		const numbersOf = (kind: string) =>
			rulesOf(spec)
				.filter((rule) => rule.replace(/\d+/, '') === kind)
				.map((rule) => Number(rule.slice(kind.length)));
		for (const kind of ['R', 'SY']) {
			const numbers = numbersOf(kind);
			expect(numbers).toEqual(numbers.map((_, index) => index + 1));
		}
	});
});

describe('the tables of the sealed log', () => {
	it('name every message with its number, and no other', () => {
		const inCode = [...codec.matchAll(/^\t'?([a-z-]+)'?: (1\d\d),$/gm)].map(([, name, number]) => `${number} ${name}`);
		const inSpec = [...spec.matchAll(/^\| (1\d\d) +\| `([a-z-]+)`/gm)].map(([, number, name]) => `${number} ${name}`);
		expect(inCode.length).toBeGreaterThan(40);
		expect(inSpec.sort()).toEqual(inCode.sort());
	});

	it('name every limit with its value, and no other', () => {
		const rows = spec.matchAll(/^\| `(\w+)` +\| ([\d,]+) +\|/gm);
		const inSpec = [...rows].map(([, name = '', value = '']) => [name, Number(value.replaceAll(',', ''))]);
		expect(Object.fromEntries(inSpec)).toEqual(LIMITS);
	});

	it('name every error code, and no other', () => {
		const [, list = ''] = /ERROR_CODES[^=]*= \[(.*?)\]/s.exec(codec) ?? [];
		const inCode = [...list.matchAll(/'([a-z-]+)'/g)].map(([, code]) => code);
		const [, section = ''] = /^### Errors$(.*?)^\| close/ms.exec(spec) ?? [];
		const inSpec = [...section.matchAll(/^\| `([a-z-]+)` +\|/gm)].map(([, code]) => code);
		expect(inCode.length).toBeGreaterThan(15);
		expect(inSpec).toEqual(inCode);
	});

	it('name every close code, and no other', () => {
		const rows = spec.matchAll(/^\| (4\d\d\d) +\| `(\w+)`/gm);
		expect(Object.fromEntries([...rows].map(([, code, name]) => [name, Number(code)]))).toEqual(CLOSE);
	});
});

/** Rules as SPEC.md lists them, in its order. */
function rulesOf(markdown: string): readonly string[] {
	return [...markdown.matchAll(/^- \*\*((?:R|SY)\d+)\*\* /gm)].map(([, rule = '']) => rule);
}

/** Rules that lead a text in quotes, alone or several one after the other. */
function citedIn(sources: string): ReadonlySet<string> {
	const leads = [...sources.matchAll(/['"`]((?:\[(?:R|SY)\d+\] ?)+)/g)].map(([, lead = '']) => lead);
	return new Set(leads.flatMap((lead) => lead.match(/(?:R|SY)\d+/g) ?? []));
}
