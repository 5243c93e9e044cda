import { type Bytes, fromBase64Url, toBase64Url } from '../bytes.ts';
import type { WakeId } from '../ids.ts';
import type { ClientMessage, PushSubscriptionFields, RelayMessage, Wake } from '../protocol/messages.ts';
import { err, ok, type Result } from '../result.ts';
import type { RelayError } from './sync.ts';

/** Questions to the relay that have one answer each. The relay answers those of one kind in the order they were asked. */
export interface Requests {
	listWakes(): Promise<Result<ReadonlyMap<WakeId, { revision: number; next: number }>, RelayError>>;
	putWake(wake: Wake): Promise<Result<void, RelayError>>;
	dropWake(id: WakeId, revision: number): Promise<Result<void, RelayError>>;
	claim(occurrence: string, leaseMs: number): Promise<Result<{ readonly fence: number }, RelayError>>;
	finish(occurrence: string, fence: number): Promise<Result<boolean, RelayError>>;
	putPush(subscription: PushSubscriptionFields): Promise<Result<void, RelayError>>;
	testPush(): Promise<Result<void, RelayError>>;
	/** Versions of the device list after one. */
	getLists(after: number): Promise<Result<readonly Bytes[], RelayError>>;
	putList(list: Bytes): Promise<Result<void, RelayError>>;
	/** Offers a message; true when it answered a question. */
	answered(message: RelayMessage): boolean;
	/** Nobody will answer any more: every open question is answered `Offline`. */
	abandon(): void;
}

interface Question {
	/** What an error about it names. */
	readonly about: string;
	/** Whether the message is the answer; if so it has been handed on. */
	readonly take: (message: RelayMessage) => boolean;
	readonly fail: (error: RelayError) => void;
}

/** Makes the asking side; `send` answers false when there is no connection. */
export function createRequests(send: (message: ClientMessage) => boolean): Requests {
	let questions: readonly Question[] = [];

	return {
		listWakes: () =>
			ask({ type: 'wake-list' }, '', (answer) =>
				answer.type === 'wakes'
					? ok(new Map(answer.wakes.map(({ id, revision, next }) => [id, { revision, next }])))
					: undefined,
			),
		putWake: (wake) => ask({ type: 'wake-put', wake }, wake.id, (answer) => wakeKept(answer, wake.id)),
		dropWake: (id, revision) => ask({ type: 'wake-drop', id, revision }, id, (answer) => wakeKept(answer, id)),
		claim(occurrence, leaseMs) {
			const bytes = fromBase64Url(occurrence);
			return ask({ type: 'claim', occurrence: bytes, leaseMs }, occurrence, (answer) =>
				isClaimed(answer, occurrence) ? ok({ fence: answer.fence }) : undefined,
			);
		},
		finish(occurrence, fence) {
			const bytes = fromBase64Url(occurrence);
			return ask({ type: 'claim-done', occurrence: bytes, fence }, occurrence, (answer) =>
				isClaimed(answer, occurrence) ? ok(answer.fence === fence) : undefined,
			);
		},
		putPush: (subscription) =>
			ask({ type: 'push-put', subscription }, '', (answer) => (answer.type === 'push-kept' ? ok() : undefined)),
		testPush: () =>
			ask({ type: 'push-test' }, '', (answer) => (answer.type === 'push-tested' ? tested(answer.status) : undefined)),
		getLists: (after) =>
			ask({ type: 'list-get', after }, '', (answer) => (answer.type === 'lists' ? ok(answer.lists) : undefined)),
		putList: (list) =>
			ask({ type: 'list-put', list }, '', (answer) => (answer.type === 'list-kept' ? ok() : undefined)),
		answered(message) {
			const question = questions.find(
				(open) => open.take(message) || (message.type === 'error' && open.about === message.about),
			);
			if (!question) return false;
			questions = questions.filter((open) => open !== question);
			if (message.type === 'error') question.fail({ type: 'Refused', code: message.code, message: message.message });
			return true;
		},
		abandon() {
			const open = questions;
			questions = [];
			for (const question of open) question.fail({ type: 'Offline' });
		},
	};

	function ask<T>(
		message: ClientMessage,
		about: string,
		read: (answer: RelayMessage) => Result<T, RelayError> | undefined,
	): Promise<Result<T, RelayError>> {
		return new Promise((resolve) => {
			const question: Question = {
				about,
				take(answer) {
					const result = read(answer);
					if (result) resolve(result);
					return result !== undefined;
				},
				fail: (error) => resolve(err(error)),
			};
			if (!send(message)) return question.fail({ type: 'Offline' });
			questions = [...questions, question];
		});
	}
}

function wakeKept(answer: RelayMessage, id: WakeId): Result<void, RelayError> | undefined {
	return answer.type === 'wake-kept' && answer.id === id ? ok() : undefined;
}

function isClaimed(answer: RelayMessage, occurrence: string): answer is RelayMessage & { type: 'claimed' } {
	return answer.type === 'claimed' && toBase64Url(answer.occurrence) === occurrence;
}

function tested(status: number): Result<void, RelayError> {
	if (status >= 200 && status < 300) return ok();
	const message =
		status === 0
			? 'The push service could not be reached, or this device is not registered for notifications.'
			: `The push service refused the test notification (${status}).`;
	return err({ type: 'Refused', code: 'bad-endpoint', message });
}
