import * as v from 'valibot';

/** Left out and empty are the same to the scheduler. */
function said(description: string) {
	return v.pipe(v.string(), v.description(description));
}

/** Arguments of everything that is scheduled. Exactly one of when and every. */
export const timeFields = {
	when: v.exactOptional(
		said(
			'Once: local time as 2026-12-01T09:00, or in the words of the person, such as "tomorrow at 9" or "in 20 minutes". Never convert to UTC.',
		),
	),
	every: v.exactOptional(
		said(
			'Again and again: words such as "weekdays at 8:30" or "monthly on the 1st at 10", cron with five fields such as "0 8 * * 1-5", or a duration such as PT30M.',
		),
	),
	zone: v.exactOptional(said('IANA time zone such as Europe/Athens, only if another than the person is in now.')),
};
