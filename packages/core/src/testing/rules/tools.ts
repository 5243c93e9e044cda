import { isJsonObject, type JsonObject } from '../../json.ts';
import {
	type Check,
	cacheControl,
	count,
	type Fields,
	fields,
	filledText,
	firstRefusal,
	flag,
	listOf,
	matching,
	nullable,
	object,
	oneOf,
	type Refusal,
	refuseFields,
	tagged,
	text,
} from './checks.ts';

/** What the API takes as the name of a tool. */
export const TOOL_NAME = /^[a-zA-Z0-9_-]{1,128}$/;
const MOST_TOOLS = 10_000;

const callers = listOf(
	oneOf('direct', 'code_execution_20250825', 'code_execution_20260120', 'code_execution_20260521'),
);

/** A host, with a path at most: no scheme, no white space. */
const domain: Check = (value, path) =>
	typeof value === 'string' && /^(\*\.)?[^\s/:*]+\.[^\s/:*]+(\/[^\s]*)?$/.test(value)
		? undefined
		: `${path}: a domain is given without its scheme, such as 'example.com' or 'example.com/blog'`;

const common = {
	allowed_callers: callers,
	cache_control: cacheControl,
	defer_loading: flag,
	strict: flag,
};

const serverTool = {
	...common,
	allowed_domains: nullable(listOf(domain)),
	blocked_domains: nullable(listOf(domain)),
	max_uses: nullable(count(1)),
	response_inclusion: oneOf('full', 'excluded'),
};

const CUSTOM: Fields = {
	required: { name: matching(TOOL_NAME), input_schema: schema },
	optional: {
		...common,
		type: nullable(oneOf('custom')),
		description: text,
		eager_input_streaming: nullable(flag),
		input_examples: listOf(object),
	},
};

/** The versions that are known here; the API knows older ones too, which nobody should ask for any more. */
const SERVER_TOOLS: Readonly<Record<string, Fields>> = {
	web_search_20260318: {
		required: { type: text, name: oneOf('web_search') },
		optional: {
			...serverTool,
			user_location: nullable(
				fields({
					required: { type: oneOf('approximate') },
					optional: {
						city: nullable(filledText),
						country: nullable(matching(/^[A-Z]{2}$/)),
						region: nullable(filledText),
						timezone: nullable(filledText),
					},
				}),
			),
		},
	},
	web_fetch_20260318: {
		required: { type: text, name: oneOf('web_fetch') },
		optional: {
			...serverTool,
			citations: nullable(fields({ required: {}, optional: { enabled: flag } })),
			max_content_tokens: nullable(count(1)),
			url_sources: nullable(object),
			use_cache: flag,
		},
	},
};

/** Tools that are not of the form the API asks for, or that share a name. */
export function refuseTools(body: JsonObject): Refusal {
	const tools: readonly unknown[] = Array.isArray(body.tools) ? body.tools : [];
	if (tools.length > MOST_TOOLS) return `tools: at most ${MOST_TOOLS} tools are allowed`;
	const reason = firstRefusal(tools, refuseTool);
	if (reason !== undefined) return reason;
	const names = tools.flatMap((tool) => (isJsonObject(tool) ? [tool.name] : []));
	if (new Set(names).size < names.length) return 'tools: Tool names must be unique.';
	const isAllDeferred = tools.length > 0 && tools.every((tool) => isJsonObject(tool) && tool.defer_loading === true);
	return isAllDeferred ? 'tools: At least one tool must have defer_loading=false.' : undefined;
}

function refuseTool(tool: unknown, index: number): Refusal {
	const path = `tools.${index}`;
	if (!isJsonObject(tool)) return object(tool, path);
	if (tool.defer_loading === true && isJsonObject(tool.cache_control))
		return `${path}: a tool with defer_loading=true cannot have cache_control`;
	if (tool.type === undefined || tool.type === null || tool.type === 'custom')
		return refuseFields(tool, CUSTOM, `${path}.custom`);
	const reason = tagged(SERVER_TOOLS)(tool, path);
	if (reason !== undefined) return reason;
	return Array.isArray(tool.allowed_domains) && Array.isArray(tool.blocked_domains)
		? `${path}: only one of allowed_domains and blocked_domains may be given`
		: undefined;
}

function schema(value: unknown, path: string): Refusal {
	if (!isJsonObject(value)) return object(value, path);
	if (value.type === undefined) return `${path}.type: Field required`;
	if (value.type !== 'object') return `${path}.type: Input should be 'object'`;
	const combined = ['oneOf', 'allOf', 'anyOf'].find((name) => name in value);
	if (combined) return `${path}: input_schema does not support oneOf, allOf, or anyOf at the top level`;
	const { properties, required } = value;
	if (properties !== undefined && properties !== null) {
		if (!isJsonObject(properties)) return object(properties, `${path}.properties`);
		// Names of properties are held to the pattern of names of tools, a few characters aside.
		const bad = Object.keys(properties).find((name) => !/^[a-zA-Z0-9_.-]{1,64}$/.test(name));
		if (bad !== undefined) return `${path}.properties: Property keys should match pattern '^[a-zA-Z0-9_.-]{1,64}$'`;
		const shapeless = Object.entries(properties).find(([, each]) => !isJsonObject(each) && typeof each !== 'boolean');
		if (shapeless) return `${path}.properties.${shapeless[0]}: JSON schema is invalid`;
	}
	if (required === undefined || required === null) return undefined;
	return listOf(text)(required, `${path}.required`);
}
