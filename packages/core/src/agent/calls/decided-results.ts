import type { Decision } from '../../space/records.ts';
import type { RanTool } from './run-tool.ts';
import type { Gate } from './trust.ts';

/** What a call that the person decided on comes to without being run: their answer, or that it was not done and why. */
export function decidedResult({ decision, question }: Extract<Gate, { type: 'decided' }>): RanTool {
	return question ? answerResult(decision) : approvalResult(decision);
}

function answerResult(decision: Decision): RanTool {
	switch (decision.type) {
		case 'answered':
			return { outcome: 'done', result: decision.text.trim() || '(They answered without a word.)', receipts: [] };
		case 'refused':
			return refusal(`The person does not want to answer.${inTheirWords(decision.reason)}`);
		case 'passed-over':
			return refusal('The person wrote something else instead of an answer: read that first.');
		case 'approved':
			return refusal('The person let the question pass without an answer.');
	}
}

function approvalResult(decision: Decision): RanTool {
	switch (decision.type) {
		case 'answered':
			return refusal(`Not done. Asked to allow it, the person answered: ${JSON.stringify(decision.text)}`);
		case 'passed-over':
			return refusal('Not done: the person wrote something else instead of allowing it. Read that first.');
		default: {
			const reason = decision.type === 'refused' ? decision.reason : undefined;
			return refusal(
				`Not done: the person refused it.${inTheirWords(reason)} Do not try to do the same in another way.`,
			);
		}
	}
}

function inTheirWords(reason: string | undefined): string {
	return reason?.trim() ? ` Their reason: ${JSON.stringify(reason.trim())}.` : '';
}

function refusal(result: string): RanTool {
	return { outcome: 'refused', result, receipts: [] };
}
