import type { Tool } from '@pocketeer/core/agent/tool';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import { localDateOf, localTimeOf } from '@pocketeer/core/schedule/zoned';
import type { FilesDep } from '@pocketeer/core/space/space';
import * as v from 'valibot';
import { defineTool, done, refused } from './define-tool.ts';
import { date, text } from './fields.ts';
import { actorOf, doneBefore, fileReceipt, oneLine, receiptOfPatch } from './file-changes.ts';
import { fileErrorOutcome } from './file-errors.ts';
import { fileKeys } from './file-keys.ts';

/** Adds a line to the journal. */
export function journalAdd(deps: FilesDep & ClockDep): Tool {
	return defineTool({
		name: 'journal_add',
		description:
			'Adds one line to the journal of a day: what happened, what was done, how it went. The time is put in front. #tags and [[links]] in the text are kept. Lasting facts go to remember or note_about_person instead.',
		input: v.strictObject({
			text: text('What happened, in one line, such as "Ran 5 km with Anna #sport".'),
			date: v.optional(date('Day it belongs to, if not today, such as 2026-11-19.')),
			time: v.optional(
				v.pipe(
					v.string(),
					v.regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'it must be a time such as 08:30'),
					v.description('Local time, if not now, such as 08:30.'),
				),
			),
		}),
		example: { text: 'Ran 5 km with Anna #sport' },
		isIdempotent: true,
		worksOn: (input) => fileKeys(`journal/${input.date ?? localDateOf(deps.clock.now(), deps.clock.zone())}.md`),
		async run(input, call) {
			const [now, zone] = [deps.clock.now(), deps.clock.zone()];
			const today = localDateOf(now, zone);
			const day = input.date ?? today;
			if (day > today)
				return refused(
					`The argument "date" is not accepted: ${day} is still to come; today is ${today}. For what is to come use remind or remember.`,
				);
			const path = `journal/${day}.md`;
			const time = input.time ?? localTimeOf(now, zone);
			const line = `- ${time} | ${oneLine(input.text)}`;
			const before = (await doneBefore(deps.files, path, call)) ?? (await doneYesterday(path));
			if (before) return done(`Added to ${path}: ${line}`, receiptOfPatch(deps.files, path, before));
			const isNew = !deps.files.find(path);
			const added = await deps.files.append({ path, text: line }, actorOf(call, undefined));
			if (!added.ok) return fileErrorOutcome(added.error);
			return done(`Added to ${path}: ${line}`, [fileReceipt(isNew ? 'created' : 'edited', added.value)]);

			/** A call that was cut off before midnight wrote to the page of the day before. */
			async function doneYesterday(present: string) {
				const yesterday = `journal/${localDateOf(now - 86_400_000, zone)}.md`;
				return input.date || yesterday === present ? undefined : doneBefore(deps.files, yesterday, call);
			}
		},
	});
}
