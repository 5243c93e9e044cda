import type { Tool } from '@pocketeer/core/agent/tool';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import { localDateOf } from '@pocketeer/core/schedule/zoned';
import type { FilesDep } from '@pocketeer/core/space/space';
import * as v from 'valibot';
import { defineTool, done } from './define-tool.ts';
import { count } from './fields.ts';

const MOST = 500;

/** Lists the workspace. */
export function listFiles(deps: FilesDep & ClockDep): Tool {
	return defineTool({
		name: 'list_files',
		description:
			'Lists the files of the workspace with the date of their last change. Use it to see what exists before you read or write. To find something by its content use search_files instead; for reminders and nudges use list_tasks.',
		input: v.strictObject({
			folder: v.optional(
				v.pipe(
					v.string(),
					v.description('Only files below this folder, such as "notes" or "people/anna". Everything when left out.'),
				),
			),
			limit: v.optional(count('Most files to list. Default 200.', { from: 1, to: MOST })),
		}),
		example: { folder: 'notes' },
		isReadOnly: true,
		isIdempotent: true,
		async run({ folder, limit = 200 }) {
			const prefix = folder?.trim().replace(/^\/+|\/+$/g, '') ?? '';
			const files = deps.files
				.list()
				.filter(({ path }) => prefix === '' || path === prefix || path.startsWith(`${prefix}/`));
			if (files.length === 0) return done(prefix ? `There are no files below ${prefix}/.` : 'There are no files.');
			const zone = deps.clock.zone();
			const lines = files
				.slice(0, limit)
				.map(
					({ path, touched, isDefault }) =>
						`${path} (${isDefault ? 'as shipped' : `changed ${localDateOf(touched, zone)}`})`,
				);
			const more = files.length - lines.length;
			return done(more > 0 ? `${lines.join('\n')}\n… and ${more} more; give a folder.` : lines.join('\n'));
		},
	});
}
