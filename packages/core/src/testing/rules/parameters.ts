import { isJsonObject, type JsonObject } from '../../json.ts';
import {
	cacheControl,
	count,
	type Fields,
	fields,
	filledText,
	flag,
	listOf,
	nullable,
	object,
	oneOf,
	type Refusal,
	refuseFields,
	tagged,
	text,
} from './checks.ts';

const type = (name: string) => ({ type: oneOf(name) });
const display = nullable(oneOf('summarized', 'omitted'));

/** What a request may hold beside its prompt. Sampling parameters are among what it may not. */
const PARAMETERS: Fields = {
	required: {
		model: filledText,
		max_tokens: count(0),
		messages: listOf(object),
	},
	optional: {
		cache_control: cacheControl,
		container: nullable(text),
		diagnostics: nullable(fields({ required: {}, optional: { previous_message_id: nullable(filledText) } })),
		inference_geo: nullable(text),
		metadata: fields({ required: {}, optional: { user_id: nullable(text) } }),
		output_config: fields({
			required: {},
			optional: { effort: nullable(oneOf('low', 'medium', 'high', 'xhigh', 'max')), format: nullable(object) },
		}),
		service_tier: oneOf('auto', 'standard_only'),
		speed: nullable(oneOf('standard', 'fast')),
		stop_sequences: listOf(filledText),
		stream: flag,
		system: (value, path) => (typeof value === 'string' ? undefined : listOf(object)(value, path)),
		thinking: tagged({
			adaptive: { required: type('adaptive'), optional: { display } },
			disabled: { required: type('disabled') },
			between_tools: { required: type('between_tools') },
			enabled: { required: { ...type('enabled'), budget_tokens: count(1024) }, optional: { display } },
		}),
		tool_choice: (value, path) => {
			if (isJsonObject(value) && (value.type === 'any' || value.type === 'tool'))
				return `${path}: forcing tool use is not supported by this model`;
			return tagged({
				auto: { required: type('auto'), optional: { disable_parallel_tool_use: flag } },
				none: { required: type('none') },
			})(value, path);
		},
		tools: listOf(object),
		user_profile_id: text,
		workspace_id: text,
	},
};

/** The API takes no more in one request. */
const MOST_MESSAGES = 100_000;

/** Parameters that are missing, unknown, of another form or out of bounds. */
export function refuseParameters(body: JsonObject, maxOutputTokens: number): Refusal {
	const reason = refuseFields(body, PARAMETERS, '');
	if (reason !== undefined) return reason;
	const { messages, max_tokens: maxTokens, thinking, tools } = body;
	if (!Array.isArray(messages) || messages.length === 0) return 'messages: at least one message is required';
	if (messages.length > MOST_MESSAGES) return `messages: at most ${MOST_MESSAGES} messages are allowed`;
	if (Number(maxTokens) > maxOutputTokens) {
		return `max_tokens: ${maxTokens} > ${maxOutputTokens}, which is the maximum allowed number of output tokens for ${body.model}`;
	}
	if (isJsonObject(thinking) && Number(thinking.budget_tokens) >= Number(maxTokens)) {
		return '`max_tokens` must be greater than `thinking.budget_tokens`';
	}
	const hasTools = Array.isArray(tools) && tools.length > 0;
	if (body.tool_choice !== undefined && !hasTools) return 'tool_choice may only be specified while providing tools';
	return undefined;
}
