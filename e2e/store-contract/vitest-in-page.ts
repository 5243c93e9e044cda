import { JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect';
import * as chai from 'chai';

/**
 * What the contract suites use of vitest, for a page: the same `expect`, and a list of cases instead of a runner.
 * The build puts it in vitest's place.
 */
export interface PageCase {
	readonly title: string;
	/** Rejects when the case fails. */
	run(): Promise<void>;
}

type Body = (...args: readonly unknown[]) => unknown;

const cases: PageCase[] = [];
const afterwards: (() => void)[] = [];

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);
export const { expect } = chai;

/** Groups cases, which here have titles enough. */
export function describe(_title: string, body: () => void): void {
	body();
}

/** Notes a case. */
export function it(title: string, body: Body): void {
	add(title, () => body());
}

it.each = (rows: readonly (readonly unknown[])[]) => (title: string, body: Body) => {
	for (const row of rows) add(title.replace('%s', String(row[0])), () => body(...row));
};

/** Is called after every case. */
export function afterEach(body: () => void): void {
	afterwards.push(body);
}

/** All cases noted so far. */
export function collected(): readonly PageCase[] {
	return cases;
}

function add(title: string, body: () => unknown): void {
	cases.push({
		title,
		async run() {
			try {
				await body();
			} finally {
				for (const after of afterwards) after();
			}
		},
	});
}
