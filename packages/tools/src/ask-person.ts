import type { Tool } from '@pocketeer/core/agent/tool';
import * as v from 'valibot';
import { defineTool, failed } from './define-tool.ts';
import { text } from './fields.ts';

const CHOICES = { least: 2, most: 6, characters: 80 } as const;

/** Asks the person and waits for the answer. */
export function askPerson(): Tool {
	return defineTool({
		name: 'ask_person',
		description:
			'Asks the person one question with a few choices as buttons and waits, for days if need be, for what they choose or write. Use it when you cannot go on sensibly without a decision that is theirs: which of two people, whether to delete. Give choices that can be told apart and carried out. Not for what you can find out or sensibly assume, not for small talk, and never more than one question at a time: to leave a question open, just ask it in your answer.',
		input: v.strictObject({
			question: text('The question, short, and clear on its own.'),
			choices: v.pipe(
				v.array(
					v.pipe(
						text('What stands on the button.'),
						v.maxLength(CHOICES.characters, `it is longer than ${CHOICES.characters} characters`),
					),
				),
				v.minLength(CHOICES.least, `there must be ${CHOICES.least} to ${CHOICES.most} of them`),
				v.maxLength(CHOICES.most, `there must be ${CHOICES.least} to ${CHOICES.most} of them`),
				v.description('The answers to choose from, two to six, each a few words. The person may also write their own.'),
			),
		}),
		example: { question: 'Which Anna do you mean?', choices: ['Anna from work', 'My cousin Anna'] },
		isIdempotent: true,
		question: ({ question, choices }) => ({
			text: question.trim(),
			choices: [...new Set(choices.map((choice) => choice.trim()))],
		}),
		// The loop puts the person's answer in as the result; nothing else can.
		run: async () => failed('The question could not be put to the person here. Ask it in your answer instead.'),
	});
}
