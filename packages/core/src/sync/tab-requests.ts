import type { ClockDep } from '../ports/clock.ts';
import { newId, type RandomDep } from '../ports/random.ts';
import { err, type Result } from '../result.ts';
import type { Requests } from './requests.ts';
import type { RelayError } from './sync.ts';
import type { TabLine } from './tab-line.ts';

/** The questions to the relay that a tab may ask through another. */
export type TabRequests = Pick<
	Requests,
	'listWakes' | 'putWake' | 'dropWake' | 'claim' | 'finish' | 'putPush' | 'testPush'
>;

/** One of them, by name and arguments. */
export type TabQuestion = {
	readonly [Name in keyof TabRequests]: { readonly name: Name; readonly args: Parameters<TabRequests[Name]> };
}[keyof TabRequests];

/** Answers a question of another tab. */
export function carryOut(requests: TabRequests, question: TabQuestion): Promise<Result<unknown, RelayError>> {
	switch (question.name) {
		case 'putWake':
			return requests.putWake(...question.args);
		case 'dropWake':
			return requests.dropWake(...question.args);
		case 'claim':
			return requests.claim(...question.args);
		case 'finish':
			return requests.finish(...question.args);
		case 'putPush':
			return requests.putPush(...question.args);
		case 'testPush':
			return requests.testPush();
		default:
			return requests.listWakes();
	}
}

/** Asks through the tab that leads. */
export interface RemoteRequests extends Disposable {
	readonly requests: TabRequests;
	answered(id: string, answer: Result<unknown, RelayError>): void;
}

/** The relay's answer takes no longer; a leader that is frozen or of another build gives none. */
const ANSWER_WITHIN_MS = 10_000;

/** Makes the asking side of a tab that does not lead. */
export function createRemoteRequests(deps: ClockDep & RandomDep, line: TabLine): RemoteRequests {
	const open = new Map<string, (answer: Result<unknown, RelayError>) => void>();
	return {
		requests: {
			listWakes: () => ask({ name: 'listWakes', args: [] }),
			putWake: (...args) => ask({ name: 'putWake', args }),
			dropWake: (...args) => ask({ name: 'dropWake', args }),
			claim: (...args) => ask({ name: 'claim', args }),
			finish: (...args) => ask({ name: 'finish', args }),
			putPush: (...args) => ask({ name: 'putPush', args }),
			testPush: () => ask({ name: 'testPush', args: [] }),
		},
		answered: (id, answer) => open.get(id)?.(answer),
		[Symbol.dispose]() {
			for (const settle of [...open.values()]) settle(err({ type: 'Offline' }));
		},
	};

	function ask<T>(question: TabQuestion): Promise<Result<T, RelayError>> {
		return new Promise((resolve) => {
			const id: string = newId(deps);
			const timer = deps.clock.setTimer(ANSWER_WITHIN_MS, () => settle(err({ type: 'Offline' })));
			open.set(id, settle);
			line.say({ type: 'ask', id, question });

			function settle(answer: Result<unknown, RelayError>): void {
				open.delete(id);
				timer[Symbol.dispose]();
				// The same build carried the question out: its name vouches for the type of the answer.
				resolve(answer as Result<T, RelayError>);
			}
		});
	}
}
