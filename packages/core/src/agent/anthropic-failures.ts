import {
	APIConnectionError,
	APIConnectionTimeoutError,
	APIError,
	APIUserAbortError,
} from '@anthropic-ai/sdk/core/error';
import { ModelFailure } from '../ports/model.ts';
import type { Failure } from './failures.ts';

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
export function namesUnsupported(error: unknown): 'thinking' | 'cache_control' | undefined {
	if (!(error instanceof APIError) || (error.status !== 400 && error.status !== 422)) return undefined;
	const message = messageOf(error);
	if (!/not support|unsupported|not permitted|extra input|unexpected|unknown|unrecognized|adaptive/i.test(message)) {
		return undefined;
	}
	if (/cache_control/.test(message)) return 'cache_control';
	return /thinking/i.test(message) && !/signature|block/i.test(message) ? 'thinking' : undefined;
}

/** Whether an endpoint has no list of models, which says nothing about its messages. */
export function isListingUnsupported(error: unknown): boolean {
	return error instanceof APIError && [404, 405, 501].includes(error.status ?? 0);
}

function ofApiError(error: APIError, model: string): Failure {
	const message = messageOf(error);
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
			if (error.type === 'not_found_error') return { type: 'UnknownModel', model };
			return { type: 'Unreadable', reason: 'There is no Messages API at this address.' };
		case 413:
			return { type: 'TooLarge' };
		case 429:
			return isSpendLimit(error) ? { type: 'SpendLimit' } : { type: 'RateLimited', retryAfterMs: retryAfterMs(error) };
		case 529:
			return { type: 'Overloaded' };
		default:
			if (status !== undefined && (status >= 500 || status === 408 || status === 409))
				return { type: 'ServiceFailed', status };
			return { type: 'Unreadable', reason: `The address answered with status ${status ?? 'unknown'}.` };
	}
}

/** An error in mid-stream has no status of its own. */
function statusOfType(type: APIError['type']): number | undefined {
	switch (type) {
		case 'overloaded_error':
			return 529;
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
		case 'timeout_error':
			return 408;
		default:
			return 500;
	}
}

function isSpendLimit(error: APIError): boolean {
	const code = error.errorCode ?? '';
	// Also where a proxy moved the code into the message or the type.
	return /spend_limit_reached/.test(`${code} ${error.type ?? ''} ${messageOf(error)}`);
}

/** Through CORS the header is often unreadable: then nothing is known. */
function retryAfterMs(error: APIError): number | undefined {
	const header = error.headers?.get('retry-after');
	const seconds = header ? Number(header) : Number.NaN;
	return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

function messageOf(error: APIError): string {
	return error.apiMessage ?? error.message;
}
