import type { Question, Tool, ToolCall, ToolOutcome, TrustNeed } from '@pocketeer/core/agent/tool';
import { toJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';

/** One definition of a tool: the model's schema and the check of its arguments are made from the same `input`. */
export interface ToolSpec<Input extends v.GenericSchema> {
	readonly name: string;
	/** For a model: what it does, when to use it and when not. */
	readonly description: string;
	/** A strict object; each field with `v.description`. */
	readonly input: Input;
	/** Arguments that would be accepted; shown when others were not. */
	readonly example: v.InferInput<Input>;
	readonly isReadOnly?: boolean;
	readonly isIdempotent: boolean;
	/** As in `Tool`, each asked only about arguments that fit; others are refused by `run`. */
	worksOn?(input: v.InferOutput<Input>): readonly string[];
	needsTrust?(input: v.InferOutput<Input>): TrustNeed | undefined;
	question?(input: v.InferOutput<Input>): Question;
	readonly timeLimitMs?: number;
	run(input: v.InferOutput<Input>, call: ToolCall): Promise<ToolOutcome>;
}

/** Makes the tool that the loop sees; arguments that do not fit come back as a refusal that names the field. */
export function defineTool<Input extends v.GenericSchema>(spec: ToolSpec<Input>): Tool {
	// What a check demands beyond the type, its description tells.
	const { properties = {}, required = [] } = toJsonSchema(spec.input, { errorMode: 'throw', ignoreActions: ['check'] });
	const input_schema: Tool['definition']['input_schema'] = {
		type: 'object',
		properties,
		required: [...required],
		additionalProperties: false,
	};
	// An array would pass for an object without fields.
	const parse = (input: unknown) => v.safeParse(spec.input, Array.isArray(input) ? undefined : input);
	const { worksOn, needsTrust, question, timeLimitMs } = spec;
	/** Asks about the call, unless its arguments do not fit. */
	const ifFitting =
		<T>(ask: (fitting: v.InferOutput<Input>) => T, otherwise: T) =>
		(input: unknown): T => {
			const parsed = parse(input);
			return parsed.success ? ask(parsed.output) : otherwise;
		};
	return {
		definition: { name: spec.name, description: spec.description, input_schema },
		isReadOnly: spec.isReadOnly ?? false,
		isIdempotent: spec.isIdempotent,
		...(worksOn ? { worksOn: ifFitting((input) => worksOn(input), []) } : {}),
		...(needsTrust ? { needsTrust: ifFitting((input) => needsTrust(input), undefined) } : {}),
		...(question ? { question: ifFitting<Question | undefined>((input) => question(input), undefined) } : {}),
		...(timeLimitMs === undefined ? {} : { timeLimitMs }),
		async run(input, call) {
			const parsed = parse(input);
			if (parsed.success) return spec.run(parsed.output, call);
			return refused(`${whatIsWrong(parsed.issues)} Example: ${spec.name}(${JSON.stringify(spec.example)})`);
		},
	};
}

/** What was asked for happened. */
export function done(result: string, receipts: ToolOutcome['receipts'] = []): ToolOutcome {
	return { outcome: 'done', result, receipts };
}

/** Nothing happened, for a reason the model can act on. */
export function refused(reason: string): ToolOutcome {
	return { outcome: 'refused', result: reason, receipts: [] };
}

/** Nothing happened, for a reason outside of the conversation. */
export function failed(reason: string): ToolOutcome {
	return { outcome: 'failed', result: reason, receipts: [] };
}

function whatIsWrong(issues: readonly v.BaseIssue<unknown>[]): string {
	return issues
		.slice(0, 3)
		.map((issue) => {
			const field = v.getDotPath(issue);
			if (field === null) return 'The arguments must be one JSON object.';
			if (issue.expected === 'never') return `There is no argument "${field}".`;
			if (issue.received === 'undefined') return `The argument "${field}" is missing.`;
			if (issue.kind === 'schema') return `The argument "${field}" must be ${issue.expected}, not ${issue.received}.`;
			return `The argument "${field}" is not accepted: ${issue.message}.`;
		})
		.join(' ');
}
