import type { ServerResponse } from 'node:http';

/** A refusal as the API sends it. */
export type ServerFault =
	| 'wrong-key'
	| 'cors'
	| 'no-credit'
	| 'no-credit-400'
	| 'forbidden'
	| 'too-large'
	| 'spend-limit'
	| 'overloaded'
	| 'failed'
	/** No answer at all: the connection is closed. */
	| 'disconnect'
	/** A page of a captive portal: 200, and HTML. */
	| 'html'
	/** 200, and a whole message as JSON where a stream was asked for. */
	| 'json'
	/** 200, an event stream, and nothing in it. */
	| 'empty'
	/** Takes the request and says nothing, until the client gives up. */
	| 'silence'
	/** Any status with any body, as a proxy in between may answer. */
	| {
			readonly type: 'status';
			readonly status: number;
			/** Of an error body as the API sends it; without one, `body` is sent. */
			readonly error?: Omit<ApiError, 'status' | 'headers'>;
			readonly body?: string;
			readonly headers?: Readonly<Record<string, string>>;
	  }
	| { readonly type: 'rate-limit'; readonly retryAfterSeconds?: number }
	| { readonly type: 'bad-request'; readonly message: string };

/** An error as its body and status say it. */
export interface ApiError {
	readonly status: number;
	readonly type: string;
	readonly message: string;
	readonly code?: string;
	readonly headers?: Readonly<Record<string, string>>;
}

function apiErrorOf(fault: ServerFault): ApiError | undefined {
	if (typeof fault === 'object' && fault.type === 'status') {
		return fault.error && { status: fault.status, ...fault.error, headers: fault.headers ?? {} };
	}
	if (typeof fault === 'object') {
		if (fault.type === 'bad-request') return { status: 400, type: 'invalid_request_error', message: fault.message };
		const wait: Record<string, string> =
			fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) };
		return {
			status: 429,
			type: 'rate_limit_error',
			message: 'Number of requests has exceeded your rate limit',
			headers: wait,
		};
	}
	switch (fault) {
		case 'wrong-key':
			return { status: 401, type: 'authentication_error', message: 'invalid bearer token' };
		case 'cors':
			return {
				status: 401,
				type: 'authentication_error',
				message: 'CORS requests are not allowed for this Organization because of its settings',
			};
		case 'no-credit':
			return { status: 402, type: 'billing_error', message: 'Payment is required' };
		case 'no-credit-400':
			return {
				status: 400,
				type: 'invalid_request_error',
				message: 'Your credit balance is too low to access the Anthropic API.',
			};
		case 'forbidden':
			return { status: 403, type: 'permission_error', message: 'Your API key may not use this model.' };
		case 'too-large':
			return { status: 413, type: 'request_too_large', message: 'Request exceeds the maximum size' };
		case 'spend-limit':
			return {
				status: 429,
				type: 'rate_limit_error',
				message: 'You have reached your monthly usage threshold.',
				code: 'enforced_spend_limit_reached',
			};
		case 'overloaded':
			return { status: 529, type: 'overloaded_error', message: 'Overloaded' };
		case 'failed':
			return { status: 500, type: 'api_error', message: 'Internal server error' };
		case 'disconnect':
		case 'html':
		case 'json':
		case 'empty':
		case 'silence':
			return undefined;
	}
}

/** The status a fault is answered with; 0 for none at all. */
export function statusOf(fault: ServerFault): number {
	if (typeof fault === 'object' && fault.type === 'status') return fault.status;
	const isNothing = fault === 'disconnect' || fault === 'silence';
	return apiErrorOf(fault)?.status ?? (isNothing ? 0 : 200);
}

/** Answers with a fault. */
export function sendFault(response: ServerResponse, fault: ServerFault): void {
	const error = apiErrorOf(fault);
	if (error) {
		sendError(response, error);
		return;
	}
	if (typeof fault === 'object') {
		const { headers = {}, body = '' } = fault.type === 'status' ? fault : {};
		response.writeHead(statusOf(fault), { 'content-type': 'text/html', ...headers }).end(body);
		return;
	}
	switch (fault) {
		case 'disconnect':
			response.destroy();
			return;
		case 'silence':
			return;
		case 'json':
			response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(WHOLE));
			return;
		case 'empty':
			response.writeHead(200, { 'content-type': 'text/event-stream' }).end();
			return;
		default:
			response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Please log in</title>');
	}
}

const WHOLE = { id: 'msg', type: 'message', role: 'assistant', content: [{ type: 'text', text: 'Hi' }] };

/** Answers with an error of the API. */
export function sendError(response: ServerResponse, { status, type, message, code, headers = {} }: ApiError): void {
	const details = code === undefined ? {} : { details: { error_code: code } };
	const body = { type: 'error', error: { type, message, ...details }, request_id: 'req_test' };
	response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
