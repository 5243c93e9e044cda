import * as v from 'valibot';

/** A text that says something, with its description for the model. */
export function text(description: string) {
	return v.pipe(
		v.string(),
		v.check((value) => value.trim() !== '', 'it is empty'),
		v.description(description),
	);
}

/** A whole number in a range, with its description for the model. */
export function count(description: string, { from, to }: { readonly from: number; readonly to: number }) {
	return v.pipe(
		v.number(),
		v.integer(`it must be a whole number from ${from} to ${to}`),
		v.minValue(from, `it must be a whole number from ${from} to ${to}`),
		v.maxValue(to, `it must be a whole number from ${from} to ${to}`),
		v.description(description),
	);
}

/** A calendar date `2026-11-20`. */
export function date(description: string) {
	return v.pipe(v.string(), v.isoDate('it must be a date such as 2026-11-20'), v.description(description));
}

/** Why a file is changed; kept in its history. */
export const reason = v.optional(
	v.pipe(
		v.string(),
		v.maxLength(200, 'it is longer than 200 characters'),
		v.description('Why, in a few words; kept in the history of the file.'),
	),
);
