import {
	APIConnectionError,
	APIConnectionTimeoutError,
	APIError,
	APIUserAbortError,
} from '@anthropic-ai/sdk/core/error';
import { ModelFailure } from '../../ports/model.ts';
import type { Failure } from '../failures.ts';

/** Translates whatever the SDK throws; the only place that knows its errors. */
export function failureOf(error: unknown, model: string): Failure {
	if (error instanceof ModelFailure) return error.failure;
	// An abort nobody asked for, and a request that was sent and never answered.
	if (error instanceof APIUserAbortError || error instanceof APIConnectionTimeoutError) return { type: 'Cut' };
	if (error instanceof APIConnectionError) return { type: 'NoNetwork' };
	if (error instanceof APIError) return ofApiError(error, model);
	if (error instanceof SyntaxError) return { type: 'Unreadable', reason: 'A part of the answer was not valid JSON.' };
	// What the platform throws when a response breaks off while it is read: TypeError in browsers, others elsewhere.
	return { type: 'Cut' };
}

/** Which optional part of a request an endpoint refused by name, if that is why it refused. */
export function namesUnsupported(error: unknown): 'thinking' | 'cache_control' | 'ttl' | 'serverTools' | undefined {
	if (!(error instanceof APIError) || (error.status !== 400 && error.status !== 422)) return undefined;
	const message = messageOf(error);
	// Whatever it says of them: without them the call can be made.
	if (isAboutServerTools(message)) return 'serverTools';
	if (!/not support|unsupported|not permitted|extra input|unexpected|unknown|unrecognized|adaptive/i.test(message)) {
		return undefined;
	}
	if (/\bttl\b/.test(message)) return 'ttl';
	if (/cache_control/.test(message)) return 'cache_control';
	return /thinking/i.test(message) && !/signature|block/i.test(message) ? 'thinking' : undefined;
}

/** Also said where an organisation has them switched off, and by endpoints that want a schema for every tool. */
function isAboutServerTools(message: string): boolean {
	if (/web_(search|fetch)(_tool_result|_result)/.test(message)) return false;
	return /web[_ ](search|fetch)/i.test(message) || /tools\.\d+[^ ]*: .*(input_schema|type)/.test(message);
}

/** Whether an endpoint has no list of models, which says nothing about its messages. */
export function isListingUnsupported(error: unknown): boolean {
	return error instanceof APIError && [404, 405, 501].includes(error.status ?? 0);
}

function ofApiError(error: APIError, model: string): Failure {
	const message = messageOf(error);
	// Some proxies give their own status to what the service said.
	if (error.type === 'overloaded_error') return { type: 'Overloaded' };
	const status = error.status ?? statusOfType(error.type);
	switch (status) {
		case 400:
		case 422:
			if (/credit balance|billing|purchase credits/i.test(message)) return { type: 'NoCredit' };
			if (/prompt is too long|too many tokens|exceeds? the (context|maximum)/i.test(message))
				return { type: 'TooLarge' };
			return { type: 'Rejected', message };
		case 401:
			return /CORS requests are not allowed/i.test(message) ? { type: 'CorsRefused' } : { type: 'WrongKey' };
		case 402:
			return { type: 'NoCredit' };
		case 403:
			return { type: 'Forbidden', message };
		case 404:
			// An address without such an API says so too, some of them in the same form.
			return /\bmodel\b/i.test(message) ? { type: 'UnknownModel', model } : NO_API;
		case 405:
		case 501:
			return NO_API;
		case 413:
			return { type: 'TooLarge' };
		case 429:
			return isSpendLimit(error) ? { type: 'SpendLimit' } : { type: 'RateLimited', retryAfterMs: retryAfterMs(error) };
		case 529:
			return { type: 'Overloaded' };
		default:
			if (status >= 500 || PASSING.has(status)) return { type: 'ServiceFailed', status };
			return { type: 'Unreadable', reason: `The address answered with status ${status}.` };
	}
}

const NO_API: Failure = { type: 'Unreadable', reason: 'There is no Messages API at this address.' };

/** Request timeout, conflict, too early, and what some proxies say when either side hung up: the next try may go through. */
const PASSING: ReadonlySet<number> = new Set([408, 409, 425, 499]);

/** An error in mid-stream has no status of its own. */
function statusOfType(type: APIError['type']): number {
	switch (type as string | null) {
		case 'rate_limit_error':
			return 429;
		case 'authentication_error':
			return 401;
		case 'billing_error':
			return 402;
		case 'permission_error':
			return 403;
		case 'invalid_request_error':
			return 400;
		case 'not_found_error':
			return 404;
		case 'request_too_large':
			return 413;
		case 'timeout_error':
			return 504;
		default:
			return 500;
	}
}

function isSpendLimit(error: APIError): boolean {
	const code = error.errorCode ?? '';
	// Also where a proxy moved the code into the message or the type.
	return /spend_limit_reached/.test(`${code} ${error.type ?? ''} ${messageOf(error)}`);
}

/** Through CORS the headers are often unreadable, and proxies write what they like: then nothing is known. */
function retryAfterMs(error: APIError): number | undefined {
	const inMs = readCount(error.headers?.get('retry-after-ms'));
	const inSeconds = readCount(error.headers?.get('retry-after'));
	return inMs ?? (inSeconds === undefined ? undefined : inSeconds * 1000);
}

function readCount(header: string | null | undefined): number | undefined {
	const count = header?.trim() ? Number(header) : Number.NaN;
	return Number.isFinite(count) && count >= 0 ? count : undefined;
}

function messageOf(error: APIError): string {
	return error.apiMessage ?? error.message;
}
